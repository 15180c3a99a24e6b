import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { energyOf } from '../../src/energy/report.ts';
import { tallyPlan } from '../../src/energy/tally.ts';
import { readModel } from '../../src/formats/table.ts';
import { instantiate } from '../../src/kernels/instantiate.ts';
import { type Dots, noDots } from '../../src/kernels/kernel.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { makeMemory } from '../../src/run/memory.ts';
import { hasShared, sharedPath } from '../shared.ts';

/** The builds that count, and the machines that each emulates. */
const machines: readonly [name: string, build: string, dots: Dots][] = [
  ['without relaxed dots', 'unsigned', noDots],
  ['with dots of pairs', 'unsigned', { quads: 'none', pairs: 'unsigned' }],
  ['with dots of four unsigned bytes', 'unsigned', { quads: 'unsigned', pairs: 'unsigned' }],
  ['with dots of four signed bytes', 'signed', { quads: 'signed', pairs: 'none' }],
];
const modules = new Map(
  ['unsigned', 'signed'].map((build) => [
    build,
    new WebAssembly.Module(readFileSync(`build/kernels.${build}.wasm`)),
  ]),
);

/** They hold operators that we do not run. */
const others = ['keras_lstm_mnist_ptq.tflite', 'unsupported_qonnx_quant.onnx'];

function modelsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /\.(onnx|tflite)$/.test(file) && !others.includes(file))
    .map((file) => join(folder, file));
}

const paths = [
  ...modelsIn('models'),
  ...(hasShared
    ? [...modelsIn(sharedPath('models/onnx')), ...modelsIn(sharedPath('models/tflite'))]
    : []),
];

/** What each step computes while it runs. */
async function count(path: string, build: string, dots: Dots, threads: number) {
  const graph = optimize(await readModel(new Uint8Array(readFileSync(path)), path));
  const layout = makePlan(graph, { dots, threads });
  const memory = makeMemory(layout, false);
  const exports = instantiate(modules.get(build)!, memory);
  const countedMacs = exports.counted_macs as unknown as () => number;
  countedMacs();
  const counted = layout.plan.steps.map(({ parts }) => {
    for (const { kernel, argumentsAt } of parts) exports[kernel]!(argumentsAt);
    return countedMacs();
  });
  const bytes = new Uint8Array(memory.buffer);
  const tally = tallyPlan(path, layout.plan, (address) => bytes.subarray(address));
  return { plan: layout.plan, counted, report: energyOf(tally) };
}

describe.each(machines)('%s', (_, build, dots) => {
  test.each(paths.map((path) => [basename(path), path]))('%s', async (_, path) => {
    const { plan, counted, report } = await count(path!, build, dots, 1);
    const rows = report.layers.map(({ name, kernel, macs }, i) => [i, name, kernel, macs.executed]);
    expect(rows).toEqual(plan.steps.map(({ name, kernel }, i) => [i, name, kernel, counted[i]]));
    expect(report.macs.nominal).toBe(plan.macs);
    expect(report.macs.executed).toBe(counted.reduce((sum, n) => sum + n, 0));
  });
});

test.each(modelsIn('models').map((path) => [basename(path), path]))(
  '%s, shared by three threads',
  async (_, path) => {
    const { plan, counted, report } = await count(path!, 'unsigned', machines[2]![2], 3);
    expect(plan.threads).toBeGreaterThan(1);
    expect(report.layers.map(({ macs }) => macs.executed)).toEqual(counted);
  },
);
