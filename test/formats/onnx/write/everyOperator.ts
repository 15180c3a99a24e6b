import type { Graph } from '../../../../src/graph/graph.ts';
import { type NodeOf, noClamp, type OpName } from '../../../../src/graph/node.ts';
import type { Shape } from '../../../../src/graph/shape.ts';
import { perTensor, type Quantization, type Tensor } from '../../../../src/graph/tensor.ts';
import type { GraphBuilder } from '../../../../src/ops/builder.ts';
import { addConv, builder, constant, floats, plainWindow } from '../../../passes/graphs.ts';

interface Case {
  readonly name: string;
  readonly graph: Graph;
  readonly input: Float32Array;
}

const shape = [1, 5, 6, 4];
const unary = { alpha: 0.2, beta: 0.5 };
const clamped = { min: -0.5, max: 0.75 };

type Make = (b: GraphBuilder, x: Tensor) => readonly Tensor[];

function one<Op extends OpName>(
  op: Op,
  attributes: NodeOf<Op>['attributes'],
  ...rest: ((b: GraphBuilder, x: Tensor) => Tensor)[]
): Make {
  return (b, x) => {
    const inputs = [x, ...rest.map((make) => make(b, x))] as unknown as NodeOf<Op>['inputs'];
    return b.node(op, op, inputs, attributes, [{ id: 'y', dtype: 'float32' }]);
  };
}

const vector = (b: GraphBuilder): Tensor => constant(b, 'v', [4], 5);
const whole = (b: GraphBuilder): Tensor => constant(b, 'm', [5, 6, 4], 6);
const number = (b: GraphBuilder): Tensor => constant(b, 'n', [1], 7);
const convolved = (b: GraphBuilder, x: Tensor): Tensor => addConv(b, x, 4, 1, 'beside');

function weights(b: GraphBuilder, of: Shape): Tensor {
  return constant(b, 'w', of, 8);
}

function quantized(b: GraphBuilder, x: Tensor, id: string, quantization: Quantization): Tensor {
  const [q] = b.node('Quantize', id, [x], {}, [{ id, dtype: 'uint8', quantization }]);
  return b.node('Dequantize', `${id}/r`, [q!], {}, [{ id: `${id}/r`, dtype: 'float32' }])[0]!;
}

const window = { ...plainWindow, pads: [1, 0, 1, 2], strides: [2, 1] } as const;

