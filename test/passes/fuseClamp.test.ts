import { expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.ts';
import { fuseClamp } from '../../src/passes/fuseClamp.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { runGraph } from '../run/runGraph.ts';
import { addConv, builder, floats, opsOf } from './graphs.ts';

const shape = [1, 4, 5, 3];

function convThenClip(alpha: number, beta: number, twice = false): Graph {
  const b = builder();
  let y = addConv(b, b.input('x', 'float32', shape), 4, 1, 'conv');
  y = b.node('Clip', 'clip', [y], { alpha, beta }, [{ id: 'y', dtype: 'float32' }])[0]!;
  if (twice)
    y = b.node('Relu', 'relu', [y], { alpha: 0, beta: 0 }, [{ id: 'z', dtype: 'float32' }])[0]!;
  return b.build([y]);
}

test('a Clip becomes the bounds of the Conv, and the bits stay', async () => {
  const graph = convThenClip(-0.25, 0.5, true);
  const fused = rewrite(graph, [fuseClamp]);
  expect(opsOf(fused)).toEqual(['Conv']);
  expect(fused.nodes[0]!.attributes).toMatchObject({ min: 0, max: 0.5 });
  expect(await runGraph(fused, floats(shape))).toEqual(await runGraph(graph, floats(shape)));
});

test('bounds in the wrong order stay a node of their own', () => {
  expect(opsOf(rewrite(convThenClip(1, -1), [fuseClamp]))).toEqual(['Conv', 'Clip']);
});
