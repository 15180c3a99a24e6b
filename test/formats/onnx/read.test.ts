import { describe, expect, test } from 'vitest';
import { ModelError } from '../../../src/errors.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { sniffOnnx } from '../../../src/formats/onnx/sniff.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import type { OpName } from '../../../src/graph/node.ts';
import type { Tensor } from '../../../src/graph/tensor.ts';
import { floats, info, integers, type ModelText, modelBytes, tensor } from './modelFile.ts';

const node = (op: string, inputs: string, outputs: string, attributes = {}) => ({
  op,
  inputs: inputs.split(' '),
  outputs: outputs.split(' '),
  attributes,
});

function read(model: ModelText, options = {}): Graph {
  return readOnnx(modelBytes(model), options);
}

function opsOf(graph: Graph): OpName[] {
  return graph.nodes.map(({ op }) => op);
}

/** Adds a constant that the nodes compute, `c`, to an input, and returns what they made of it. */
function folded(model: Partial<ModelText>, shape: readonly number[] = [1]): Tensor {
  const graph = read({
    ...model,
    inputs: [info('x', shape), ...(model.inputs ?? [])],
    outputs: [info('y', shape)],
    nodes: [...(model.nodes ?? []), node('Add', 'x c', 'y')],
  });
  const add = graph.nodes.find(({ op }) => op === 'Add')!;
  expect(add.inputs[1]!.data).toBeDefined();
  return add.inputs[1]!;
}

describe('layout', () => {
  const conv: ModelText = {
    inputs: [info('x', [1, 2, 5, 5])],
    outputs: [info('y', [1, 3, 3, 3])],
    constants: [floats('w', [3, 2, 3, 3], ...Array.from({ length: 54 }, (_, i) => i))],
    nodes: [node('Conv', 'x w', 'y')],
  };

  test('a map is turned to NHWC around a convolution, and the weights with it', () => {
    const graph = read(conv);
    expect(opsOf(graph)).toEqual(['Transpose', 'Conv', 'Transpose']);
    const weights = graph.nodes[1]!.inputs[1]!;
    expect(weights.shape).toEqual([3, 3, 3, 2]);
    expect(Array.from(weights.data!.slice(0, 4), Number)).toEqual([0, 9, 1, 10]);
    expect(graph.outputs.map(({ id, shape }) => [id, shape])).toEqual([['y', [1, 3, 3, 3]]]);
  });

  test('two convolutions in a row share the map between them', () => {
    const second = floats('w2', [4, 3, 1, 1], ...Array.from({ length: 12 }, (_, i) => i));
    const graph = read({
      ...conv,
      outputs: [info('z', [1, 4, 3, 3])],
      constants: [...conv.constants!, second],
      nodes: [...conv.nodes, node('Conv', 'y w2', 'z')],
    });
    expect(opsOf(graph)).toEqual(['Transpose', 'Conv', 'Conv', 'Transpose']);
  });

  test('a map of one dimension is one high', () => {
    const graph = read({
      inputs: [info('x', [1, 2, 8])],
      outputs: [info('y', [1, 3, 4])],
      constants: [floats('w', [3, 2, 3], ...Array.from({ length: 18 }, (_, i) => i))],
      nodes: [node('Conv', 'x w', 'y', { strides: [2], pads: [1, 1] })],
    });
    expect(graph.nodes.find(({ op }) => op === 'Conv')!.outputs[0]!.shape).toEqual([1, 1, 4, 3]);
    expect(graph.outputs[0]!.shape).toEqual([1, 3, 4]);
  });

  test.each([
    ['SAME_UPPER', [0, 0, 1, 1]],
    ['SAME_LOWER', [1, 1, 0, 0]],
    ['VALID', [0, 0, 0, 0]],
  ])('auto_pad %s', (mode, pads) => {
    const graph = read({
      ...conv,
      inputs: [info('x', [1, 2, 6, 6])],
      nodes: [node('Conv', 'x w', 'y', { auto_pad: mode, strides: [2, 2] })],
    });
    const found = graph.nodes.find(({ op }) => op === 'Conv')!;
    expect(found.attributes).toMatchObject({ pads });
  });

  test('a transposed convolution in groups', () => {
    const graph = read({
      inputs: [info('x', [1, 4, 3, 3])],
      outputs: [info('y', [1, 6, 6, 6])],
      constants: [floats('w', [4, 3, 2, 2], ...Array.from({ length: 48 }, (_, i) => i))],
      nodes: [node('ConvTranspose', 'x w', 'y', { group: 2, strides: [2, 2] })],
    });
    const weights = graph.nodes[1]!.inputs[1]!;
    expect(weights.shape).toEqual([6, 2, 2, 2]);
    // Output 3 is the first of the second group: its inputs are channels 2 and 3.
    expect(Number(weights.data![3 * 8])).toBe(24);
    expect(Number(weights.data![3 * 8 + 1])).toBe(36);
  });
});

