import { describe, expect, test } from 'vitest';
import { type DType, viewOf } from '../../src/graph/tensor.ts';
import { loadBytes } from '../../src/run/load.ts';
import { Model } from '../../src/run/model.ts';
import { hasShared, readShared, readSharedJson } from '../shared.ts';
import { difference } from './traced.ts';

interface Case {
  readonly model: string;
  readonly input: { readonly file: string; readonly dtype: DType; readonly preprocess: string };
  readonly output: { readonly file: string; readonly shape: readonly number[] };
}

describe.skipIf(!hasShared)('seed networks against PyTorch and onnxruntime', () => {
  const { cases } = (
    hasShared ? readSharedJson('golden/onnx-seeds/index.json') : { cases: [] }
  ) as { readonly cases: readonly Case[] };

  test.each(cases.map((c) => [`${c.model} on ${c.input.file}`, c] as const))('%s', async (_, c) => {
    using model = await loadBytes(readShared(c.model), { name: c.model }, Model);
    const result = model.run(readInput(c, model.inputs[0]!.shape));
    const expected = viewOf(
      'float32',
      readShared(`golden/onnx-seeds/${c.output.file}`).slice().buffer,
      0,
      c.output.shape[1]!,
    ) as Float32Array;
    const largest = Math.max(...expected.map(Math.abs));
    expect(
      difference(result as Float32Array, expected, c.output.shape, 1e-4 * largest),
    ).toBeUndefined();
  });
});

function readInput({ input }: Case, shape: readonly number[]): Float32Array {
  const bytes = readShared(`golden/onnx-seeds/${input.file}`);
  if (input.file.endsWith('.f32')) return new Float32Array(bytes.slice().buffer);
  const [, channels = 3, height = 1, width = 1] = shape;
  const { order, mean, std, unit } = parse(input.preprocess);
  return Float32Array.from({ length: channels * height * width }, (_, i) => {
    const c = Math.floor(i / (height * width));
    const from = order === 'BGR' ? channels - 1 - c : c;
    const pixel = bytes[from * height * width + (i % (height * width))]!;
    return (pixel / unit - mean[c]!) / std[c]!;
  });
}

/** The index states the preprocessing in words. */
function parse(text: string) {
  if (text.includes('BGR')) {
    return { order: 'BGR', mean: [104, 117, 123], std: [1, 1, 1], unit: 1 } as const;
  }
  return {
    order: 'RGB',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    unit: 255,
  } as const;
}
