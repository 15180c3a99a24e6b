import { describe, expect, test } from 'vitest';
import { readTflite } from '../../../src/formats/tflite/read.ts';
import { activations } from '../../../src/formats/tflite/schema.ts';
import { bytes, convOptions, float, floats, ints, read, single } from './cases.ts';
import { type TensorSpec, writeModel } from './writeModel.ts';

describe('windows', () => {
  test.each([
    { input: [4, 4], kernel: [3, 3], stride: 2, dilation: 1, pads: [0, 0, 1, 1], size: [2, 2] },
    { input: [5, 5], kernel: [3, 3], stride: 2, dilation: 1, pads: [1, 1, 1, 1], size: [3, 3] },
    { input: [49, 10], kernel: [10, 4], stride: 2, dilation: 1, pads: [4, 1, 5, 1], size: [25, 5] },
    { input: [7, 7], kernel: [3, 3], stride: 1, dilation: 2, pads: [2, 2, 2, 2], size: [7, 7] },
    { input: [5, 5], kernel: [1, 1], stride: 3, dilation: 1, pads: [0, 0, 0, 0], size: [2, 2] },
    { input: [2, 2], kernel: [4, 4], stride: 1, dilation: 1, pads: [1, 1, 2, 2], size: [2, 2] },
  ])('SAME puts the odd cell after: %o', ({ input, kernel, stride, dilation, pads, size }) => {
    const tensors = [float(1, ...input, 2), floats([3, ...kernel, 2]), float(1, ...size, 3)];
    const { nodes } = read(single('CONV_2D', tensors, convOptions(0, stride, 0, dilation)));
    expect(nodes[0]!.attributes).toMatchObject({ pads, groups: 1 });
  });

  test('VALID pads nothing, and groups follow from the weights', () => {
    const tensors = [float(1, 5, 5, 4), floats([6, 3, 3, 2]), float(1, 3, 3, 6)];
    const { nodes } = read(single('CONV_2D', tensors, convOptions(1, 1)));
    expect(nodes[0]!.attributes).toMatchObject({ pads: [0, 0, 0, 0], groups: 2 });
  });

  test('depthwise weights are turned and their scales moved to axis 0', () => {
    // [1][1][2][4]: two taps, four outputs, two of each input channel.
    const data = Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const scale = [0.5, 0.25, 0.125, 1];
    const tensors: TensorSpec[] = [
      bytes([1, 1, 2, 2], 0.5),
      { shape: [1, 1, 2, 4], type: 'INT8', data, scale, zeroPoint: [0, 0, 0, 0], axis: 3 },
      {
        shape: [4],
        type: 'INT32',
        data: new Int32Array(4),
        scale,
        zeroPoint: [0, 0, 0, 0],
        axis: 3,
      },
      bytes([1, 1, 1, 4], 0.5),
    ];
    const fields = [
      [0, 'int8', 1],
      [1, 'int32', 1],
      [2, 'int32', 1],
      [3, 'int32', 2],
    ] as const;
    const options = { type: 'DepthwiseConv2D', fields } as const;
    const [node] = read(single('DEPTHWISE_CONV_2D', tensors, options)).nodes;
    const [, weights, bias] = node!.inputs;
    expect(node).toMatchObject({ op: 'Conv', attributes: { groups: 2, dilations: [1, 1] } });
    expect(weights!.shape).toEqual([4, 1, 2, 1]);
    expect(weights!.data).toEqual(Int8Array.of(1, 5, 2, 6, 3, 7, 4, 8));
    expect(weights!.quantization).toMatchObject({ axis: 0, scale: Float32Array.from(scale) });
    expect(bias!.quantization).toBeUndefined();
  });

  test.each([
    { padding: 0, size: 8, stride: 2, kernel: 3, pads: [0, 0, 1, 1], extra: 0 },
    { padding: 0, size: 7, stride: 2, kernel: 3, pads: [1, 1, 1, 1], extra: 0 },
    { padding: 0, size: 8, stride: 2, kernel: 1, pads: [0, 0, 0, 0], extra: 1 },
    { padding: 1, size: 9, stride: 2, kernel: 3, pads: [0, 0, 0, 0], extra: 0 },
    { padding: 1, size: 10, stride: 2, kernel: 3, pads: [0, 0, 0, 0], extra: 1 },
  ])(
    'a transposed convolution of 4 cells: %o',
    ({ padding, size, stride, kernel, pads, extra }) => {
      const tensors = [
        float(1, 4, 4, 2),
        ints(1, size, size, 3),
        floats([3, kernel, kernel, 2]),
        float(1, size, size, 3),
      ];
      const fields = [
        [0, 'int8', padding],
        [1, 'int32', stride],
        [2, 'int32', stride],
      ] as const;
      const options = { type: 'TransposeConv', fields } as const;
      const [node] = read(single('TRANSPOSE_CONV', tensors, options, [1, 2, 0])).nodes;
      expect(node).toMatchObject({ attributes: { pads, outputPadding: [extra, extra] } });
    },
  );
});