describe('quantized weights', () => {
  const scale = floats('s', [3], 0.5, 0.25, 2);
  const weights = Int8Array.from({ length: 12 }, (_, i) => i - 6);

  test('stay integers behind a Dequantize, turned with their axis', () => {
    const graph = read({
      inputs: [info('x', [1, 4])],
      outputs: [info('y', [1, 3])],
      constants: [tensor('w', 'int8', [4, 3], weights), scale],
      nodes: [node('DequantizeLinear', 'w s', 'd'), node('MatMul', 'x d', 'y')],
    });
    expect(opsOf(graph)).toEqual(['Dequantize', 'FullyConnected']);
    const [integers] = graph.nodes[0]!.inputs as readonly [Tensor];
    expect([integers.dtype, integers.shape, integers.quantization!.axis]).toEqual([
      'int8',
      [3, 4],
      0,
    ]);
    expect([...(integers.data as Int8Array)]).toEqual([-6, -3, 0, 3, -5, -2, 1, 4, -4, -1, 2, 5]);
  });

  test('float weights that the file quantizes itself become such integers', () => {
    const graph = read({
      inputs: [info('x', [1, 4])],
      outputs: [info('y', [1, 3])],
      constants: [
        floats('f', [3, 4], ...Array.from({ length: 12 }, (_, i) => i / 4)),
        floats('s', [], 0.25),
        tensor('z', 'int8', [], Int8Array.of(0)),
      ],
      nodes: [
        node('QuantizeLinear', 'f s z', 'q'),
        node('DequantizeLinear', 'q s z', 'd'),
        node('Gemm', 'x d', 'y', { transB: 1 }),
      ],
    });
    expect(opsOf(graph)).toEqual(['Dequantize', 'FullyConnected']);
    expect([...(graph.nodes[0]!.inputs[0]!.data as Int8Array)]).toEqual([...Array(12).keys()]);
  });

  test.each([
    ['int2', Uint8Array.of(0b11_10_01_00), [0, 1, -2, -1]],
    ['uint2', Uint8Array.of(0b11_10_01_00), [0, 1, 2, 3]],
    ['int4', Uint8Array.of(0x8f, 0x07), [-1, -8, 7, 0]],
    ['uint4', Uint8Array.of(0x8f, 0x07), [15, 8, 7, 0]],
  ] as const)('%s is unpacked from the low bits on', (type, bytes, expected) => {
    const graph = read({
      opset: 25,
      inputs: [info('x', [1, 4])],
      outputs: [info('y', [1, 1])],
      constants: [tensor('w', type, [4, 1], bytes), floats('s', [], 1)],
      nodes: [node('DequantizeLinear', 'w s', 'd'), node('MatMul', 'x d', 'y')],
    });
    const [integers] = graph.nodes[0]!.inputs as readonly [Tensor];
    expect([...(integers.data as Int8Array)]).toEqual(expected);
    expect(integers.storedBits).toBe(Number(type.replace(/\D/g, '')));
  });

  test('blocked scales fold', () => {
    const c = folded(
      {
        opset: 21,
        constants: [
          tensor('w', 'int8', [1, 4], Int8Array.of(1, 2, 3, 4)),
          floats('s', [1, 2], 0.5, 2),
        ],
        nodes: [node('DequantizeLinear', 'w s', 'c', { axis: 1, block_size: 2 })],
      },
      [1, 4],
    );
    expect([...(c.data as Float32Array)]).toEqual([0.5, 1, 6, 8]);
  });
});

