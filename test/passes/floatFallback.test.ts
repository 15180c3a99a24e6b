import { expect, test } from 'vitest';
import { noClamp } from '../../src/graph/node.ts';
import { floatFallback } from '../../src/passes/floatFallback.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { runGraph } from '../run/runGraph.ts';
import { builder, bytes, opsOf, scale } from './graphs.ts';

test('an operator without an integer form is computed in real numbers', async () => {
  const b = builder();
  const x = b.input('x', 'uint8', [1, 40], scale(0.5, 100));
  const y = b.input('y', 'uint8', [1, 40], scale(0.25, 20));
  const output = [{ id: 'z', dtype: 'uint8', quantization: scale(0.125, 128) }] as const;
  const [z] = b.node('Div', 'd', [x, y], noClamp, output);
  const graph = b.build([z!]);
  const fallback = rewrite(graph, [floatFallback('onnxruntime')]);
  expect(opsOf(fallback)).toEqual(['Dequantize', 'Dequantize', 'Div', 'Quantize']);
  const [p, q] = [bytes([40], 3), bytes([40], 4).map((v) => v | 1)];
  const [got] = await runGraph(graph, p, q);
  const expected = Array.from(p, (v, i) => {
    const ratio = Math.fround(((v - 100) * 0.5) / ((q[i]! - 20) * 0.25)) / 0.125;
    const even = Math.round(ratio) - (ratio % 1 === 0.5 && Math.round(ratio) % 2 !== 0 ? 1 : 0);
    return Math.min(Math.max(even + 128, 0), 255);
  });
  expect([...(got as Uint8Array)]).toEqual(expected);
});