describe('fused activations', () => {
  test.each([
    ['NONE', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['RELU', 0, Number.POSITIVE_INFINITY],
    ['RELU_N1_TO_1', -1, 1],
    ['RELU6', 0, 6],
  ] as const)('%s bounds the real result', (name, min, max) => {
    const options = { type: 'Add', fields: [[0, 'int8', activations.indexOf(name)]] } as const;
    const [node] = read(single('ADD', [float(2), floats([2]), float(2)], options)).nodes;
    expect(node!.attributes).toEqual({ min, max });
  });

  test('TANH becomes a node of its own', () => {
    const options = { type: 'Add', fields: [[0, 'int8', 4]] } as const;
    const { nodes } = read(single('ADD', [float(2), floats([2]), float(2)], options));
    expect(nodes.map(({ op }) => op)).toEqual(['Add', 'Tanh']);
  });

  test('a concatenation is clamped by a node of its own', () => {
    const options = { type: 'Concatenation', fields: [[1, 'int8', 3]] } as const;
    const spec = single('CONCATENATION', [float(2), floats([3]), float(5)], options);
    const { nodes } = read(spec);
    expect(nodes.map(({ op }) => op)).toEqual(['Concat', 'Clip']);
    expect(nodes[1]!.attributes).toEqual({ alpha: 0, beta: 6 });
  });
});

describe('quantization', () => {
  test('parts of a concatenation come to its scale first', () => {
    const tensors = [bytes([1, 2], 0.5), bytes([1, 3], 0.25, 3), bytes([1, 5], 0.5)];
    const operators = [{ kind: 'CONCATENATION', inputs: [0, 1], outputs: [2], options: axis(1) }];
    const { nodes } = read({ tensors, operators, inputs: [0, 1], outputs: [2] });
    expect(nodes.map(({ op }) => op)).toEqual(['Requantize', 'Concat']);
    expect(nodes[0]!.inputs[0]!.id).toBe('#1');
  });

  const axis = (n: number) => ({ type: 'Concatenation', fields: [[0, 'int32', n]] }) as const;

  test('float16 weights behind DEQUANTIZE are float32 constants', () => {
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000, 0x3555);
    const tensors: TensorSpec[] = [
      float(1, 3),
      { shape: [2, 3], type: 'FLOAT16', data: halves },
      float(2, 3),
      float(1, 2),
    ];
    const operators = [
      { kind: 'DEQUANTIZE', inputs: [1], outputs: [2] },
      { kind: 'FULLY_CONNECTED', inputs: [0, 2, -1], outputs: [3] },
    ];
    const { nodes } = read({ tensors, operators, inputs: [0], outputs: [3] });
    expect(nodes.map(({ op }) => op)).toEqual(['FullyConnected']);
    const weights = nodes[0]!.inputs[1]!;
    expect(weights).toMatchObject({ dtype: 'float32', storedBits: 16 });
    const values = [1, -2, 2 ** -24, 65504, -0, 1365 / 4096];
    expect(weights.data).toEqual(Float32Array.from(values));
  });

  test('8-bit weights of float layers become real numbers', () => {
    const tensors: TensorSpec[] = [
      float(1, 2),
      {
        shape: [2, 2],
        type: 'INT8',
        data: Int8Array.of(1, -2, 3, 127),
        scale: [0.5, 0.1],
        zeroPoint: [0, 0],
      },
      float(1, 2),
    ];
    const [node] = read(single('FULLY_CONNECTED', tensors)).nodes;
    const weights = node!.inputs[1]!;
    expect(weights).toMatchObject({ dtype: 'float32', storedBits: 8 });
    const tenth = Math.fround(0.1);
    expect(weights.data).toEqual(Float32Array.of(0.5, -1, 3 * tenth, 127 * tenth));
    expect(weights.quantization).toBeUndefined();
  });

  test('int4 weights are widened, low half first', () => {
    const tensors: TensorSpec[] = [
      bytes([1, 3], 1),
      { shape: [1, 3], type: 'INT4', data: Uint8Array.of(0x8f, 0x07), scale: [1] },
      bytes([1, 1], 1),
    ];
    const [node] = read(single('FULLY_CONNECTED', tensors)).nodes;
    expect(node!.inputs[1]).toMatchObject({ dtype: 'int8', storedBits: 4 });
    expect(node!.inputs[1]!.data).toEqual(Int8Array.of(-1, -8, 7));
  });

  test('QUANTIZE from 8 bits to 8 bits is a Requantize', () => {
    const tensors: TensorSpec[] = [{ ...bytes([4], 0.5, 128), type: 'UINT8' }, bytes([4], 0.25)];
    expect(read(single('QUANTIZE', tensors)).nodes[0]!.op).toBe('Requantize');
    expect(read(single('QUANTIZE', [float(4), bytes([4], 0.25)])).nodes[0]!.op).toBe('Quantize');
  });

  test('weights stay views of the file where they can', () => {
    const tensors = [float(1, 8), floats([2, 8]), float(1, 2)];
    const file = writeModel(single('FULLY_CONNECTED', tensors));
    expect(readTflite(file).nodes[0]!.inputs[1]!.data!.buffer).toBe(file.buffer);
    // Out of alignment, in a plain array and in one whose slice() is a view.
    for (const room of [new Uint8Array(file.length + 1), Buffer.alloc(file.length + 1)]) {
      const shifted = room.subarray(1);
      shifted.set(file);
      const weights = readTflite(shifted).nodes[0]!.inputs[1]!;
      expect(weights.data!.buffer).not.toBe(shifted.buffer);
      expect(weights.data).toEqual(new Float32Array(16));
    }
  });
});