test('a map that is read on another scale keeps its layout', () => {
  const weights = tensor('w', 'int8', [1, 1, 1, 1], Int8Array.of(1));
  const zero = tensor('z', 'uint8', [], Uint8Array.of(0));
  const zeroW = tensor('zw', 'int8', [], Int8Array.of(0));
  const graph = read({
    inputs: [info('x', [1, 1, 4, 4], 'uint8')],
    outputs: [info('y', [1, 1, 4, 4], 'uint8')],
    constants: [weights, zero, zeroW, floats('s', [], 0.5), floats('t', [], 0.25)],
    nodes: [
      node('QLinearConv', 'x s z w s zw s z', 'm'),
      node('QLinearConv', 'm t z w s zw s z', 'y'),
    ],
  });
  expect(opsOf(graph)).toEqual(['Transpose', 'Conv', 'Reshape', 'Conv', 'Transpose']);
  const [input] = graph.nodes[3]!.inputs as readonly [Tensor];
  expect(input.quantization!.scale[0]).toBe(0.25);
});

test("Node's Buffer is read like any bytes", () => {
  const bytes = modelBytes({
    inputs: [info('x', [2])],
    outputs: [info('y', [2])],
    constants: [floats('c', [2], 3, 4)],
    nodes: [node('Add', 'x c', 'y')],
  });
  const [add] = readOnnx(Buffer.from(bytes)).nodes;
  expect([...(add!.inputs[1]!.data as Float32Array)]).toEqual([3, 4]);
});

