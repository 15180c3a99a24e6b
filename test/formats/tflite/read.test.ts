import { zipSync } from 'fflate';
import { Builder } from 'flatbuffers';
import { describe, expect, test } from 'vitest';
import type { ImportOptions } from '../../../src/formats/importOptions.ts';
import { readTflite, sniffTflite, tfliteTensorIds } from '../../../src/formats/tflite/read.ts';
import { activations } from '../../../src/formats/tflite/schema.ts';
import { type ModelSpec, type OperatorSpec, type TensorSpec, writeModel } from './writeModel.ts';

const read = (spec: ModelSpec, options?: ImportOptions) => readTflite(writeModel(spec), options);

/** One operator: tensor 0 is the model's input, the last one its output, the others constants. */
function single(
  kind: string,
  tensors: readonly TensorSpec[],
  options?: OperatorSpec['options'],
  order = tensors.slice(0, -1).map((_, i) => i),
): ModelSpec {
  const outputs = [tensors.length - 1];
  const operator = { kind, inputs: order, outputs, ...(options === undefined ? {} : { options }) };
  return { tensors, operators: [operator], inputs: [0], outputs };
}

const float = (...shape: number[]): TensorSpec => ({ shape });
const floats = (shape: number[], data = new Float32Array(shape.reduce((a, b) => a * b, 1))) => ({
  shape,
  data,
});
const ints = (...list: number[]): TensorSpec => ({
  shape: [list.length],
  type: 'INT32',
  data: Int32Array.from(list),
});
const bytes = (shape: number[], scale: number, zeroPoint = 0): TensorSpec => ({
  shape,
  type: 'INT8',
  scale: [scale],
  zeroPoint: [zeroPoint],
});

const convOptions = (padding: number, stride: number, activation = 0, dilation = 1) =>
  ({
    type: 'Conv2D',
    fields: [
      [0, 'int8', padding],
      [1, 'int32', stride],
      [2, 'int32', stride],
      [3, 'int8', activation],
      [4, 'int32', dilation],
      [5, 'int32', dilation],
    ],
  }) as const;

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
    const shifted = new Uint8Array(file.length + 1).subarray(1);
    shifted.set(file);
    const weights = readTflite(shifted).nodes[0]!.inputs[1]!;
    expect(weights.data!.buffer).not.toBe(shifted.buffer);
    expect(weights.data).toEqual(new Float32Array(16));
  });
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

describe('open dimensions', () => {
  /** What converters make of Keras's Reshape in a model with an open batch. */
  const flatten: ModelSpec = {
    tensors: [
      { name: 'image', shape: [1, 2, 3], signature: [-1, 2, 3] },
      { shape: [3], type: 'INT32' },
      ints(0),
      ints(1),
      ints(1),
      { shape: [], type: 'INT32' },
      { shape: [], type: 'INT32', data: Int32Array.of(6) },
      { shape: [2], type: 'INT32' },
      { shape: [1, 6], signature: [-1, 6] },
    ],
    operators: [
      { kind: 'SHAPE', inputs: [0], outputs: [1] },
      {
        kind: 'STRIDED_SLICE',
        inputs: [1, 2, 3, 4],
        outputs: [5],
        options: { type: 'StridedSlice', fields: [[4, 'int32', 1]] },
      },
      { kind: 'PACK', inputs: [5, 6], outputs: [7], options: { type: 'Pack', fields: [] } },
      { kind: 'RESHAPE', inputs: [0, 7], outputs: [8] },
    ],
    inputs: [0],
    outputs: [8],
  };

  test('an open batch is 1, and shape arithmetic folds', () => {
    const { nodes, outputs } = read(flatten);
    expect(nodes.map(({ op }) => op)).toEqual(['Reshape']);
    expect(outputs[0]!.shape).toEqual([1, 6]);
  });

  test('the option `inputs` fixes it', () => {
    const { outputs } = read(flatten, { inputs: { image: { shape: [5, 2, 3] } } });
    expect(outputs[0]!.shape).toEqual([5, 6]);
  });

  test('fixed dimensions stay, and names are those of the file', () => {
    expect(() => read(flatten, { inputs: { image: { shape: [1, 2, 4] } } })).toThrow(
      'input image: got shape [1][2][4] in the option `inputs`, expected [?][2][3]',
    );
    expect(() => read(flatten, { inputs: { picture: {} } })).toThrow(
      'got the name picture, expected one of image',
    );
  });

  test('other open dimensions have to be fixed', () => {
    const tensors = [
      { name: 'x', shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] },
      { shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] },
    ];
    expect(() => read(single('RELU', tensors))).toThrow('got the open shape [?][?][?][3]');
    const { outputs } = read(single('RELU', tensors), { inputs: { x: { shape: [1, 4, 4, 3] } } });
    expect(outputs[0]!.shape).toEqual([1, 4, 4, 3]);
  });

  test('an input can be made a constant', () => {
    const tensors = [{ name: 'x', ...float(2) }, { name: 'y', ...float(2) }, float(2)];
    const operators = [{ kind: 'ADD', inputs: [0, 1], outputs: [2] }];
    const spec = { tensors, operators, inputs: [0, 1], outputs: [2] };
    const graph = read(spec, { inputs: { y: { value: Float32Array.of(1, 2) } } });
    expect(graph.inputs.map(({ id }) => id)).toEqual(['x']);
    expect(graph.nodes[0]!.inputs[1]!.data).toEqual(Float32Array.of(1, 2));
    expect(() => read(spec, { inputs: { y: { value: Int8Array.of(1, 2) } } })).toThrow(
      'got Int8Array of 2 elements in the option `inputs`, expected Float32Array of 2',
    );
  });
});