test.each([
  ['MAXIMUM', { alpha: -1.5, beta: Number.POSITIVE_INFINITY }],
  ['MINIMUM', { alpha: Number.NEGATIVE_INFINITY, beta: -1.5 }],
])('%s with one number is a Clip', (kind, attributes) => {
  const bound = { ...bytes([], 0.5, 4), data: Int8Array.of(1) };
  const [node] = read(single(kind, [bytes([3], 0.5, 4), bound, bytes([3], 0.5, 4)])).nodes;
  expect(node).toMatchObject({ op: 'Clip', attributes });
  expect(() => read(single(kind, [float(2), floats([2]), float(2)]))).toThrow('one element');
});

describe('slices', () => {
  // As numpy slices an array of shape [4][5][6].
  test.each([
    ['[1:3, ::2, ::-1]', [1, 0, 0], [3, 0, 0], [1, 2, -1], { begin: 6, end: 6 }, [2, 3, 6]],
    ['[-1, 1:-1]', [-1, 1], [0, -1], [1, 1], { shrink: 1 }, [3, 6]],
    ['[..., 0]', [0, 0], [0, 1], [1, 1], { ellipsis: 1, shrink: 2 }, [4, 5]],
    ['[1:9, newaxis]', [1, 0], [9, 0], [1, 1], { newAxis: 2 }, [3, 1, 5, 6]],
    ['[3:0:-2]', [3], [0], [-2], {}, [2, 5, 6]],
    [
      '[:, ..., 2:4]',
      [0, 0, 2],
      [0, 0, 4],
      [1, 1, 1],
      { begin: 1, end: 1, ellipsis: 2 },
      [4, 5, 2],
    ],
    ['[-3 and 2 more]', [-3], [2], [1], { offset: 1 }, [2, 5, 6]],
  ] as const)('STRIDED_SLICE %s', (_, begin, end, strides, masks, shape) => {
    const {
      begin: b = 0,
      end: e = 0,
      ellipsis = 0,
      newAxis = 0,
      shrink = 0,
      offset = 0,
    } = {
      ...(masks as Record<string, number>),
    };
    const fields = [b, e, ellipsis, newAxis, shrink].map((mask, i) => [i, 'int32', mask] as const);
    const options = { type: 'StridedSlice', fields: [...fields, [5, 'int8', offset]] } as const;
    const tensors = [
      float(4, 5, 6),
      ints(...begin),
      ints(...end),
      ints(...strides),
      float(...shape),
    ];
    const { outputs } = read(single('STRIDED_SLICE', tensors, options));
    expect(outputs[0]!.shape).toEqual(shape);
  });

  test('negative strides begin at the last element', () => {
    const fields = [
      [0, 'int32', 1],
      [1, 'int32', 1],
    ] as const;
    const options = { type: 'StridedSlice', fields } as const;
    const tensors = [float(7), ints(0), ints(0), ints(-3), float(3)];
    const [node] = read(single('STRIDED_SLICE', tensors, options)).nodes;
    expect(node!.attributes).toEqual({ starts: [6], sizes: [3], steps: [-3] });
  });

  test('SLICE takes -1 for the rest', () => {
    const tensors = [float(4, 5), ints(1, 2), ints(2, -1), float(2, 3)];
    const [node] = read(single('SLICE', tensors)).nodes;
    expect(node!.attributes).toEqual({ starts: [1, 2], sizes: [2, 3], steps: [1, 1] });
  });

  test('SPLIT_V takes -1 for what is left', () => {
    const tensors = [float(2, 9), ints(2, -1, 3), ints(-1), float(2, 2), float(2, 4), float(2, 3)];
    const operators = [{ kind: 'SPLIT_V', inputs: [0, 1, 2], outputs: [3, 4, 5] }];
    const { nodes } = read({ tensors, operators, inputs: [0], outputs: [3, 4, 5] });
    expect(nodes[0]!.attributes).toEqual({ axis: 1, sizes: [2, 4, 3] });
  });
});

