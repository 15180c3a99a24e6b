// npm run bench:energy -- MODEL: how long the energy report and its page take once the model is loaded,
// the first time in a fresh process and afterwards, and how large the page is.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { load } from '../dist/index.js';
import { energyPage } from '../dist/microjoule.energy-page.js';

const path = process.argv[2] ?? '../shared/models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite';
const model = await load(new Uint8Array(readFileSync(path)), { name: basename(path) });

/** The page of the command: the report, two other reuse models, the flat price. */
function report() {
  const start = performance.now();
  const own = model.energy();
  const energyMs = performance.now() - start;
  const others = [
    model.energy({ reuse: 'tiled' }),
    model.energy({ reuse: 'none' }),
    model.energy({ table: 'flat' }),
  ];
  const page = energyPage(own, { others, date: '2026-01-01' });
  return { energyMs, allMs: performance.now() - start, bytes: Buffer.byteLength(page) };
}

const ms = (value) => `${value.toFixed(1)} ms`;
const first = report();
const later = Array.from({ length: 20 }, report);
const median = (of) => later.map(of).sort((a, b) => a - b)[10];
console.log(`${basename(path)}, ${model.plan.steps.length} steps, Node ${process.versions.node}`);
console.log(
  `energy()               ${ms(first.energyMs)} at first, ${ms(median((x) => x.energyMs))} later`,
);
console.log(
  `all reports and page   ${ms(first.allMs)} at first, ${ms(median((x) => x.allMs))} later`,
);
console.log(`page                   ${(first.bytes / 1000).toFixed(1)} kB`);
