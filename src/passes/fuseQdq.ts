import { inputsOf, type Node, type OpName, type Reshape } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { type Constant, isConstant, type Quantization, type Tensor } from '../graph/tensor.ts';
import { codedWeights } from '../graph/ternary.ts';
import { f32, roundHalfToEven } from '../ops/float32.ts';
import { isPerTensor, sameQuantization } from '../ops/quantized.ts';
import type { GraphView, Rule } from './rewrite.ts';

/**
 * Dequantize → operator → Quantize becomes the operator on 8-bit tensors. Where an operator has
 * no integer form, or only moves bytes between two scales, later passes see to it.
 */
export const fuseQdq: Rule = (quantize, view) => {
  if (quantize.op !== 'Quantize') return undefined;
  const [real] = quantize.inputs;
  const output = quantize.outputs[0]!;
  const node = view.producerOf(real);
  if (node === undefined || node.outputs.length !== 1) return undefined;
  if (!view.isOnlyReader(quantize, real)) return undefined;
  if (!isPerTensor(output)) return undefined;
  const fused = onIntegers(node, output, view);
  return fused && { remove: [quantize, node], by: fused };
};

/** Operators that have an integer form between 8-bit maps, by how they come to it. */
const integerForms: Partial<Readonly<Record<OpName, 'layer' | 'elementwise' | 'move'>>> = {
  Conv: 'layer',
  ConvTranspose: 'layer',
  FullyConnected: 'layer',
  Add: 'elementwise',
  Mul: 'elementwise',
  Relu: 'elementwise',
  Clip: 'elementwise',
  LeakyRelu: 'elementwise',
  HardSigmoid: 'elementwise',
  HardSwish: 'elementwise',
  Sigmoid: 'elementwise',
  Tanh: 'elementwise',
  Softmax: 'elementwise',
  Mean: 'elementwise',
  AveragePool: 'elementwise',
  MaxPool: 'move',
  Concat: 'move',
  Slice: 'move',
  Reshape: 'move',
  Transpose: 'move',
  Pad: 'move',
  Resize: 'move',
};

export function integerFormOf({ op }: Node) {
  return integerForms[op];
}

function onIntegers(node: Node, output: Tensor, view: GraphView): Node[] | undefined {
  switch (integerFormOf(node)) {
    case 'layer':
      return integerLayer(node as Layer, output, view);
    case 'elementwise':
      return elementwise(node, output, view);
    case 'move':
      return move(node, output, view);
    default: {
      if (node.op !== 'Dequantize') return undefined;
      const [input] = node.inputs;
      if (!is8Bit(input) || !isPerTensor(input)) return undefined;
      return [{ ...node, op: 'Requantize', outputs: [output] }];
    }
  }
}

function is8Bit({ dtype }: Tensor): boolean {
  return dtype === 'int8' || dtype === 'uint8';
}

/** The 8-bit tensor, of one scale, that a Dequantize makes `real` of. */
function sourceOf(real: Tensor, view: GraphView): Tensor | undefined {
  const producer = view.producerOf(real);
  if (producer?.op !== 'Dequantize') return undefined;
  const [source] = producer.inputs;
  return is8Bit(source) && isPerTensor(source) ? source : undefined;
}

function sourcesOf(node: Node, view: GraphView): Tensor[] | undefined {
  const sources = inputsOf(node).map((input) => sourceOf(input, view));
  return sources.includes(undefined) ? undefined : (sources as Tensor[]);
}

function elementwise(node: Node, output: Tensor, view: GraphView): Node[] | undefined {
  const inputs = sourcesOf(node, view);
  return inputs && [{ ...node, inputs, outputs: [output] } as unknown as Node];
}

/** Operators that keep numbers as they are: on the input's scale, then on to the output's. */
function move(node: Node, output: Tensor, view: GraphView): Node[] | undefined {
  const inputs = sourcesOf(node, view);
  if (inputs === undefined) return undefined;
  const [first] = inputs as [Tensor];
  if (node.op === 'Concat') {
    const added: Node[] = [];
    const aligned = inputs.map((input, i) => {
      if (sameQuantization(input, output)) return input;
      const tensor = { ...withType(input, output), id: `${output.id}/${i}` };
      added.push(requantize(node, input, tensor));
      return tensor;
    });
    return [...added, { ...node, inputs: aligned, outputs: [output] }];
  }
  // A blend of two scales would round twice: it stays in float.
  if (node.op === 'Resize' && node.attributes.mode === 'linear') {
    if (!sameQuantization(first, output)) return undefined;
  }
  const attributes = onRawNumbers(node, first);
  if (sameQuantization(first, output)) {
    return [{ ...node, attributes, inputs, outputs: [output] } as unknown as Node];
  }
  const moved = { ...withType(output, first), id: `${output.id}/moved` };
  return [
    { ...node, attributes, inputs, outputs: [moved] } as unknown as Node,
    requantize(node, moved, output),
  ];
}

