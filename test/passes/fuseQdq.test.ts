import { expect, test } from 'vitest';
import { noClamp } from '../../src/graph/node.ts';
import type { Quantization, Tensor } from '../../src/graph/tensor.ts';
import type { GraphBuilder } from '../../src/ops/builder.ts';
import { fuseClamp } from '../../src/passes/fuseClamp.ts';
import { foldDequantize, fuseDequantize, fuseQdq } from '../../src/passes/fuseQdq.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { runGraph } from '../run/runGraph.ts';
import { builder, bytes, floats, opsOf, plainWindow, scale } from './graphs.ts';

const float = (id: string) => [{ id, dtype: 'float32' }] as const;
const shape = [1, 3, 4, 8];

function real(b: GraphBuilder, x: Tensor, id: string): Tensor {
  return b.node('Dequantize', id, [x], {}, float(id))[0]!;
}

function quantized(b: GraphBuilder, x: Tensor, quantization: Quantization, id: string): Tensor {
  return b.node('Quantize', id, [x], {}, [{ id, dtype: 'uint8', quantization }])[0]!;
}

function convGraph(bias: 'none' | 'int32' | 'float', output: 'uint8' | 'float32', relu = false) {
  const b = builder();
  const x = real(b, b.input('x', 'uint8', shape, scale(0.02, 120)), 'xr');
  const perChannel: Quantization = {
    scale: Float32Array.of(0.01, 0.02, 0.03, 0.005),
    zeroPoint: new Int32Array(4),
    axis: 0,
  };
  const data = Int8Array.from(bytes([4, 1, 1, 8], 9), (q) => q - 128);
  const w = b.constant('w', 'int8', [4, 1, 1, 8], data, { quantization: perChannel });
  const units: Quantization = {
    ...perChannel,
    scale: perChannel.scale.map((s) => s * Math.fround(0.02)),
  };
  const integers = Int32Array.of(100, -2000, 30, 7);
  const inputs: [Tensor, Tensor, Tensor?] = [x, real(b, w, 'wr')];
  if (bias === 'int32') {
    inputs.push(real(b, b.constant('b', 'int32', [4], integers, { quantization: units }), 'br'));
  } else if (bias === 'float') {
    inputs.push(b.constant('b', 'float32', [4], floats([4], 4)));
  }
  const attributes = { ...plainWindow, groups: 1, ...noClamp };
  let y = b.node('Conv', 'c', inputs as [Tensor, Tensor], attributes, float('c'))[0]!;
  if (relu) y = b.node('Relu', 'r', [y], { alpha: 0, beta: 0 }, float('r'))[0]!;
  return b.build([output === 'uint8' ? quantized(b, y, scale(0.05, 90), 'y') : y]);
}

test.each([
  ['none', false],
  ['int32', false],
  ['int32', true],
  ['float', false],
] as const)(
  'a Conv between Dequantize and Quantize becomes one on bytes: bias %s, relu %s',
  async (bias, relu) => {
    const graph = convGraph(bias, 'uint8', relu);
    const fused = rewrite(rewrite(graph, [fuseClamp]), [fuseQdq]);
    expect(opsOf(fused)).toEqual(['Conv']);
    const inFloat = rewrite(graph, [foldDequantize]);
    const [got] = (await runGraph(fused, bytes(shape))) as [Uint8Array];
    const [expected] = (await runGraph(inFloat, bytes(shape))) as [Uint8Array];
    // Both round the same real number once, but a float sum is off by a few last bits.
    got.forEach((q, i) => void expect(Math.abs(q - expected[i]!)).toBeLessThanOrEqual(1));
  },
);

test('without a Quantize behind it the result is real', async () => {
  const graph = convGraph('int32', 'float32');
  const fused = rewrite(graph, [fuseDequantize]);
  expect(opsOf(fused)).toEqual(['Conv']);
  const [got] = (await runGraph(fused, bytes(shape))) as [Float32Array];
  const [expected] = (await runGraph(rewrite(graph, [foldDequantize]), bytes(shape))) as [
    Float32Array,
  ];
  got.forEach((v, i) => void expect(v).toBeCloseTo(expected[i]!, 4));
});

