import { expect, test } from 'vitest';
import { noClamp } from '../../src/graph/node.ts';
import { unsignedMaps } from '../../src/passes/unsignedMaps.ts';
import { runGraph } from '../run/runGraph.ts';
import { builder, bytes, opsOf, plainWindow, scale } from './graphs.ts';

const shape = [1, 4, 5, 3];
const weights = Int8Array.from(bytes([4, 3, 3, 3], 5), (q) => q - 128);

function convGraph(dtype: 'int8' | 'uint8', shift: number) {
  const b = builder('xnnpack');
  const x = b.input('x', dtype, shape, scale(0.02, 130 - shift));
  const w = b.constant('w', 'int8', [4, 3, 3, 3], weights, { quantization: scale(0.01) });
  const window = { ...plainWindow, pads: [1, 1, 1, 1] as const, groups: 1, ...noClamp };
  const quantization = scale(0.1, 100 - shift);
  const [y] = b.node('Conv', 'c', [x, w], window, [{ id: 'y', dtype, quantization }]);
  const before = [0, 1, 0, 0];
  const pad = { before, after: before, mode: 'constant', value: 50 - shift } as const;
  const [p] = b.node('Pad', 'p', [y!], pad, [{ id: 'p', dtype, quantization }]);
  return b.build([p!]);
}

test('an int8 network gives what its uint8 twin gives, 128 lower', async () => {
  const input = bytes(shape);
  const signed = Int8Array.from(input, (q) => q - 128);
  const [got] = await runGraph(convGraph('int8', 128), signed);
  const [expected] = await runGraph(convGraph('uint8', 0), input);
  expect(got).toEqual(Int8Array.from(expected as Uint8Array, (q) => q - 128));
});

test('types change at the borders and nowhere else', () => {
  const graph = unsignedMaps(convGraph('int8', 128));
  expect(opsOf(graph)).toEqual(['Requantize', 'Conv', 'Pad', 'Requantize']);
  expect(unsignedMaps(graph)).toEqual(graph);
  const twin = convGraph('uint8', 0);
  expect(opsOf(unsignedMaps(twin))).toEqual(opsOf(twin));
});