/** A Pad's value is a real number before and a stored one after. */
function onRawNumbers(node: Node, input: Tensor): Node['attributes'] {
  if (node.op !== 'Pad') return node.attributes;
  const { scale, zeroPoint } = input.quantization as Quantization;
  const raw = roundHalfToEven(f32(node.attributes.value / scale[0]!)) + zeroPoint[0]!;
  const [low, high] = input.dtype === 'int8' ? [-128, 127] : [0, 255];
  return { ...node.attributes, value: Math.min(Math.max(raw, low), high) };
}

/** The shape of one tensor with the type and scale of another. */
function withType({ id, shape }: Tensor, { dtype, quantization }: Tensor): Tensor {
  return { id, shape, dtype, ...(quantization === undefined ? {} : { quantization }) };
}

function requantize(node: Node, input: Tensor, output: Tensor): Node {
  return { op: 'Requantize', name: node.name, inputs: [input], outputs: [output], attributes: {} };
}

type Layer = Extract<Node, { readonly op: 'Conv' | 'ConvTranspose' | 'FullyConnected' }>;

function integerLayer(node: Layer, output: Tensor, view: GraphView): Node[] | undefined {
  const [real, realWeights, realBias] = node.inputs;
  const input = sourceOf(real, view);
  const weights = weightsBehind(node, realWeights, view);
  if (input === undefined || weights === undefined) return undefined;
  if (!isPerTensor(weights) && weights.quantization!.axis !== 0) return undefined;
  // Scales of real weights are as they come: the bias is not rounded to their units.
  if (realBias === undefined || isConstant(realWeights)) {
    const bias = realBias && realConstant(realBias, view);
    if (realBias !== undefined && bias === undefined) return undefined;
    const inputs = bias === undefined ? [input, weights] : [input, weights, bias];
    return [{ ...node, inputs, outputs: [output] } as unknown as Layer];
  }
  const bias = integerBias(node, realBias, input, weights, view);
  if (bias !== undefined) {
    return [{ ...node, inputs: [input, weights, bias], outputs: [output] } as Layer];
  }
  // onnxruntime adds a Gemm's float bias after scaling: to real numbers, then to 8 bits.
  const middle = { ...withType(output, realBias), id: `${output.id}/real` };
  return [
    { ...node, inputs: [input, weights, realBias], outputs: [middle] } as Layer,
    { op: 'Quantize', name: node.name, inputs: [middle], outputs: [output], attributes: {} },
  ];
}

function constantBehind(real: Tensor, view: GraphView): Constant | undefined {
  const producer = view.producerOf(real);
  if (producer?.op !== 'Dequantize') return undefined;
  const [source] = producer.inputs;
  return isConstant(source) && is8Bit(source) ? source : undefined;
}

/** Weights as 8-bit numbers: behind a Dequantize, or the codes of real ones that are ternary. */
function weightsBehind(node: Node, real: Tensor, view: GraphView): Constant | undefined {
  if (!isConstant(real)) return constantBehind(real, view);
  return node.op === 'ConvTranspose' ? undefined : codedWeights(real);
}

/**
 * The bias in units of inputScale * weightScale. A float one is rounded to that for a Conv, as
 * onnxruntime does; not for a FullyConnected.
 */
