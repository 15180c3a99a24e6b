import { operators } from '../../../src/formats/tflite/operators.ts';
import type { ModelSpec, OperatorSpec, TensorSpec } from './writeModel.ts';

const tensors: TensorSpec[] = [];
const list: OperatorSpec[] = [];

function tensor(spec: TensorSpec): number {
  return tensors.push({ name: `t${tensors.length}`, ...spec }) - 1;
}

function ints(...values: number[]): number {
  return tensor({ shape: [values.length], type: 'INT32', data: Int32Array.from(values) });
}

function floats(...shape: number[]): number {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensor({ shape, data: Float32Array.from({ length: count }, (_, i) => (i + 1) / count) });
}

function add(
  kind: string,
  inputs: readonly number[],
  output: TensorSpec,
  options?: OperatorSpec['options'],
): number {
  const outputs = [tensor(output)];
  list.push({ kind, inputs, outputs, ...(options === undefined ? {} : { options }) });
  return outputs[0]!;
}

const image = tensor({ name: 'image', shape: [1, 4, 4, 2], signature: [-1, 4, 4, 2] });
const map: TensorSpec = { shape: [1, 4, 4, 2] };
const byteMap: TensorSpec = { ...map, type: 'INT8', scale: [1 / 64], zeroPoint: [3] };

const window = [
  [0, 'int8', 0],
  [1, 'int32', 1],
  [2, 'int32', 1],
] as const;
const dilation = [
  [4, 'int32', 1],
  [5, 'int32', 1],
] as const;
const poolOptions = {
  type: 'Pool2D',
  fields: [...window, [3, 'int32', 2], [4, 'int32', 2]],
} as const;
const scale = [1 / 128, 1 / 256];

