import { describe, expect, test } from 'vitest';
import { readTflite, tfliteTensorIds } from '../../../src/formats/tflite/read.ts';
import { sniffTflite } from '../../../src/formats/tflite/sniff.ts';
import { bytes, convOptions, float, floats, ints, read, single } from './cases.ts';
import { type ModelSpec, type TensorSpec, writeModel } from './writeModel.ts';

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
    [
      'an input of two scales',
      relu({ type: 'INT8', scale: [1, 1], zeroPoint: [0, 0] }),
      'got 2 scales, expected one, since it is no constant',
    ],
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
