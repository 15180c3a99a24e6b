import type { Conv, ConvTranspose, FullyConnected, Node } from '../../../graph/node.ts';
import { elementCount, type Shape } from '../../../graph/shape.ts';
import { type Constant, isConstant, isQuantized, type Tensor } from '../../../graph/tensor.ts';
import { f32 } from '../../../ops/float32.ts';
import { codesOf, turned } from './constants.ts';
import type { NodeWriter } from './nodeWriter.ts';

/** Weights as the node's operand, and how the bias joins them. */
interface Operands {
  readonly weights: string;
  readonly bias?: string | undefined;
  /** A bias that is added behind the node. */
  readonly addend?: string | undefined;
}

/** Weights [out][ky][kx][in / groups] to [out][in / groups][ky][kx]. */
const convAxes = [0, 3, 1, 2];

export function writeConv(w: NodeWriter, node: Conv): void {
  const [input, weights, bias] = node.inputs;
  const { strides, dilations, pads, groups } = node.attributes;
  const operands = operandsOf(w, node, input, weights, bias, (c) => turned(c, c.shape, convAxes));
  const attributes = {
    kernel_shape: weights.shape.slice(1, 3),
    strides,
    dilations,
    pads,
    group: groups,
  };
  writeLayer(w, node, 'Conv', w.real(input, 'turned'), operands, attributes);
}

export function writeConvTranspose(w: NodeWriter, node: ConvTranspose): void {
  const [input, weights, bias] = node.inputs;
  const { strides, dilations, pads, groups, outputPadding } = node.attributes;
  const [out = 1, kernelHeight = 1, kernelWidth = 1, perGroup = 1] = weights.shape;
  const inGroups = [groups, out / groups, kernelHeight, kernelWidth, perGroup];
  const order = (c: Constant): Constant => {
    if (groups === 1) return turned(c, c.shape, [3, 0, 1, 2]);
    if (c.quantization !== undefined && c.quantization.scale.length > 1) {
      w.fail(node, `${groups} groups of weights with a scale per channel`, 'one scale');
    }
    const shape = [groups * perGroup, out / groups, kernelHeight, kernelWidth];
    return { ...turned(c, inGroups, [0, 4, 1, 2, 3]), shape };
  };
  const operands = operandsOf(w, node, input, weights, bias, order);
  const attributes = {
    kernel_shape: [kernelHeight, kernelWidth],
    strides,
    dilations,
    pads,
    output_padding: outputPadding,
    group: groups,
  };
  writeLayer(w, node, 'ConvTranspose', w.real(input, 'turned'), operands, attributes);
}

function writeLayer(
  w: NodeWriter,
  node: Conv | ConvTranspose,
  op: string,
  input: string,
  { weights, bias, addend }: Operands,
  attributes: Parameters<NodeWriter['result']>[5],
): void {
  const inputs = bias === undefined ? [input, weights] : [input, weights, bias];
  const more = { clamp: node.attributes, addend };
  w.result(node, op, inputs, node.outputs[0]!, 'turned', attributes, more);
}

export function writeFullyConnected(w: NodeWriter, node: FullyConnected): void {
  const [input, weights, bias] = node.inputs;
  const [n = 1, k = 1] = weights.shape;
  const output = node.outputs[0]!;
  const rows = [elementCount(input.shape) / k, n];
  const matrix = input.shape.length === 2;
  const operands = operandsOf(w, node, input, weights, bias, (c) => c);
  let real = w.real(input, 'plain');
  if (!matrix) real = reshaped(w, real, `${output.id}/rows`, [rows[0]!, k]);
  const inputs = [real, operands.weights, ...(operands.bias === undefined ? [] : [operands.bias])];
  const gemm = { transB: 1 };
  if (output.shape.length === 2) {
    w.result(node, 'Gemm', inputs, output, 'plain', gemm, { clamp: node.attributes });
    return;
  }
  const product = w.file.name(`${output.id}/product`);
  w.file.node('Gemm', node.name, inputs, [product], gemm);
  const shape = w.file.integers(`${output.id}/shape`, output.shape);
  const more = { clamp: node.attributes };
  w.result(node, 'Reshape', [product, shape], output, 'plain', {}, more);
}

function reshaped(w: NodeWriter, source: string, wanted: string, shape: Shape): string {
  const name = w.file.name(wanted);
  w.file.node('Reshape', name, [source, w.file.integers(`${wanted}/shape`, shape)], [name]);
  return name;
}

function operandsOf(
  w: NodeWriter,
  node: Node,
  input: Tensor,
  weights: Tensor,
  bias: Tensor | undefined,
  order: (weights: Constant) => Constant,
): Operands {
  const behind = w.integers.get(weights);
  const integers = behind ?? (isQuantized(weights) ? weights : undefined);
  if (integers !== undefined) {
    if (!isConstant(integers)) return w.fail(node, 'weights computed at run time', 'constants');
    const wanted = behind === undefined ? `${weights.id}/real` : weights.id;
    const name = w.constants.dequantized(order(integers), wanted);
    return { weights: name, bias: bias && writeBias(w, bias, input, integers) };
  }
  if (!isConstant(weights)) return w.fail(node, 'weights computed at run time', 'constants');
  const codes = node.op === 'ConvTranspose' ? undefined : codesOf(weights);
  if (codes === undefined) {
    const name = w.constants.plain(order(weights));
    return { weights: name, bias: bias && writeBias(w, bias, input, undefined) };
  }
  const wanted = `${weights.id}/real`;
  const even = codes.quantization!.negativeScale === undefined;
  if (even && (bias === undefined || (node.op === 'Conv' && isConstant(bias)))) {
    // Behind a DequantizeLinear they are read as integers, to whose units a Conv's bias is rounded.
    const name = w.constants.dequantized(order(codes), wanted);
    if (bias === undefined) return { weights: name };
    const vector = { ...bias, shape: [1, bias.data.length, 1, 1] };
    return { weights: name, addend: w.constants.plain(vector, `${bias.id}/addend`) };
  }
  const name = w.constants.fromTable(order(codes), wanted);
  return { weights: name, bias: bias && writeBias(w, bias, input, undefined) };
}

/** A bias in real numbers, or as int32 in units of input scale times weight scale. */
function writeBias(
  w: NodeWriter,
  bias: Tensor,
  input: Tensor,
  weights: Constant | undefined,
): string {
  if (bias.dtype !== 'int32' || !isConstant(bias)) return w.real(bias, 'plain');
  // Beside 8-bit operands an int32 bias may go without saying what its unit is.
  const scale = weights!.quantization!.scale.map((s) => f32(s * input.quantization!.scale[0]!));
  const quantization = bias.quantization ?? {
    scale,
    zeroPoint: new Int32Array(scale.length),
    axis: 0,
  };
  return w.constants.dequantized({ ...bias, quantization }, `${bias.id}/real`);
}