describe('refusals', () => {
  test('all unsupported operators at once, with their numbers', () => {
    const chain = ['LSTM', 'RELU', 'CUSTOM Magic', 'LSTM', 'CUMSUM'];
    const tensors = [...chain, 'end'].map(() => float(2));
    const operators = chain.map((kind, i) => ({ kind, inputs: [i], outputs: [i + 1] }));
    let message = '';
    try {
      read({ tensors, operators, inputs: [0], outputs: [chain.length] });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split('\n')).toEqual([
      expect.stringContaining('node 0, 3: got operator LSTM, 2 times, expected'),
      expect.stringContaining('node 2: got operator CUSTOM "Magic", expected'),
      expect.stringContaining('node 4: got operator CUMSUM, expected'),
    ]);
  });

  const relu = (tensor: Partial<TensorSpec>) =>
    single('RELU', [{ ...float(2), ...tensor }, float(2)]);
  const dense = (weights: Partial<TensorSpec>) =>
    single('FULLY_CONNECTED', [
      bytes([1, 2], 1),
      { ...bytes([2, 2], 1), data: new Int8Array(4), ...weights },
      bytes([1, 2], 1),
    ]);
  test.each<[string, ModelSpec, string | RegExp]>([
    ['another schema', { ...relu({}), version: 2 }, 'got schema version 2, expected version 3'],
    ['strings', relu({ type: 'STRING' }), 'got type STRING'],
    ['16-bit activations', relu({ type: 'INT16' }), 'got type INT16'],
    ['half precision outside of constants', relu({ type: 'FLOAT16' }), 'got type FLOAT16'],
    ['variables', relu({ isVariable: true }), 'got a variable tensor'],
    ['empty tensors', relu({ shape: [0] }), 'got shape [0], expected at most 8 axes of 1 or more'],
    ['negative sizes', relu({ shape: [-2] }), 'got shape [-2]'],
    ['giants', relu({ shape: [65536, 65536] }), 'got shape [65536][65536]'],
    ['too many axes', relu({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] }), 'got shape [1][1][1]'],
    ['a scale of 0', dense({ scale: [0] }), 'tensor #1: got scale 0, expected a positive finite'],
    ['a scale of NaN', dense({ scale: [Number.NaN] }), 'got scale NaN'],
    ['an infinite scale', dense({ scale: [Number.POSITIVE_INFINITY] }), 'got scale Infinity'],
    [
      'three scales for two channels',
      dense({ scale: [1, 1, 1] }),
      'got 3 scales for axis 0 of [2][2]',
    ],
    [
      'a zero point out of range',
      dense({ zeroPoint: [128] }),
      'got zero point 128, expected one from -128 to 127',
    ],
    ['too few zero points', dense({ scale: [1, 1], zeroPoint: [0] }), 'got 1 zero points'],
    [
      'data of another length',
      dense({ data: new Int8Array(5) }),
      'got 5 bytes of data, expected 4',
    ],
    [
      'weights that nothing computes',
      dense({ data: undefined as never }),
      'which nothing before it computes',
    ],
    [
      'a tensor with two producers',
      {
        ...single('RELU', [float(2), float(2)]),
        operators: [0, 1].map(() => ({ kind: 'RELU', inputs: [0], outputs: [1] })),
      },
      '1 RELU: got tensor #1 a second time',
    ],
    [
      'a use before the production',
      {
        tensors: [float(2), float(2), float(2)],
        operators: [
          { kind: 'RELU', inputs: [1], outputs: [2] },
          { kind: 'RELU', inputs: [0], outputs: [1] },
        ],
        inputs: [0],
        outputs: [2],
      },
      '0 RELU: got tensor #1, which nothing before it computes',
    ],
    [
      'an index out of range',
      { ...relu({}), outputs: [7] },
      "got tensor 7, expected one of the file's 2",
    ],
    [
      'an absent input that is needed',
      single('RELU', [float(2), float(2)], undefined, [-1]),
      'got no input 0',
    ],
    [
      'options of another operator',
      single('SOFTMAX', [float(2), float(2)], { type: 'Add', fields: [] }),
      'got options of type 11',
    ],
    [
      'a shape that contradicts its operator',
      single('RELU', [float(2), float(3)]),
      'got an output of shape [3]',
    ],
    ['axes that do not exist', single('MEAN', [float(2, 2), ints(2), float(2)]), 'got axis 2'],
    [
      'strides of 0',
      single(
        'CONV_2D',
        [float(1, 4, 4, 1), floats([1, 1, 1, 1]), float(1, 4, 4, 1)],
        convOptions(0, 0),
      ),
      'got a stride or dilation of 0',
    ],
    [
      'two outputs where one is made',
      {
        tensors: [float(2), float(2), float(2)],
        operators: [{ kind: 'RELU', inputs: [0], outputs: [1, 2] }],
        inputs: [0],
        outputs: [1],
      },
      '0 RELU: got 2 outputs',
    ],
    ['no outputs', { ...relu({}), outputs: [] }, 'got no outputs'],
  ])('%s', (_, spec, message) => {
    expect(() => read(spec)).toThrow(message);
  });

  test('what is no TFLite file', () => {
    expect(sniffTflite(new Uint8Array(0))).toBe(false);
    expect(sniffTflite(writeModel(relu({})))).toBe(true);
    expect(() => readTflite(new Uint8Array(100))).toThrow('without the mark TFL3 at byte 4');
  });
});