describe('constants', () => {
  test('weights behind a table of values', () => {
    const c = folded(
      {
        constants: [
          tensor('codes', 'uint8', [2, 2], Uint8Array.of(0, 1, 2, 1)),
          floats('table', [3], -0.5, 0, 0.75),
        ],
        nodes: [node('Cast', 'codes', 'i', { to: 6 }), node('Gather', 'table i', 'c')],
      },
      [2, 2],
    );
    expect([...(c.data as Float32Array)]).toEqual([-0.5, 0, 0.75, 0]);
    expect(c.storedBits).toBe(8);
  });

  test('float16 initializers', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x3555, 0x0001);
    const c = folded(
      {
        constants: [tensor('h', 'float16', [4], bits)],
        nodes: [node('Cast', 'h', 'c', { to: 1 })],
      },
      [4],
    );
    expect([...(c.data as Float32Array)]).toEqual([1, -2, 0.333251953125, 2 ** -24]);
    expect(c.storedBits).toBe(16);
  });

  test('the shape of a tensor, taken apart and put together', () => {
    const graph = read({
      opset: 12,
      inputs: [info('x', ['n', 3, 2, 2])],
      outputs: [info('y', ['n', 12])],
      constants: [tensor('zero', 'int64', [], BigInt64Array.of(0n)), integers('rest', -1)],
      nodes: [
        node('Shape', 'x', 's'),
        node('Gather', 's zero', 'n'),
        node('Unsqueeze', 'n', 'u', { axes: [0] }),
        node('Concat', 'u rest', 't', { axis: 0 }),
        node('Reshape', 'x t', 'y'),
      ],
    });
    expect(opsOf(graph)).toEqual(['Reshape']);
    expect(graph.outputs[0]!.shape).toEqual([1, 12]);
  });

  const pair = [floats('a', [2], 6, -3), floats('b', [1], 2)];
  test.each([
    ['Add', [8, -1]],
    ['Sub', [4, -5]],
    ['Mul', [12, -6]],
    ['Div', [3, -1.5]],
    ['Pow', [36, 9]],
    ['Min', [2, -3]],
    ['Max', [6, 2]],
  ])('%s of floats', (op, expected) => {
    const c = folded({ constants: pair, nodes: [node(op, 'a b', 'c')] }, [2]);
    expect([...(c.data as Float32Array)]).toEqual(expected);
  });

  test.each([
    ['Div', [-3n, 2n], [-3, 3]],
    ['Mul', [-14n, 12n], [-14, 12]],
    ['Sub', [-9n, 4n], [-9, 4]],
  ])('%s of integers', (op, _, expected) => {
    const c = folded(
      {
        constants: [integers('a', -7, 6), integers('b', 2, 2)],
        nodes: [node(op, 'a b', 'i'), node('Cast', 'i', 'c', { to: 1 })],
      },
      [2],
    );
    expect([...(c.data as Float32Array)]).toEqual(expected);
  });

  test('Slice backwards, Transpose, Squeeze, Expand, Where, Range', () => {
    const c = folded(
      {
        constants: [
          integers('start', 0),
          integers('limit', 6),
          integers('step', 1),
          integers('shape', 2, 3),
          integers('last', -1),
          integers('far', -100),
          integers('one', 1),
        ],
        nodes: [
          node('Squeeze', 'start', 's0'),
          node('Squeeze', 'limit', 's1'),
          node('Squeeze', 'step', 's2'),
          node('Range', 's0 s1 s2', 'r'),
          node('Reshape', 'r shape', 'm'),
          node('Slice', 'm last far one last', 'back'),
          node('Transpose', 'back', 't'),
          node('Expand', 'one shape', 'ones'),
          node('Transpose', 'ones', 'ones_t'),
          node('Equal', 't ones_t', 'eq'),
          node('Where', 'eq last t', 'w'),
          node('Cast', 'w', 'c', { to: 1 }),
        ],
      },
      [3, 2],
    );
    expect([...(c.data as Float32Array)]).toEqual([2, 5, -1, 4, 0, 3]);
  });

  test('a list that begins empty', () => {
    const c = folded({
      constants: [integers('none'), integers('one', 3)],
      nodes: [node('Concat', 'none one', 'i', { axis: 0 }), node('Cast', 'i', 'c', { to: 1 })],
    });
    expect([...(c.data as Float32Array)]).toEqual([3]);
  });

  test('an expansion out of proportion is refused', () => {
    const model: Partial<ModelText> = {
      constants: [integers('shape', 2 ** 15, 2 ** 15), floats('one', [1], 1)],
      nodes: [node('Expand', 'one shape', 'c')],
    };
    expect(() => folded(model, [1])).toThrow(/1073741824 elements/);
  });
});