describe('moves', () => {
  test('PAD fills 8-bit maps with the zero point', () => {
    const pads = { shape: [2, 2], type: 'INT32', data: Int32Array.of(0, 1, 2, 3) } as const;
    const [node] = read(single('PAD', [bytes([1, 1], 1, 7), pads, bytes([2, 6], 1, 7)])).nodes;
    const expected = { before: [0, 2], after: [1, 3], mode: 'constant', value: 7 };
    expect(node!.attributes).toEqual(expected);
  });

  test.each([
    [0, 'reflect'],
    [1, 'edge'],
  ] as const)('MIRROR_PAD in mode %i', (number, mode) => {
    const pads = { shape: [1, 2], type: 'INT32', data: Int32Array.of(1, 1) } as const;
    const options = { type: 'MirrorPad', fields: [[0, 'int8', number]] } as const;
    const [node] = read(single('MIRROR_PAD', [float(3), pads, float(5)], options)).nodes;
    expect(node!.attributes).toMatchObject({ mode });
  });

  test('RESHAPE works out -1, and reads old files that state the shape as an option', () => {
    const [node] = read(single('RESHAPE', [float(2, 6), ints(3, -1), float(3, 4)])).nodes;
    expect(node!.attributes).toEqual({ shape: [3, 4] });
    const options = { type: 'Reshape', fields: [[0, 'int32s', [4, 3]]] } as const;
    const [old] = read(single('RESHAPE', [float(2, 6), float(4, 3)], options)).nodes;
    expect(old!.attributes).toEqual({ shape: [4, 3] });
  });

  test('SPACE_TO_BATCH_ND and back keep every cell', () => {
    const block = ints(2, 2);
    const rim = { shape: [2, 2], type: 'INT32', data: Int32Array.of(1, 2, 0, 1) } as const;
    const tensors = [float(1, 5, 7, 3), block, rim, float(4, 4, 4, 3), float(1, 5, 7, 3)];
    const operators = [
      { kind: 'SPACE_TO_BATCH_ND', inputs: [0, 1, 2], outputs: [3] },
      { kind: 'BATCH_TO_SPACE_ND', inputs: [3, 1, 2], outputs: [4] },
    ];
    const { nodes } = read({ tensors, operators, inputs: [0], outputs: [4] });
    const there = ['Pad', 'Reshape', 'Transpose', 'Reshape'];
    expect(nodes.map(({ op }) => op)).toEqual([...there, ...there.slice(1), 'Slice']);
    expect(nodes.at(-1)!.attributes).toMatchObject({ starts: [0, 1, 0, 0], sizes: [1, 5, 7, 3] });
  });

  test('numbers are not moved to another scale', () => {
    const spec = single('RESHAPE', [bytes([4], 0.5), ints(2, 2), bytes([2, 2], 0.25)]);
    expect(() => read(spec)).toThrow(/0 RESHAPE: got int8 \(scale 0\.5, zero point 0\) moved into/);
  });

  test.each([
    [0, 0, 'asymmetric', 'floor'],
    [1, 0, 'alignCorners', 'roundPreferCeil'],
    [0, 1, 'halfPixel', 'roundPreferCeil'],
  ] as const)('resizing, corners %i, centres %i', (corners, centres, coordinates, nearest) => {
    const fields = [
      [0, 'int8', corners],
      [1, 'int8', centres],
    ] as const;
    const options = { type: 'ResizeNearestNeighbor', fields } as const;
    const tensors = [float(1, 2, 3, 1), ints(4, 9), float(1, 4, 9, 1)];
    const [node] = read(single('RESIZE_NEAREST_NEIGHBOR', tensors, options)).nodes;
    expect(node!.attributes).toMatchObject({ coordinates, nearest, size: [4, 9], scales: [2, 3] });
  });

  test('a factor of BATCH_MATMUL is turned where the file says so', () => {
    const options = { type: 'BatchMatMul', fields: [[1, 'int8', 1]] } as const;
    const tensors = [float(2, 3, 4), floats([5, 4]), float(2, 3, 5)];
    const { nodes } = read(single('BATCH_MATMUL', tensors, options));
    expect(nodes.map(({ op }) => op)).toEqual(['Transpose', 'MatMul']);
  });
});