let x = add('QUANTIZE', [image], byteMap);
const weights = tensor({
  shape: [2, 3, 3, 2],
  type: 'INT8',
  data: Int8Array.from({ length: 36 }, (_, i) => i - 18),
  scale,
  zeroPoint: [0, 0],
});
const depthwise = tensor({
  shape: [1, 3, 3, 2],
  type: 'INT8',
  data: Int8Array.from({ length: 18 }, (_, i) => i - 9),
  scale,
  zeroPoint: [0, 0],
  axis: 3,
});
const bias = tensor({ shape: [2], type: 'INT32', data: Int32Array.of(5, -5) });
x = add('CONV_2D', [x, weights, bias], byteMap, {
  type: 'Conv2D',
  fields: [...window, [3, 'int8', 3], ...dilation],
});
x = add('DEPTHWISE_CONV_2D', [x, depthwise, bias], byteMap, {
  type: 'DepthwiseConv2D',
  fields: [...window, [3, 'int32', 1], [4, 'int8', 1], [5, 'int32', 1], [6, 'int32', 1]],
});
x = add('ADD', [x, x], byteMap, { type: 'Add', fields: [[0, 'int8', 1]] });
x = add('AVERAGE_POOL_2D', [x], byteMap, poolOptions);
x = add('RELU6', [x], byteMap);
x = add('DEQUANTIZE', [x], map);
for (const kind of ['SUB', 'MUL', 'DIV'] as const) {
  const type = ({ SUB: 'Sub', MUL: 'Mul', DIV: 'Div' } as const)[kind];
  x = add(kind, [x, floats(2)], map, { type, fields: [[0, 'int8', 2]] });
}
for (const kind of [
  'HARD_SWISH',
  'LOGISTIC',
  'RELU',
  'RELU_N1_TO_1',
  'RELU_0_TO_1',
  'TANH',
  'LOG_SOFTMAX',
]) {
  x = add(kind, [x], map);
}
x = add('MAXIMUM', [x, floats()], map);
x = add('MINIMUM', [floats(1), x], map);
x = add('LEAKY_RELU', [x], map, { type: 'LeakyRelu', fields: [[0, 'float32', 0.1]] });
x = add('PRELU', [x, floats(1, 1, 2)], map);
x = add('SOFTMAX', [x], map, { type: 'Softmax', fields: [[0, 'float32', 1]] });
x = add('MAX_POOL_2D', [x], map, poolOptions);
x = add('TRANSPOSE_CONV', [ints(1, 4, 4, 2), floats(2, 2, 2, 2), x], map, {
  type: 'TransposeConv',
  fields: window,
});
const block = ints(2, 2);
const rim = tensor({ shape: [2, 2], type: 'INT32', data: new Int32Array(4) });
x = add('SPACE_TO_BATCH_ND', [x, block, rim], { shape: [4, 2, 2, 2] });
x = add('BATCH_TO_SPACE_ND', [x, block, rim], map);
const pads = tensor({ shape: [4, 2], type: 'INT32', data: Int32Array.of(0, 0, 1, 1, 1, 1, 0, 0) });
const wide: TensorSpec = { shape: [1, 6, 6, 2] };
const inner = [ints(0, 1, 1, 0), ints(-1, 4, 4, -1)];
x = add('PAD', [x, pads], wide);
x = add('SLICE', [x, ...inner], map);
x = add('PADV2', [x, pads, floats()], wide);
x = add('SLICE', [x, ...inner], map);
x = add('MIRROR_PAD', [x, pads], wide, { type: 'MirrorPad', fields: [[0, 'int8', 1]] });
x = add('STRIDED_SLICE', [x, ints(0, 1, 1), ints(1, 5, 5), ints(1, 1, 1)], map, {
  type: 'StridedSlice',
  fields: [[0, 'int32', 1]],
});
x = add(
  'RESIZE_BILINEAR',
  [x, ints(8, 8)],
  { shape: [1, 8, 8, 2] },
  {
    type: 'ResizeBilinear',
    fields: [[3, 'int8', 1]],
  },
);
x = add('RESIZE_NEAREST_NEIGHBOR', [x, ints(4, 4)], map, {
  type: 'ResizeNearestNeighbor',
  fields: [[0, 'int8', 1]],
});
const halves: TensorSpec = { shape: [1, 4, 4, 1] };
const parts = [tensor(halves), tensor(halves)];
list.push({ kind: 'SPLIT', inputs: [ints(3), x], outputs: parts });
const joined = { type: 'Concatenation', fields: [[0, 'int32', 3]] } as const;
x = add('CONCATENATION', parts, map, joined);
const uneven = [tensor({ shape: [1, 1, 4, 2] }), tensor({ shape: [1, 3, 4, 2] })];
list.push({ kind: 'SPLIT_V', inputs: [x, ints(1, -1), ints(1)], outputs: uneven });
x = add('CONCATENATION', uneven, map, { type: 'Concatenation', fields: [[0, 'int32', 1]] });
x = add('TRANSPOSE', [x, ints(0, 2, 1, 3)], map);
const shape = add('SHAPE', [x], { shape: [4], type: 'INT32' });
const batch = add(
  'STRIDED_SLICE',
  [shape, ints(0), ints(1), ints(1)],
  { shape: [], type: 'INT32' },
  {
    type: 'StridedSlice',
    fields: [[4, 'int32', 1]],
  },
);
const rest = add('REDUCE_PROD', [ints(4, 4, 2), ints(0)], { shape: [], type: 'INT32' });
const flat = add(
  'PACK',
  [batch, rest],
  { shape: [2], type: 'INT32' },
  { type: 'Pack', fields: [] },
);
x = add('RESHAPE', [x, flat], { shape: [1, 32] });
x = add(
  'FULLY_CONNECTED',
  [x, floats(4, 32), floats(4)],
  { shape: [1, 4] },
  {
    type: 'FullyConnected',
    fields: [[0, 'int8', 4]],
  },
);
x = add('EXPAND_DIMS', [x, ints(1)], { shape: [1, 1, 4] });
x = add(
  'BATCH_MATMUL',
  [x, floats(1, 3, 4)],
  { shape: [1, 1, 3] },
  {
    type: 'BatchMatMul',
    fields: [[1, 'int8', 1]],
  },
);
x = add('SQUEEZE', [x], { shape: [1, 3] }, { type: 'Squeeze', fields: [[0, 'int32s', [1]]] });
const mean = add('MEAN', [x, ints(1)], { shape: [1] }, { type: 'Reducer', fields: [] });
const best = add('ARG_MAX', [x, ints(1)], { shape: [1], type: 'INT32' });
const cast = add('CAST', [best], { shape: [1] });

const missing = [...operators.keys()].filter((kind) => !list.some((one) => one.kind === kind));
if (missing.length > 0) throw new Error(`everyOperator.ts lacks ${missing.join(', ')}`);

/** A network that holds each operator of the importer at least once. */
export const everyOperator: ModelSpec = {
  tensors,
  operators: list,
  inputs: [image],
  outputs: [mean, cast],
};
