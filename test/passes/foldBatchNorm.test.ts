import { expect, test } from 'vitest';
import type { Tensor } from '../../src/graph/tensor.ts';
import { foldBatchNorm } from '../../src/passes/foldBatchNorm.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { runGraph } from '../run/runGraph.ts';
import { addConv, builder, constant, floats, opsOf } from './graphs.ts';

const shape = [1, 4, 5, 3];

function convThenNorm(keepConv: boolean, variance?: Float32Array) {
  const b = builder();
  const conv = addConv(b, b.input('x', 'float32', shape), 4, 1, 'conv');
  const spread = variance ?? floats([4], 5).map((v) => 1.1 + v);
  const parameters = [
    constant(b, 'scale', [4], 3),
    constant(b, 'bias', [4], 4),
    constant(b, 'mean', [4], 6),
    b.constant('variance', 'float32', [4], spread),
  ] as const;
  const spec = [{ id: 'y', dtype: 'float32' }] as const;
  const [y] = b.node('BatchNorm', 'norm', [conv, ...parameters], { epsilon: 1e-5 }, spec);
  const outputs: Tensor[] = keepConv ? [y!, conv] : [y!];
  return b.build(outputs);
}

test('Conv and BatchNorm become one Conv', async () => {
  const graph = convThenNorm(false);
  const folded = rewrite(graph, [foldBatchNorm]);
  expect(opsOf(folded)).toEqual(['Conv']);
  const [before] = (await runGraph(graph, floats(shape))) as [Float32Array];
  const [after] = (await runGraph(folded, floats(shape))) as [Float32Array];
  after.forEach((value, i) => void expect(value).toBeCloseTo(before[i]!, 5));
});

test('epsilon stays inside the root: a subnormal variance gives finite weights', () => {
  const folded = rewrite(convThenNorm(false, new Float32Array(4).fill(5.6e-45)), [foldBatchNorm]);
  const weights = folded.nodes[0]!.inputs[1]!.data as Float32Array;
  expect(weights.every(Number.isFinite)).toBe(true);
  expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(100);
});

test('stays where somebody else reads the Conv', () => {
  expect(opsOf(rewrite(convThenNorm(true), [foldBatchNorm]))).toEqual(['Conv', 'BatchNorm']);
});
