import type { Node, NodeOf, OpName } from '../../../graph/node.ts';
import {
  writeBatchNorm,
  writeBinary,
  writeMatMul,
  writePRelu,
  writeSoftmax,
  writeUnary,
} from './arithmetic.ts';
import { writeConv, writeConvTranspose, writeFullyConnected } from './layers.ts';
import {
  writeConcat,
  writePad,
  writeReshape,
  writeResize,
  writeSlice,
  writeSplit,
  writeTranspose,
} from './moves.ts';
import type { NodeWriter } from './nodeWriter.ts';
import { writeArgMax, writeMean, writePool } from './pooling.ts';
import { writeCast, writeDequantize, writeQuantize, writeRequantize } from './quantize.ts';

/** Integer operators whose scales the graph does not know. */
function refuse(w: NodeWriter, node: Node): void {
  w.fail(node, 'scales that are known only at run time', 'constant scales');
}

/** What each operator of the graph is in the file. */
const rows: { readonly [Op in OpName]: (w: NodeWriter, node: NodeOf<Op>) => void } = {
  Add: writeBinary,
  ArgMax: writeArgMax,
  AveragePool: writePool,
  BatchNorm: writeBatchNorm,
  Cast: writeCast,
  Clip: writeUnary,
  Concat: writeConcat,
  Conv: writeConv,
  ConvInteger: refuse,
  ConvTranspose: writeConvTranspose,
  Dequantize: writeDequantize,
  Div: writeBinary,
  DynamicQuantize: refuse,
  FullyConnected: writeFullyConnected,
  HardSigmoid: writeUnary,
  HardSwish: writeUnary,
  LeakyRelu: writeUnary,
  LogSoftmax: writeSoftmax,
  MatMul: writeMatMul,
  MatMulInteger: refuse,
  MaxPool: writePool,
  Mean: writeMean,
  Mul: writeBinary,
  PRelu: writePRelu,
  Pad: writePad,
  Quantize: writeQuantize,
  Relu: writeUnary,
  Requantize: writeRequantize,
  Reshape: writeReshape,
  Resize: writeResize,
  Sigmoid: writeUnary,
  Slice: writeSlice,
  Softmax: writeSoftmax,
  Split: writeSplit,
  Sub: writeBinary,
  Tanh: writeUnary,
  Transpose: writeTranspose,
};

/** Writes a node of the graph as nodes of the file. */
export function writeNode(w: NodeWriter, node: Node): void {
  // The row of an operator takes its nodes; the union of both cannot say so.
  const write = rows[node.op] as (w: NodeWriter, node: Node) => void;
  write(w, node);
}

/** True for nodes that need a newer set of operators than others. */
export function needsOpset19(node: Node): boolean {
  return node.op === 'AveragePool' && node.attributes.dilations.some((d) => d !== 1);
}