const operators: Readonly<Record<string, Make>> = {
  Conv: one('Conv', { ...window, groups: 2, ...clamped }, (b) => weights(b, [6, 3, 2, 2])),
  ConvDilated: one('Conv', { ...window, dilations: [1, 2], groups: 1, ...noClamp, min: 0 }, (b) =>
    weights(b, [3, 2, 3, 4]),
  ),
  ConvTranspose: one(
    'ConvTranspose',
    { ...window, pads: [1, 0, 0, 1], groups: 1, outputPadding: [1, 0], ...clamped },
    (b) => weights(b, [3, 3, 2, 4]),
  ),
  ConvTransposeGroups: one(
    'ConvTranspose',
    { ...plainWindow, groups: 2, outputPadding: [0, 0], ...noClamp },
    (b) => weights(b, [6, 2, 3, 2]),
  ),
  FullyConnected: one('FullyConnected', { ...clamped, keepDims: true }, (b) => weights(b, [7, 4])),
  FullyConnectedFlat: one('FullyConnected', { ...noClamp, keepDims: false }, (b) =>
    weights(b, [7, 120]),
  ),
  MatMul: one('MatMul', {}, (b, x) => {
    return b.node('Transpose', 't', [x], { permutation: [0, 1, 3, 2] }, [
      { id: 't', dtype: 'float32' },
    ])[0]!;
  }),
  Add: one('Add', clamped, vector),
  AddMaps: one('Add', noClamp, convolved),
  Sub: one('Sub', noClamp, whole),
  Mul: one('Mul', noClamp, number),
  Div: one('Div', clamped, convolved),
  PRelu: one('PRelu', {}, vector),
  Relu: one('Relu', unary),
  Clip: one('Clip', { alpha: -0.25, beta: 0.5 }),
  ClipBelow: one('Clip', { alpha: Number.NEGATIVE_INFINITY, beta: 0.5 }),
  LeakyRelu: one('LeakyRelu', unary),
  HardSigmoid: one('HardSigmoid', unary),
  HardSwish: one('HardSwish', unary),
  Sigmoid: one('Sigmoid', unary),
  Tanh: one('Tanh', unary),
  Softmax: one('Softmax', { axis: 3, beta: 1 }),
  LogSoftmax: one('LogSoftmax', { axis: 1, beta: 1 }),
  BatchNorm: one('BatchNorm', { epsilon: Math.fround(1e-3) }, vector, vector, vector, (b) =>
    b.constant('variance', 'float32', [4], Float32Array.of(1, 2, 0.5, 1e-42)),
  ),
  MaxPool: one('MaxPool', {
    ...window,
    ...clamped,
    kernel: [2, 3],
    ceilMode: true,
    countIncludePad: false,
  }),
  AveragePool: one('AveragePool', {
    ...window,
    ...noClamp,
    kernel: [2, 3],
    ceilMode: false,
    countIncludePad: true,
  }),
  AveragePoolDilated: one('AveragePool', {
    ...plainWindow,
    dilations: [2, 1],
    ...noClamp,
    kernel: [2, 2],
    ceilMode: false,
    countIncludePad: false,
  }),
  MeanGlobal: one('Mean', { axes: [1, 2], keepDims: true }),
  MeanChannels: one('Mean', { axes: [3], keepDims: true }),
  MeanDropped: one('Mean', { axes: [1, 3], keepDims: false }),
  Concat: one('Concat', { axis: 3 }, convolved),
  Slice: one('Slice', { starts: [0, 4, 1, 0], sizes: [1, 3, 2, 2], steps: [1, -2, 2, 2] }),
  SliceBackwards: one('Slice', {
    starts: [0, 2, 0, 3],
    sizes: [1, 3, 6, 4],
    steps: [1, -1, 1, -1],
  }),
  Pad: one('Pad', { before: [0, 1, 0, 2], after: [0, 0, 3, 1], mode: 'constant', value: -1.5 }),
  PadEdge: one('Pad', { before: [0, 1, 2, 0], after: [0, 0, 1, 0], mode: 'edge', value: 0 }),
  PadReflect: one('Pad', { before: [0, 1, 2, 0], after: [0, 0, 1, 0], mode: 'reflect', value: 0 }),
  Reshape: one('Reshape', { shape: [3, 40] }),
  ReshapeSame: one('Reshape', { shape }),
  Transpose: one('Transpose', { permutation: [0, 2, 1, 3] }),
  TransposeOut: one('Transpose', { permutation: [0, 3, 1, 2] }),
  ResizeNearest: one('Resize', {
    mode: 'nearest',
    size: [10, 9],
    scales: [2, 1.5],
    coordinates: 'asymmetric',
    nearest: 'floor',
  }),
  ResizeLinear: one('Resize', {
    mode: 'linear',
    size: [7, 8],
    scales: [Math.fround(1.45), Math.fround(1.4)],
    coordinates: 'halfPixel',
    nearest: 'roundPreferFloor',
  }),
  ArgMax: (b, x) =>
    b.node('ArgMax', 'a', [x], { axis: 3, keepDims: true, selectLast: true }, [
      { id: 'y', dtype: 'int64' },
    ]),
  Split: (b, x) =>
    b.node('Split', 's', [x], { axis: 3, sizes: [1, 3] }, [
      { id: 'y', dtype: 'float32' },
      { id: 'z', dtype: 'float32' },
    ]),
  Cast: (b, x) => b.node('Cast', 'c', [x], {}, [{ id: 'y', dtype: 'int32' }]),
  Quantized: (b, x) => {
    const q = quantized(b, x, 'q', perTensor(0.01, 100));
    const [y] = b.node('Add', 'add', [q, q], noClamp, [{ id: 'sum', dtype: 'float32' }]);
    return [quantized(b, y!, 'y', perTensor(0.02, 90))];
  },
  QuantizedChannels: (b, x) => {
    const quantization = {
      scale: Float32Array.of(0.01, 0.02, 0.03, 0.015),
      zeroPoint: Int32Array.of(128, 0, 255, 9),
      axis: 3,
    };
    return [quantized(b, x, 'y', quantization)];
  },
  Requantize: (b, x) => {
    const quantization = perTensor(0.01, 100);
    const [q] = b.node('Quantize', 'q', [x], {}, [{ id: 'q', dtype: 'uint8', quantization }]);
    return b.node('Requantize', 'r', [q!], {}, [
      { id: 'y', dtype: 'uint8', quantization: perTensor(0.013, 4) },
    ]);
  },
};

/** Each operator on an input as it comes, and behind a convolution, where the file's map is NCHW. */
export const everyOperator: readonly Case[] = Object.entries(operators).flatMap(([name, make]) =>
  [false, true].map((behind) => {
    const b = builder();
    const x = b.input('x', 'float32', shape);
    const graph = b.build(make(b, behind ? addConv(b, x, 4, 1, 'before') : x));
    return { name: `${name}${behind ? ' behind a Conv' : ''}`, graph, input: floats(shape, 3) };
  }),
);