describe('inputs', () => {
  const relu = (shape: readonly (number | string)[]): ModelText => ({
    inputs: [info('x', shape)],
    outputs: [info('y', shape)],
    nodes: [node('Relu', 'x', 'y')],
  });

  test('an open batch is 1', () => {
    expect(read(relu(['n', 3])).inputs[0]!.shape).toEqual([1, 3]);
  });

  test('other open dimensions have to be given', () => {
    expect(() => read(relu([1, 'w']))).toThrow(/fix its shape: load/);
    const graph = read(relu([1, 'w']), { inputs: { x: { shape: [1, 7] } } });
    expect(graph.inputs[0]!.shape).toEqual([1, 7]);
  });

  test('a shape that contradicts the file is refused', () => {
    expect(() => read(relu([1, 3]), { inputs: { x: { shape: [1, 4] } } })).toThrow(/\[1\]\[3\]/);
    expect(() => read(relu([1, 3]), { inputs: { z: { shape: [1, 4] } } })).toThrow(/input z/);
  });

  test('a value makes a constant', () => {
    const model: ModelText = {
      inputs: [info('x', [1, 2]), info('w', [2, 1])],
      outputs: [info('y', [1, 1])],
      nodes: [node('MatMul', 'x w', 'y')],
    };
    expect(opsOf(read(model))).toEqual(['MatMul']);
    const graph = read(model, { inputs: { w: { value: Float32Array.of(3, 4) } } });
    expect(opsOf(graph)).toEqual(['FullyConnected']);
    expect(graph.inputs.map(({ id }) => id)).toEqual(['x']);
    const wrong = { inputs: { w: { value: Int32Array.of(3, 4) } } };
    expect(() => read(model, wrong)).toThrow(/Float32Array/);
  });

  test('an 8-bit input takes the scale of its reader', () => {
    const graph = read({
      inputs: [info('x', [1, 2], 'uint8')],
      outputs: [info('y', [1, 2])],
      constants: [floats('s', [], 0.5), tensor('z', 'uint8', [], Uint8Array.of(7))],
      nodes: [node('DequantizeLinear', 'x s z', 'y')],
    });
    const { scale, zeroPoint } = graph.inputs[0]!.quantization!;
    expect([scale[0], zeroPoint[0]]).toEqual([0.5, 7]);
    expect(opsOf(graph)).toEqual(['Dequantize']);
  });
});

describe('metadata', () => {
  const model = (metadata: Record<string, string>): ModelText => ({
    metadata,
    inputs: [info('x', [1])],
    outputs: [info('y', [1])],
    nodes: [node('Relu', 'x', 'y')],
  });

  test('preprocessing and labels', () => {
    const input = { size: [28, 28], order: 'grey', mean: [72], std: [90], fit: 'squash' };
    const labels = ['a', 'b'];
    const metadata = {
      'microjoule.input': JSON.stringify(input),
      'microjoule.labels': JSON.stringify(labels),
    };
    expect(read(model(metadata)).metadata).toEqual({ input, labels });
  });

  test.each([
    ['microjoule.input', '{'],
    ['microjoule.input', '[]'],
    ['microjoule.input', '{"size":[0,1]}'],
    ['microjoule.input', '{"std":[0]}'],
    ['microjoule.input', '{"colour":"rgb"}'],
    ['microjoule.labels', '[1]'],
  ])('%s %s is refused', (key, value) => {
    expect(() => read(model({ [key]: value }))).toThrow(ModelError);
  });
});

