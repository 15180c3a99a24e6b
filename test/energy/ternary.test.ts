import { describe, expect, test } from 'vitest';
import { energyOf } from '../../src/energy/report.ts';
import { tallyPlan } from '../../src/energy/tally.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { noClamp } from '../../src/graph/node.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import type { GraphBuilder } from '../../src/ops/builder.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { builder, plainWindow, scale } from '../passes/graphs.ts';

const [pixels, inputs, outputs] = [6, 9, 8];
/** A third each of -1, 0 and 1. */
const codes = Array.from({ length: outputs * inputs }, (_, i) => (i % 3) - 1);

const window = { ...plainWindow, groups: 1, ...noClamp };
const real = [{ id: 'y', dtype: 'float32' }] as const;

/** Real weights {-minus, 0, 0.5} of a 1x1 convolution. */
function weightsOf(b: GraphBuilder, minus: number): Tensor {
  const values = Float32Array.from(codes, (code) => (code < 0 ? -minus : 0.5 * code));
  return b.constant('w', 'float32', [outputs, 1, 1, inputs], values);
}

function energyOfGraph(graph: Graph) {
  const { plan, initial } = makePlan(optimize(graph));
  const packed = new Map(initial.map(({ address, bytes }) => [address, bytes]));
  return energyOf(tallyPlan('t', plan, (address) => packed.get(address)!));
}

/** 8-bit maps around it. */
function reportOn(minus: number, toReal: boolean) {
  const b = builder();
  const x = b.input('x', 'uint8', [1, 1, pixels, inputs], scale(0.02, 7));
  const [dx] = b.node('Dequantize', 'dx', [x], {}, [{ id: 'dx', dtype: 'float32' }]);
  let [y] = b.node('Conv', 'conv', [dx!, weightsOf(b, minus)], window, real);
  if (!toReal) {
    const spec = { id: 'q', dtype: 'uint8', quantization: scale(0.05, 100) } as const;
    [y] = b.node('Quantize', 'q', [y!], {}, [spec]);
  }
  return energyOfGraph(b.build([y!]));
}

describe.each([
  ['one scale', 0.5, 1],
  ['two scales', 0.3, 2],
])('a ternary layer of %s', (_, minus, scales) => {
  const macs = pixels * inputs * outputs;

  test.each([
    ['to bytes', false],
    ['to real numbers', true],
  ])('%s counts as one layer, however many steps it takes', (_, toReal) => {
    const { macs: counted, bytes, energyPj } = reportOn(minus, toReal);
    expect(counted).toMatchObject({ nominal: macs, ternary: macs, nonZero: (2 * macs) / 3 });
    // Every sum runs over all weights: both signs, where they are apart.
    expect(counted.executed! >= scales * macs).toBe(true);
    expect(bytes.weights.home).toBe((outputs * inputs) / 4 + (scales === 2 ? 12 : 8) * outputs);
    expect(bytes.inputs.home).toBe(pixels * inputs);
    expect(bytes.outputs.home).toBe(pixels * outputs * (toReal ? 4 : 1));
    expect(energyPj.macs).toBeCloseTo((0.1 * (2 * macs)) / 3, 9);
    const result = toReal ? 3.7 + 0.9 : 3.2;
    expect(energyPj.otherOps).toBeCloseTo(scales * result * pixels * outputs, 9);
  });

  test('between real maps: an addition of real numbers for each weight', () => {
    const b = builder();
    const x = b.input('x', 'float32', [1, 1, pixels, inputs]);
    const [y] = b.node('Conv', 'conv', [x, weightsOf(b, minus)], window, real);
    const { macs: counted, bytes, energyPj } = energyOfGraph(b.build([y!]));
    expect(counted).toMatchObject({ nominal: macs, ternary: macs, nonZero: (2 * macs) / 3 });
    // Codes, a bias, and one scale or two.
    expect(bytes.weights.home).toBe((outputs * inputs) / 4 + 4 * (1 + scales) * outputs);
    expect(bytes.inputs.home).toBe(4 * pixels * inputs);
    expect(energyPj.macs).toBeCloseTo((0.9 * (2 * macs)) / 3, 9);
    expect(energyPj.otherOps).toBeCloseTo(scales * (3.7 + 0.9) * pixels * outputs, 9);
  });
});

test('two weights are no ternary ones', () => {
  const b = builder();
  const x = b.input('x', 'float32', [1, 1, pixels, 2]);
  const weights = b.constant('w', 'float32', [1, 1, 1, 2], Float32Array.of(0.3, -0.7));
  const [y] = b.node('Conv', 'conv', [x, weights], window, real);
  expect(energyOfGraph(b.build([y!])).macs).toMatchObject({ float: 2 * pixels, ternary: 0 });
});
