import { describe, expect, test } from 'vitest';
import type { TypedArray } from '../../../src/graph/tensor.ts';
import { loadBytes } from '../../../src/run/load.ts';
import { Model } from '../../../src/run/model.ts';
import { convOptions, float, floats, ints, single } from './cases.ts';
import { everyOperator } from './everyOperator.ts';
import { type ModelSpec, writeModel } from './writeModel.ts';

/** Runs a small model; what the importer says of geometry shows in the numbers. */
async function run(spec: ModelSpec, ...inputs: TypedArray[]): Promise<number[]> {
  using model = await loadBytes(writeModel(spec), {}, Model);
  const outputs = model.run(...inputs);
  return Array.from((Array.isArray(outputs) ? outputs[0]! : outputs) as ArrayLike<number>);
}

/** Whole numbers, so that sums are exact in any order. */
const whole = (count: number): Float32Array =>
  Float32Array.from({ length: count }, (_, i) => ((i * 37) % 19) - 9);

test('a convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND is a dilated one', async () => {
  const [map, weights] = [float(1, 6, 5, 2), floats([3, 3, 3, 2], whole(54))];
  const output = float(1, 6, 5, 3);
  const dilated = single('CONV_2D', [map, weights, output], convOptions(0, 1, 0, 2));
  const block = ints(2, 2);
  // Two cells around, and one more to the right to fill the last block.
  const rim = { shape: [2, 2], type: 'INT32', data: Int32Array.of(2, 2, 2, 3) } as const;
  const crop = { shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 0, 0, 1) } as const;
  const blocks: ModelSpec = {
    tensors: [map, weights, block, rim, crop, float(4, 5, 5, 2), float(4, 3, 3, 3), output],
    operators: [
      { kind: 'SPACE_TO_BATCH_ND', inputs: [0, 2, 3], outputs: [5] },
      { kind: 'CONV_2D', inputs: [5, 1], outputs: [6], options: convOptions(1, 1) },
      { kind: 'BATCH_TO_SPACE_ND', inputs: [6, 2, 4], outputs: [7] },
    ],
    inputs: [0],
    outputs: [7],
  };
  expect(await run(blocks, whole(60))).toEqual(await run(dilated, whole(60)));
});

describe('STRIDED_SLICE of 0 to 23 in [2][3][4]', () => {
  // What numpy gives for the slice in the name.
  test.each([
    ['[1, ::-1, 1:3]', [1, 0, 1], [2, 0, 3], [1, -1, 1], [2, 2, 0, 0, 1], [21, 22, 17, 18, 13, 14]],
    ['[..., -1]', [0, -1], [0, 0], [1, 1], [0, 0, 1, 0, 2], [3, 7, 11, 15, 19, 23]],
    ['[:, 2:0:-1, 0]', [0, 2, 0], [0, 0, 1], [1, -1, 1], [1, 1, 0, 0, 4], [8, 4, 20, 16]],
    ['[1:, newaxis, -9:1]', [1, 0, -9], [9, 0, 1], [1, 1, 1], [0, 0, 0, 2, 0], [12, 13, 14, 15]],
  ])('%s', async (_, begin, end, strides, masks, expected) => {
    const fields = masks.map((mask, slot) => [slot, 'int32', mask] as const);
    const unknown = { shape: [], signature: [-1] };
    const tensors = [float(2, 3, 4), ints(...begin), ints(...end), ints(...strides), unknown];
    const spec = single('STRIDED_SLICE', tensors, { type: 'StridedSlice', fields });
    expect(
      await run(
        spec,
        Float32Array.from({ length: 24 }, (_, i) => i),
      ),
    ).toEqual(expected);
  });
});

test.each([
  { padding: 0, size: 6, stride: 2, kernel: 3 },
  { padding: 0, size: 5, stride: 2, kernel: 3 },
  { padding: 0, size: 6, stride: 2, kernel: 1 },
  { padding: 1, size: 7, stride: 2, kernel: 3 },
  { padding: 1, size: 8, stride: 2, kernel: 3 },
])('TRANSPOSE_CONV scatters each cell over a window: %o', async (shape) => {
  const { padding, size, stride, kernel } = shape;
  const cells = 3;
  const weights = whole(kernel * kernel);
  const input = whole(cells * cells);
  const tensors = [
    float(1, cells, cells, 1),
    ints(1, size, size, 1),
    floats([1, kernel, kernel, 1], weights),
    float(1, size, size, 1),
  ];
  const fields = [
    [0, 'int8', padding],
    [1, 'int32', stride],
    [2, 'int32', stride],
  ] as const;
  const spec = single('TRANSPOSE_CONV', tensors, { type: 'TransposeConv', fields }, [1, 2, 0]);
  const before = padding === 1 ? 0 : Math.max(0, (cells - 1) * stride + kernel - size) >> 1;
  const expected = new Array<number>(size * size).fill(0);
  for (let cell = 0; cell < cells * cells; cell++) {
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const y = Math.floor(cell / cells) * stride + Math.floor(tap / kernel) - before;
      const x = (cell % cells) * stride + (tap % kernel) - before;
      if (y < 0 || y >= size || x < 0 || x >= size) continue;
      expected[y * size + x]! += input[cell]! * weights[tap]!;
    }
  }
  expect(await run(spec, input)).toEqual(expected);
});

test('a symmetric rim of 1 repeats the edge, a reflecting one leaves it out', async () => {
  const pads = { shape: [1, 2], type: 'INT32', data: Int32Array.of(1, 1) } as const;
  const padded = (mode: number) =>
    single('MIRROR_PAD', [float(3), pads, float(5)], {
      type: 'MirrorPad',
      fields: [[0, 'int8', mode]],
    });
  expect(await run(padded(0), Float32Array.of(1, 2, 3))).toEqual([2, 1, 2, 3, 2]);
  expect(await run(padded(1), Float32Array.of(1, 2, 3))).toEqual([1, 1, 2, 3, 3]);
});

// TFLite: floor((y + 1/2) * scale) with centres, round(y * (in - 1) / (out - 1)) by corners.
test.each([
  ['plain', 0, 0, 5, [0, 0, 1, 1, 2]],
  ['centres', 0, 1, 5, [0, 0, 1, 2, 2]],
  ['corners', 1, 0, 5, [0, 1, 1, 2, 2]],
  ['centres, fewer', 0, 1, 2, [0, 2]],
])('RESIZE_NEAREST_NEIGHBOR of 0, 1, 2: %s', async (_, corners, centres, size, expected) => {
  const fields = [
    [0, 'int8', corners],
    [1, 'int8', centres],
  ] as const;
  const tensors = [float(1, 3, 1, 1), ints(size, 1), float(1, size, 1, 1)];
  const options = { type: 'ResizeNearestNeighbor', fields } as const;
  const spec = single('RESIZE_NEAREST_NEIGHBOR', tensors, options);
  expect(await run(spec, Float32Array.of(0, 1, 2))).toEqual(expected);
});

test('the network with every operator runs', async () => {
  const [mean] = await run(everyOperator, whole(32));
  expect(mean).toSatisfy(Number.isFinite);
});