test('ids are unique where names are not', () => {
  const names = ['a', 'a', '', 'a#2', 'a'];
  const tensors = names.map((name) => ({ name, ...float(1) }));
  const operators = names.slice(1).map((_, i) => ({ kind: 'RELU', inputs: [i], outputs: [i + 1] }));
  const file = writeModel({ tensors, operators, inputs: [0], outputs: [4] });
  const ids = tfliteTensorIds(file);
  expect(ids).toEqual(['a', 'a#2', '#2', 'a#2#2', 'a#3']);
  const { nodes } = readTflite(file);
  expect(nodes.map(({ outputs }) => outputs[0]!.id)).toEqual(ids.slice(1));
});

describe('metadata', () => {
  /** Root → subgraph → the input's normalisation, the output's label file. */
  function writeMetadata(mean: number[], std: number[], labels: string): Uint8Array {
    const b = new Builder();
    const list = (values: number[]): number => {
      b.startVector(4, values.length, 4);
      for (const value of values.toReversed()) b.addFloat32(value);
      return b.endVector();
    };
    const vector = (offset: number): number => {
      b.startVector(4, 1, 4);
      b.addOffset(offset);
      return b.endVector();
    };
    const table = (...fields: [slot: number, type: 'int8' | 'offset', value: number][]): number => {
      b.startObject(8);
      for (const [slot, type, value] of fields) {
        if (type === 'int8') b.addFieldInt8(slot, value, 0);
        else b.addFieldOffset(slot, value, 0);
      }
      return b.endObject();
    };
    const [means, stds] = [list(mean), list(std)];
    const options = table([0, 'offset', means], [1, 'offset', stds]);
    const units = vector(table([0, 'int8', 1], [1, 'offset', options]));
    const content = table([0, 'int8', 2], [1, 'offset', table([0, 'int8', 1])]);
    const inputs = vector(table([3, 'offset', content], [4, 'offset', units]));
    const name = b.createString(labels);
    const files = vector(table([0, 'offset', name], [2, 'int8', 2]));
    const outputs = vector(table([6, 'offset', files]));
    const subgraphs = vector(table([2, 'offset', inputs], [3, 'offset', outputs]));
    b.finish(table([3, 'offset', subgraphs]), 'M001');
    return b.asUint8Array().slice();
  }

  const withMetadata = (
    tensor: TensorSpec,
    metadata: Uint8Array,
    zip: Uint8Array = new Uint8Array(0),
  ) => {
    const spec = { ...single('RELU', [tensor, tensor]), metadata: { TFLITE_METADATA: metadata } };
    const model = writeModel(spec);
    // Archives behind a model count their offsets from the start of the file, as Python writes them.
    const file = new Uint8Array(model.length + zip.length);
    file.set(model);
    file.set(zip, model.length);
    if (zip.length > 0) {
      const view = new DataView(file.buffer);
      const end = file.length - 22;
      const directory = view.getUint32(end + 16, true) + model.length;
      view.setUint32(end + 16, directory, true);
      view.setUint32(directory + 42, view.getUint32(directory + 42, true) + model.length, true);
    }
    return readTflite(file).metadata;
  };
  const text = (lines: string) => new TextEncoder().encode(lines);

  test('labels and the normalisation of a float input', () => {
    const zip = zipSync({ 'names.txt': text('cat\r\ndog\n') });
    const metadata = writeMetadata([127.5], [1, 2, 4], 'names.txt');
    expect(withMetadata(float(1, 2, 2, 3), metadata, zip)).toEqual({
      labels: ['cat', 'dog'],
      input: { order: 'rgb', mean: [127.5, 127.5, 127.5], std: [1, 2, 4] },
    });
  });

  test('8-bit inputs take pixels as they are', () => {
    const metadata = writeMetadata([127.5], [127.5], 'names.txt');
    const { input } = withMetadata(bytes([1, 2, 2, 1], 0.25, -3), metadata);
    expect(input).toEqual({ order: 'rgb', mean: [125], std: [4] });
  });

  test('labels that are missing, too long or packed in a broken way are left out', () => {
    const metadata = writeMetadata([0], [1], 'names.txt');
    const input = { order: 'rgb', mean: [0], std: [1] };
    const other = zipSync({ 'other.txt': text('cat') });
    expect(withMetadata(float(1), metadata, other)).toEqual({ input });
    const giant = zipSync({ 'names.txt': new Uint8Array(1 << 21) });
    expect(withMetadata(float(1), metadata, giant)).toEqual({ input });
    const broken = zipSync({ 'names.txt': text('cat\n'.repeat(99)) });
    broken.fill(0xff, 39, 50);
    expect(withMetadata(float(1), metadata, broken)).toEqual({ input });
  });

  test.each([
    ['a std of 0', writeMetadata([0], [0], 'x'), 'expected finite numbers, one or 3 of each'],
    ['two means for three channels', writeMetadata([1, 2], [1], 'x'), 'got mean 1, 2 and std 1'],
    ['a mark that is not theirs', new Uint8Array(64), 'the metadata: got the mark'],
    [
      'an end before its time',
      writeMetadata([0], [1], 'x').subarray(0, 60),
      'expected a sound flatbuffer of 60',
    ],
  ])('%s is refused', (_, metadata, message) => {
    expect(() => withMetadata(float(1, 3), metadata)).toThrow(message);
  });
});
