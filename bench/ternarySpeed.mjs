// npm run bench:ternary:speed: ternary layers beside the int8 kernels that have the same shape, and
// MobileNetV1 with ternary 1x1 layers beside itself in int8 and beside native onnxruntime, one thread.
// Every class of kernels that this machine and Node can run is measured in a process of its own; the
// figures go to bench/results/ternary-speed.json, from which npm run generate:ternary makes the page.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installPeers } from './peers/install.mjs';
import { machineFacts, withoutVnni } from './peers/machine.mjs';
import { fromRoot } from './peers/paths.mjs';
import { resultFolder, writeResult } from './peers/results.mjs';
import { median } from './peers/statistics.mjs';
import { ternaryTwin } from './ternaryTwin.mjs';

const model = fromRoot('../shared/models/onnx/mobilenet_v1_1_0_224_qlinear.onnx');
const shape = [1, 3, 224, 224];
const rounds = 15;
const burstMs = 100;
const warmMs = 1200;

const settings = [
  { flags: [], binary: 'relaxed' },
  { flags: withoutVnni, binary: 'relaxed' },
  { flags: [], binary: 'baseline' },
];

const [task, binary] = process.argv.slice(2);
if (task === 'networks') process.stdout.write(JSON.stringify(await networks(binary)));
else main();

function main() {
  const { 'onnxruntime-node': onnxruntime } = installPeers(['onnxruntime-node']);
  const classes = {};
  for (const { flags, binary } of settings) {
    const run = (...args) =>
      JSON.parse(execFileSync(process.execPath, [...flags, ...args], { maxBuffer: 2 ** 28 }));
    const bench = run(
      fromRoot('dist/cli.js'),
      'bench',
      '--filter',
      'ternary',
      '--json',
      '--binary',
      binary,
    );
    const name = classOf(bench);
    if (name in classes) continue;
    console.error(`${name}: ${bench.rows.length} rows`);
    const networks = run(fileURLToPath(import.meta.url), 'networks', binary);
    for (const { title, medianMs } of networks)
      console.error(`  ${title} ${medianMs.toFixed(2)} ms`);
    classes[name] = { layers: layersOf(bench), networks };
  }
  const path = `${resultFolder}/ternary-speed.json`;
  const node = process.versions.node;
  writeResult(path, {
    date: new Date().toISOString(),
    machine: { ...machineFacts(), node },
    onnxruntime,
    classes,
  });
  console.error(`wrote ${path}`);
}

function classOf({ binary, dots: { quads, pairs } }) {
  if (binary === 'baseline') return 'baseline';
  return quads !== 'none' ? quads : pairs !== 'none' ? 'saturating' : 'other';
}

/** For each shape what the plan takes, and the fastest kernel for any weights. */
function layersOf({ rows }) {
  const shapes = [
    ...new Set(rows.filter(({ nonZeroMacs }) => nonZeroMacs).map((row) => row.shape)),
  ];
  return shapes.map((shape) => {
    const own = rows.filter((row) => row.shape === shape);
    const figures = (row) =>
      row && { kernel: row.kernel, us: 1000 * row.timing.medianMs, gmacs: row.macsPerSecond / 1e9 };
    const fastest = (list) => list.sort((a, b) => b.macsPerSecond - a.macsPerSecond)[0];
    return {
      shape,
      pick: figures(own.find(({ isPick }) => isPick)),
      int8: figures(fastest(own.filter(({ kernel }) => !/t2_|winograd/.test(kernel)))),
    };
  });
}

/** Engines in turn, so that what changes on the machine meets them all. */
async function networks(binary) {
  const { load } = await import('../dist/index.js');
  const file = new Uint8Array(readFileSync(model));
  const input = Uint8Array.from({ length: 3 * 224 * 224 }, (_, i) => (i * 2654435761) >>> 24);
  const files = [
    ['int8', file],
    ['ternary, 50 % zeros', await ternaryTwin(file, 0.5)],
    ['ternary, 80 % zeros', await ternaryTwin(file, 0.8)],
  ];
  const racers = [];
  for (const [title, bytes] of files) {
    const network = await load(bytes, { name: title, binary });
    racers.push({ title, run: () => network.run(input) });
  }
  // Signed weights are what it is fastest with: its kernels for AVX-512 VNNI want them.
  const natives = [
    ['native onnxruntime, int8', file],
    ['native onnxruntime, ternary, 80 % zeros, as uint8', files[2][1]],
    ['native onnxruntime, ternary, 80 % zeros, as int8', await ternaryTwin(file, 0.8, 'int8')],
  ];
  for (const [title, bytes] of natives) racers.push({ title, run: await native(bytes, input) });
  await checkSame(racers[2], racers[4]);
  for (const { run } of racers) await burst(run, warmMs);
  for (const racer of racers) racer.samples = [];
  for (let round = 0; round < rounds; round++) {
    for (const racer of racers) racer.samples.push(await burst(racer.run, burstMs));
  }
  return racers.map(({ title, samples }) => ({
    title,
    medianMs: median(samples),
    minMs: Math.min(...samples),
    samples,
  }));
}

async function native(bytes, input) {
  const { InferenceSession, Tensor } = await import(
    './peers/node_modules/onnxruntime-node/dist/index.js'
  );
  const session = await InferenceSession.create(bytes, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds = { [session.inputNames[0]]: new Tensor('uint8', input, shape) };
  return async () => (await session.run(feeds))[session.outputNames[0]].data;
}

async function checkSame(ours, theirs) {
  const [a, b] = [await ours.run(), await theirs.run()];
  if (!a.every((value, i) => value === b[i])) throw new Error(`${theirs.title}: another result`);
}

/** @returns the median milliseconds of a run */
async function burst(run, ms) {
  const samples = [];
  for (const end = performance.now() + ms; performance.now() < end; ) {
    const start = performance.now();
    await run();
    samples.push(performance.now() - start);
  }
  return median(samples);
}