describe('faults', () => {
  const base: ModelText = {
    inputs: [info('x', [1, 2])],
    outputs: [info('y', [1, 2])],
    nodes: [node('Relu', 'x', 'y')],
  };
  const wrong: readonly (readonly [string, Partial<ModelText>, RegExp])[] = [
    ['an old opset', { opset: 9 }, /opset 9, expected opset 10 to 25/],
    ['a new opset', { opset: 26 }, /opset 26/],
    [
      'all unknown operators',
      {
        domains: ['my.ops'],
        nodes: [
          { ...node('LSTM', 'x', 'a'), name: 'first' },
          { ...node('Blur', 'a', 'b'), name: 'second', domain: 'my.ops' },
          { ...node('LSTM', 'b', 'y'), name: 'third' },
        ],
      },
      /first, third: got operator LSTM of ONNX version 17.*\nsecond: got operator Blur of my.ops version 1/,
    ],
    ['a cycle', { nodes: [node('Add', 'x y', 'z'), node('Relu', 'z', 'y')] }, /a cycle/],
    ['a missing tensor', { nodes: [node('Add', 'x nowhere', 'y')] }, /"nowhere", which nothing/],
    [
      'two producers',
      { nodes: [node('Relu', 'x', 'y'), node('Tanh', 'x', 'y')] },
      /second producer/,
    ],
    ['a missing output', { outputs: [info('z', [1, 2])] }, /output "z"/],
    ['two inputs of a name', { inputs: [info('x', [1, 2]), info('x', [1, 2])] }, /two inputs/],
    ['a string tensor', { inputs: [info('x', [1, 2], 'string')] }, /type string/],
    [
      'an attribute that is not known',
      { nodes: [node('Relu', 'x', 'y', { slope: 1 })] },
      /attribute slope/,
    ],
    [
      'an attribute of another type',
      { nodes: [node('Softmax', 'x', 'y', { axis: 'last' })] },
      /attribute axis as a string, expected an integer/,
    ],
    ['an axis beyond the rank', { nodes: [node('Softmax', 'x', 'y', { axis: 2 })] }, /axis 2/],
    [
      'data of the wrong length',
      {
        constants: [tensor('w', 'float32', [3], Float32Array.of(1, 2))],
        nodes: [node('Add', 'x w', 'y')],
      },
      /8 bytes, expected 12/,
    ],
    [
      'a negative dimension',
      { constants: [tensor('w', 'float32', [-1], Float32Array.of(1))] },
      /dimension -1/,
    ],
    ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY].map(
      (scale) =>
        [
          `scale ${scale}`,
          {
            constants: [floats('s', [], scale)],
            nodes: [node('QuantizeLinear', 'x s', 'q'), node('DequantizeLinear', 'q s', 'y')],
          },
          /a finite scale above 0/,
        ] as const,
    ),
    [
      'a tensor of no elements',
      {
        constants: [integers('from', 1), integers('to', 1)],
        nodes: [node('Slice', 'x from to to', 'y')],
      },
      /at least one element/,
    ],
    [
      'faults of independent nodes, together',
      {
        nodes: [
          { ...node('Softmax', 'x', 'a', { axis: 7 }), name: 'one' },
          { ...node('Flatten', 'x', 'b', { axis: 8 }), name: 'two' },
          node('Add', 'a b', 'y'),
        ],
      },
      /^one: .*\ntwo: /,
    ],
  ];

  test.each(wrong)('%s', (_, change, message) => {
    const model = { ...base, ...change };
    expect(() => read(model)).toThrow(ModelError);
    expect(() => read(model)).toThrow(message);
  });

  test('external data', () => {
    const weights = floats('w', [1, 2], 1, 2);
    weights.dataLocation = 1;
    const model = { ...base, constants: [weights], nodes: [node('Add', 'x w', 'y')] };
    expect(() => read(model)).toThrow(/data in another file/);
  });

  // Two bytes a node, or one a dimension, would become objects many times that size.
  test.each([
    ['nodes', 0x0a, [0x0a, 0x00]],
    ['dimensions', 0x2a, [0x01]],
  ])('a file made of %s', (what, tag, unit) => {
    const count = 1 << 24;
    const varint = (n: number): number[] =>
      n < 128 ? [n] : [(n & 0x7f) | 0x80, ...varint(Math.floor(n / 128))];
    const content = new Uint8Array(count).map((_, i) => unit[i % unit.length]!);
    const dims = [0x0a, ...varint(count)];
    const body = what === 'nodes' ? [] : [tag, ...varint(count + dims.length), ...dims];
    const graph = [0x3a, ...varint(count + body.length), ...body];
    const bytes = new Uint8Array(graph.length + count);
    bytes.set(graph);
    bytes.set(content, graph.length);
    expect(() => readOnnx(bytes)).toThrow(/more than \d+ (messages|numbers)/);
  });

  test('bytes that are no model', () => {
    for (const text of ['', 'hello', '{"json": 1}', '\x89PNG\r\n\x1a\n', 'PK\x03\x04']) {
      const bytes = new TextEncoder().encode(text);
      expect(sniffOnnx(bytes)).toBe(false);
      expect(() => readOnnx(bytes)).toThrow(ModelError);
    }
  });
});
