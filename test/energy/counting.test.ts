import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { movesOf } from '../../src/energy/moves.ts';
import { energyOf } from '../../src/energy/report.ts';
import { tallyPlan } from '../../src/energy/tally.ts';
import { readModel } from '../../src/formats/table.ts';
import { catalogue } from '../../src/kernels/catalogue.ts';
import { instantiate } from '../../src/kernels/instantiate.ts';
import { type Dots, noDots } from '../../src/kernels/kernel.ts';
import { parameterBytes } from '../../src/kernels/packConv.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan, type StepPart } from '../../src/plan/plan.ts';
import { makeMemory } from '../../src/run/memory.ts';
import { hasShared, sharedPath } from '../shared.ts';
import { countLoads, loadsOf, type Region } from './countLoads.ts';

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
    new WebAssembly.Module(countLoads(readFileSync(`build/kernels.${build}.wasm`))),
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

/** Kernels may read so many bytes past an operand. */
const beyond = 64;

/** Where a part finds its weights, its input, and copies of them. */
function regionsOf({ kernel, work, at }: StepPart): readonly Region[] {
  const { pack, scratchBytes } = catalogue.find(({ name }) => name === kernel)!;
  const scratch = { begin: at.scratch, bytes: scratchBytes?.(work) ?? 0 };
  if (work.family === 'matMulF32') {
    const bytes = movesOf(work).moved.inputBytes;
    return [{ begin: at.inputs[1]!, bytes }, { begin: at.inputs[0]!, bytes }, scratch];
  }
  // Constants of the rounding are no weights.
  const constants = work.family === 'convU8' ? parameterBytes : 0;
  return [
    { begin: at.packed + constants, bytes: (pack?.(work).length ?? 0) - constants },
    { begin: at.inputs[0] ?? 0, bytes: movesOf(work).moved.inputBytes + beyond },
    scratch,
  ];
}

/** What each step computes and loads while it runs. */
async function count(path: string, build: string, dots: Dots, threads: number) {
  const graph = optimize(await readModel(new Uint8Array(readFileSync(path)), path));
  const layout = makePlan(graph, { dots, threads });
  const memory = makeMemory(layout, false);
  const exports = instantiate(modules.get(build)!, memory);
  const countedMacs = exports.counted_macs as unknown as () => number;
  const loads = loadsOf(exports as unknown as Readonly<Record<string, WebAssembly.Global>>);
  countedMacs();
  const counted = layout.plan.steps.map(({ parts }) => {
    const loaded = parts.map((part) => {
      loads.begin(regionsOf(part));
      exports[part.kernel]!(part.argumentsAt);
      return loads.counts();
    });
    const [weights, inputs, copies] = [0, 1, 2].map((i) =>
      loaded.reduce((sum, one) => sum + one[i]!, 0),
    ) as [number, number, number];
    return { macs: countedMacs(), weights, inputs, copies };
  });
  const bytes = new Uint8Array(memory.buffer);
  const tally = tallyPlan(path, layout.plan, (address) => bytes.subarray(address));
  return { plan: layout.plan, counted, tally, report: energyOf(tally) };
}

describe.each(machines)('%s', (_, build, dots) => {
  test.each(paths.map((path) => [basename(path), path]))('%s', async (_, path) => {
    const { plan, counted, tally, report } = await count(path!, build, dots, 1);
    const rows = report.layers.map(({ name, kernel, macs }, i) => [i, name, kernel, macs.executed]);
    expect(rows).toEqual(
      plan.steps.map(({ name, kernel }, i) => [i, name, kernel, counted[i]!.macs]),
    );
    expect(report.macs.nominal).toBe(plan.macs);
    expect(report.macs.executed).toBe(counted.reduce((sum, { macs }) => sum + macs, 0));
    // Beside the operands of products, kernels load biases, scales, offsets, and what they copy.
    const total = { reads: 0, loads: 0 };
    tally.layers.forEach(({ name, kernel, product }, i) => {
      if (product === undefined) return;
      const reads = product.reads!;
      const { weights, inputs, copies } = counted[i]!;
      expect(reads.weights, `${name} ${kernel}`).toBeLessThanOrEqual(weights + copies);
      expect(reads.inputs, `${name} ${kernel}`).toBeLessThanOrEqual(inputs + copies);
      const loads = weights + inputs + copies;
      expect(reads.weights + reads.inputs, `${name} ${kernel}`).toBeLessThanOrEqual(loads);
      total.reads += reads.weights + reads.inputs;
      total.loads += loads;
    });
    expect(total.reads).toBeGreaterThanOrEqual(0.65 * total.loads);
  });
});

test.each(modelsIn('models').map((path) => [basename(path), path]))(
  '%s, shared by three threads',
  async (_, path) => {
    const { plan, counted, report } = await count(path!, 'unsigned', machines[2]![2], 3);
    expect(plan.threads).toBeGreaterThan(1);
    expect(report.layers.map(({ macs }) => macs.executed)).toEqual(counted.map(({ macs }) => macs));
  },
);