function integerBias(
  node: Layer,
  real: Tensor,
  input: Tensor,
  weights: Constant,
  view: GraphView,
): Tensor | undefined {
  const producer = view.producerOf(real);
  const inputScale = input.quantization!.scale[0]!;
  const weightScale = weights.quantization!.scale;
  const unit = (c: number): number =>
    f32(inputScale * weightScale[weightScale.length === 1 ? 0 : c]!);
  if (producer?.op === 'Dequantize') {
    const [integers] = producer.inputs;
    if (!isConstant(integers) || integers.dtype !== 'int32') return undefined;
    const { scale, zeroPoint } = integers.quantization as Quantization;
    const same = (c: number): boolean => {
      const s = scale[scale.length === 1 ? 0 : c]!;
      return Math.abs(s - unit(c)) <= 1e-5 * unit(c);
    };
    const channels = [...Array(elementCount(integers.shape)).keys()];
    if (zeroPoint.every((z) => z === 0) && channels.every(same)) return integers;
    const data = Int32Array.from(integers.data as Int32Array, (b, c) => {
      const s = scale[scale.length === 1 ? 0 : c]!;
      return roundHalfToEven(((b - (zeroPoint[c] ?? zeroPoint[0]!)) * s) / unit(c));
    });
    return { ...integers, data };
  }
  if (!isConstant(real) || node.op === 'FullyConnected') return undefined;
  const data = Int32Array.from(real.data as Float32Array, (b, c) => {
    return Math.min(Math.max(roundHalfToEven(f32(b / unit(c))), -(2 ** 31)), 2 ** 31 - 1);
  });
  return { ...real, id: `${real.id}/int32`, dtype: 'int32', data };
}

/**
 * Dequantize → Conv or FullyConnected without a Quantize behind it: 8-bit operands, real result.
 * The sum is the same; it is scaled once instead of term by term.
 */
export const fuseDequantize: Rule = (node, view) => {
  if (node.op !== 'Conv' && node.op !== 'FullyConnected') return undefined;
  const [real, realWeights, realBias] = node.inputs;
  const output = node.outputs[0]!;
  if (output.dtype !== 'float32') return undefined;
  const reshape = node.op === 'FullyConnected' ? integerReshape(real, view) : undefined;
  // Where a Quantize follows, that rule decides how the bias is rounded; but not beyond a Reshape.
  const isQuantized = view.readersOf(output).some((reader) => reader.op === 'Quantize');
  if (isQuantized && reshape === undefined) return undefined;
  const input = reshape?.outputs[0] ?? sourceOf(real, view);
  const weights = weightsBehind(node, realWeights, view);
  if (input === undefined || weights === undefined) return undefined;
  if (!isPerTensor(weights) && weights.quantization!.axis !== 0) return undefined;
  const bias = realBias && realConstant(realBias, view);
  if (realBias !== undefined && bias === undefined) return undefined;
  const inputs = bias === undefined ? [input, weights] : [input, weights, bias];
  const layer = { ...node, inputs } as unknown as Node;
  return { remove: [node], by: reshape === undefined ? [layer] : [reshape, layer] };
};

/** Dequantize → Reshape as a Reshape of the integers. */
function integerReshape(real: Tensor, view: GraphView): Reshape | undefined {
  const reshape = view.producerOf(real);
  if (reshape?.op !== 'Reshape') return undefined;
  const source = sourceOf(reshape.inputs[0], view);
  if (source === undefined) return undefined;
  const { shape } = reshape.attributes;
  const output = withType({ id: `${real.id}/integer`, dtype: source.dtype, shape }, source);
  return { ...reshape, inputs: [source], outputs: [output] };
}

function realConstant(tensor: Tensor, view: GraphView): Tensor | undefined {
  if (isConstant(tensor)) return tensor;
  const producer = view.producerOf(tensor);
  if (producer?.op !== 'Dequantize') return undefined;
  const [source] = producer.inputs;
  return isConstant(source) ? dequantized(source, tensor.id) : undefined;
}

/** A constant's real numbers: float32(q − zeroPoint) * scale. */
export function dequantized(source: Constant, id: string): Constant {
  const { scale, negativeScale, zeroPoint, axis } = source.quantization as Quantization;
  const inner = elementCount(source.shape.slice(axis + 1));
  const channels = source.shape[axis] ?? 1;
  const data = new Float32Array(source.data.length);
  for (let i = 0; i < data.length; i++) {
    const c = scale.length === 1 ? 0 : Math.floor(i / inner) % channels;
    const number = f32(Number(source.data[i]) - zeroPoint[c]!);
    data[i] = number * (number < 0 ? (negativeScale ?? scale) : scale)[c]!;
  }
  const storedBits = source.storedBits ?? (source.dtype === 'int32' ? 32 : 8);
  return { id, dtype: 'float32', shape: source.shape, data, storedBits };
}

/** Dequantize of a constant that no integer operator wanted is a float constant. */
export const foldDequantize: Rule = (node) => {
  if (node.op !== 'Dequantize') return undefined;
  const [source] = node.inputs;
  if (!isConstant(source)) return undefined;
  const output = node.outputs[0]!;
  return {
    remove: [node],
    by: [],
    forward: { from: output, to: dequantized(source, output.id) },
  };
};