test('a layer behind a Reshape takes bytes, and keeps its real bias', async () => {
  const b = builder();
  const x = real(b, b.input('x', 'uint8', [1, 1, 1, 24], scale(0.02, 120)), 'xr');
  const [flat] = b.node('Reshape', 'f', [x], { shape: [1, 24] }, float('f'));
  const codes = Int8Array.from(bytes([5, 24]), (q) => q - 128);
  const coded = b.constant('w', 'int8', [5, 24], codes, { quantization: scale(0.01) });
  const [weights] = b.node('Dequantize', 'wr', [coded], {}, float('wr'));
  const bias = b.constant('b', 'float32', [5], Float32Array.of(-0.30001, 0.2, 0, 1.234567, -1));
  const layer = [flat!, weights!, bias] as const;
  const attributes = { ...noClamp, keepDims: false };
  const [y] = b.node('FullyConnected', 'y', layer, attributes, float('y'));
  const graph = b.build([quantized(b, y!, scale(0.05, 90), 'q')]);
  const optimized = optimize(graph);
  expect(opsOf(optimized)).toEqual(['Reshape', 'FullyConnected', 'Quantize']);
  const input = bytes([1, 24]);
  const [got] = await runGraph(optimized, input);
  const f32 = Math.fround;
  for (let n = 0; n < 5; n++) {
    let acc = 0;
    for (let k = 0; k < 24; k++) acc += (input[k]! - 120) * codes[n * 24 + k]!;
    const sum = f32(f32(acc * f32(f32(0.02) * f32(0.01))) + f32(bias.data[n] as number));
    const q = Math.round(f32(sum / f32(0.05))) + 90;
    expect(got![n], `output ${n}`).toBe(Math.min(Math.max(q, 0), 255));
  }
});

test('a value that somebody else reads as a real number is not fused away', () => {
  const b = builder();
  const x = real(b, b.input('x', 'uint8', shape, scale(0.02, 120)), 'xr');
  const [sum] = b.node('Add', 's', [x, x], noClamp, float('s'));
  const graph = b.build([quantized(b, sum!, scale(0.04, 120), 'y'), sum!]);
  expect(opsOf(rewrite(graph, [fuseQdq]))).toEqual(opsOf(graph));
});

test('what only moves bytes does so at the scale of its input, and is rescaled after', async () => {
  const b = builder();
  const x = real(b, b.input('x', 'uint8', shape, scale(0.5, 10)), 'xr');
  const attributes = { starts: [0, 0, 1, 0], sizes: [1, 3, 2, 8], steps: [1, 1, 2, 1] };
  const [part] = b.node('Slice', 'sl', [x], attributes, float('sl'));
  const graph = b.build([quantized(b, part!, scale(0.25, 0), 'y')]);
  const fused = rewrite(graph, [fuseQdq]);
  expect(opsOf(fused)).toEqual(['Slice', 'Requantize']);
  expect(await runGraph(fused, bytes(shape))).toEqual(await runGraph(graph, bytes(shape)));
});

test('the value of a Pad becomes a stored number', async () => {
  const b = builder();
  const x = real(b, b.input('x', 'uint8', shape, scale(0.5, 10)), 'xr');
  const attributes = {
    before: [0, 1, 0, 0],
    after: [0, 0, 1, 0],
    mode: 'constant',
    value: -2,
  } as const;
  const [padded] = b.node('Pad', 'p', [x], attributes, float('p'));
  const graph = b.build([quantized(b, padded!, scale(0.5, 10), 'y')]);
  const fused = rewrite(graph, [fuseQdq]);
  expect(opsOf(fused)).toEqual(['Pad']);
  expect(fused.nodes[0]!.attributes).toMatchObject({ value: 6 });
  expect(await runGraph(fused, bytes(shape))).toEqual(await runGraph(graph, bytes(shape)));
});
