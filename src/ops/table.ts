import type { NodeOf, OpName } from '../graph/node.ts';
import { argMax } from './argMax.ts';
import { batchNorm } from './batchNorm.ts';
import { binary, pRelu } from './binary.ts';
import { concat } from './concat.ts';
import { conv, convInteger } from './conv.ts';
import { convTranspose } from './convTranspose.ts';
import { fullyConnected, matMul, matMulInteger } from './fullyConnected.ts';
import { mean } from './mean.ts';
import type { Operator } from './operator.ts';
import { pad } from './pad.ts';
import { pool } from './pool.ts';
import { cast, dequantize, dynamicQuantize, quantize, requantize } from './quantize.ts';
import { reshape, transpose } from './reshape.ts';
import { resize } from './resize.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { split } from './split.ts';
import { unary } from './unary.ts';

type Rows = { readonly [Op in OpName]: Operator<NodeOf<Op>> };

const rows: Rows = {
  Conv: conv,
  ConvTranspose: convTranspose,
  ConvInteger: convInteger,
  FullyConnected: fullyConnected,
  MatMul: matMul,
  MatMulInteger: matMulInteger,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  PRelu: pRelu,
  Relu: unary,
  Clip: unary,
  LeakyRelu: unary,
  HardSigmoid: unary,
  HardSwish: unary,
  Sigmoid: unary,
  Tanh: unary,
  Softmax: softmax,
  LogSoftmax: softmax,
  BatchNorm: batchNorm,
  MaxPool: pool,
  AveragePool: pool,
  Mean: mean,
  ArgMax: argMax,
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Reshape: reshape,
  Transpose: transpose,
  Resize: resize,
  Quantize: quantize,
  Dequantize: dequantize,
  Requantize: requantize,
  DynamicQuantize: dynamicQuantize,
  Cast: cast,
};

/** All operators. */
export const opNames = Object.keys(rows) as readonly OpName[];

/** The row of an operator; it takes the nodes of that operator and no others. */
export function operatorOf(op: OpName): Operator {
  return rows[op] as unknown as Operator;
}
