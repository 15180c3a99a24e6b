import { expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { dropEmptyPad, foldPad } from '../../src/passes/foldPad.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { runGraph } from '../run/runGraph.ts';
import { addConv, builder, floats, opsOf } from './graphs.ts';

const shape = [1, 5, 6, 3];

function padThenConv(before: number[], after: number[], value: number): Graph {
  const b = builder();
  const input = b.input('x', 'float32', shape);
  const attributes = { before, after, mode: 'constant', value } as const;
  const [padded] = b.node('Pad', 'pad', [input], attributes, [{ id: 'p', dtype: 'float32' }]);
  return b.build([addConv(b, padded!, 4, 3, 'conv')]);
}

test('a Pad with zeros becomes padding of the Conv, and the bits stay', async () => {
  const graph = padThenConv([0, 1, 0, 0], [0, 2, 1, 0], 0);
  const folded = rewrite(graph, [foldPad]);
  expect(opsOf(folded)).toEqual(['Conv']);
  expect(folded.nodes[0]!.attributes).toMatchObject({ pads: [1, 0, 2, 1] });
  expect(await runGraph(folded, floats(shape))).toEqual(await runGraph(graph, floats(shape)));
});

test.each([
  ['another value than zero', [0, 1, 1, 0], [0, 1, 1, 0], 1],
  ['a pad of the channels', [0, 1, 1, 1], [0, 1, 1, 0], 0],
  ['a pad of the batch', [1, 1, 1, 0], [0, 1, 1, 0], 0],
])('stays: %s', (_, before, after, value) => {
  expect(opsOf(rewrite(padThenConv(before, after, value), [foldPad]))).toEqual(['Pad', 'Conv']);
});

test('a Pad by nothing is no work', () => {
  const graph = rewrite(padThenConv([0, 0, 0, 0], [0, 0, 0, 0], 7), [dropEmptyPad]);
  expect(opsOf(graph)).toEqual(['Reshape', 'Conv']);
});
