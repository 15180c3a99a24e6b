import { noClamp, type Pads, type Pair } from '../../graph/node.ts';
import { formatShape } from '../../graph/shape.ts';
import { isConstant, type Quantization, type Tensor } from '../../graph/tensor.ts';
import { reshaped } from './constantMath.ts';
import { mapId, outputMap, toMap } from './map.ts';
import { float32, type NodeImport } from './nodeImport.ts';
import { parametersOf, quantizationOf } from './quantization.ts';
import type { ConstantValue } from './value.ts';
import { autoPad, padsOf, pairOf, splitPads, windowOf } from './window.ts';

const eightBits = ['int8', 'uint8'] as const;

/** Weights [out][in / groups][ky][kx] as [out][ky][kx][in / groups]; without ky it is 1. */
function convWeights(c: NodeImport, value: ConstantValue): ConstantValue {
  return c.turned(flatKernel(c, value), [0, 2, 3, 1]);
}

function flatKernel(c: NodeImport, value: ConstantValue): ConstantValue {
  const { shape } = value;
  if (shape.length === 4) return value;
  if (shape.length === 3) return reshaped(value, [shape[0]!, shape[1]!, 1, shape[2]!]);
  return c.fail(`weights ${formatShape(shape)}`, '[out][in / groups][height][width]');
}

/** Reads what Conv, QLinearConv and ConvInteger share; `weights` are NHWC. */
function convAttributes(c: NodeImport, rank: number, map: Tensor, weights: ConstantValue) {
  const [, kernelHeight = 1, kernelWidth = 1] = weights.shape;
  const kernel: Pair = [kernelHeight, kernelWidth];
  checkKernel(c, rank, kernel);
  const [, height = 1, width = 1] = map.shape;
  const { strides, dilations, pads } = windowOf(c, rank, kernel, [height, width]);
  return { strides, dilations, pads, groups: c.attributes.int('group', 1) };
}

function checkKernel(c: NodeImport, rank: number, kernel: Pair): void {
  const stated = pairOf(c, 'kernel_shape', rank);
  if (stated === undefined || (stated[0] === kernel[0] && stated[1] === kernel[1])) return;
  c.fail(`kernel_shape ${stated.join('x')}`, `${kernel.join('x')}, as the weights have`);
}

export function importConv(c: NodeImport): void {
  const rank = c.shape(0).length;
  const map = toMap(c, c.tensor(0));
  const weights = convWeights(c, c.known(1, 'weights'));
  const attributes = { ...convAttributes(c, rank, map, weights), ...noClamp };
  const inputs = layerInputs(map, c.parameter(weights, eightBits), biasOf(c, 2));
  outputMap(c, c.emit('Conv', inputs, attributes, float32, mapId(c)), rank);
}

/** Operands of a layer; the last may be missing. */
export function layerInputs(
  input: Tensor,
  weights: Tensor,
  last: Tensor | undefined,
): readonly [Tensor, Tensor, Tensor?] {
  return last === undefined ? [input, weights] : [input, weights, last];
}

function biasOf(c: NodeImport, i: number): Tensor | undefined {
  if (c.optional(i) === undefined) return undefined;
  return c.parameter(c.known(i, 'a bias'), ['int32']);
}

export function importConvTranspose(c: NodeImport): void {
  const rank = c.shape(0).length;
  const map = toMap(c, c.tensor(0));
  const groups = c.attributes.int('group', 1);
  const kernels = flatKernel(c, c.known(1, 'weights'));
  const weights = transposedWeights(c, kernels, groups);
  const [, kernelHeight = 1, kernelWidth = 1] = weights.shape;
  checkKernel(c, rank, [kernelHeight, kernelWidth]);
  const strides = pairOf(c, 'strides', rank) ?? [1, 1];
  const dilations = pairOf(c, 'dilations', rank) ?? [1, 1];
  const outputPadding = pairOf(c, 'output_padding', rank) ?? [0, 0];
  const [, height = 1, width = 1] = map.shape;
  // What the output would be without padding, along each axis.
  const full: Pair = [
    (height - 1) * strides[0] + (kernelHeight - 1) * dilations[0] + 1 + outputPadding[0],
    (width - 1) * strides[1] + (kernelWidth - 1) * dilations[1] + 1 + outputPadding[1],
  ];
  const same: Pair = [height * strides[0], width * strides[1]];
  const { pads, more } = transposePads(c, rank, full, same);
  const attributes = {
    strides,
    dilations,
    pads,
    groups,
    outputPadding: [outputPadding[0] + more[0], outputPadding[1] + more[1]] as const,
    ...noClamp,
  };
  const inputs = layerInputs(map, c.parameter(weights, eightBits), biasOf(c, 2));
  const output = c.emit('ConvTranspose', inputs, attributes, float32, mapId(c));
  outputMap(c, output, rank);
}

/** Padding of a transposed convolution, and what its output lacks where that would be negative. */
function transposePads(
  c: NodeImport,
  rank: number,
  full: Pair,
  same: Pair,
): { pads: Pads; more: Pair } {
  const size = pairOf(c, 'output_shape', rank);
  const explicit = padsOf(c, rank);
  const mode = autoPad(c);
  if (size === undefined && (mode === 'NOTSET' || mode === 'VALID')) {
    return { pads: mode === 'VALID' ? [0, 0, 0, 0] : (explicit ?? [0, 0, 0, 0]), more: [0, 0] };
  }
  const target = size === undefined ? same : rank === 3 ? ([1, size[1]] as const) : size;
  const total = [full[0] - target[0], full[1] - target[1]] as const;
  const padded: Pair = [Math.max(0, total[0]), Math.max(0, total[1])];
  const pads = splitPads(padded, mode === 'SAME_UPPER' ? 'SAME_UPPER' : 'SAME_LOWER');
  return { pads, more: [Math.max(0, -total[0]), Math.max(0, -total[1])] };
}

/** Weights [in][out / groups][ky][kx] as [out][ky][kx][in / groups]. */
function transposedWeights(c: NodeImport, value: ConstantValue, groups: number): ConstantValue {
  const [inputs = 1, outputs = 1, kernelHeight = 1, kernelWidth = 1] = value.shape;
  if (groups === 1) return c.turned(value, [1, 2, 3, 0]);
  if (!(groups > 1) || inputs % groups !== 0) {
    c.fail(`${groups} groups of ${inputs} channels`, 'channels that are a multiple of the groups');
  }
  const split = [groups, inputs / groups, outputs, kernelHeight, kernelWidth];
  const shape = [groups * outputs, kernelHeight, kernelWidth, inputs / groups];
  return reshaped(c.turned(reshaped(value, split), [0, 2, 3, 4, 1]), shape);
}

/** x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B */
export function importQLinearConv(c: NodeImport): void {
  const rank = c.shape(0).length;
  const input = c.quantized(0);
  const map = toMap(c, input);
  const file = c.known(3, 'weights');
  if (file.dtype !== 'int8' && file.dtype !== 'uint8') c.fail(`weights of ${file.type}`, '8 bits');
  const parameters = parametersOf(c.name, c.value(4), c.optional(5));
  const quantization = quantizationOf(c.name, parameters, file.type, file.shape, 0);
  const weights = convWeights(c, file);
  const kind = c.quantizedKind(6, 7, input.dtype);
  const attributes = { ...convAttributes(c, rank, map, weights), ...noClamp };
  const kernel = integerWeights(c, weights, quantization);
  const inputs = layerInputs(map, kernel, integerBias(c, 8, input, quantization));
  const output = c.emit('Conv', inputs, attributes, kind, mapId(c));
  outputMap(c, output, rank);
}

export function integerWeights(
  c: NodeImport,
  { name, dtype, shape, data, storedBits }: ConstantValue,
  quantization: Quantization,
): Tensor {
  return c.scope.builder.constant(name, dtype, shape, data, { quantization, storedBits });
}

/** An int32 bias in steps of input scale times weight scale. */
export function integerBias(
  c: NodeImport,
  i: number,
  input: Tensor,
  weights: Quantization,
): Tensor | undefined {
  if (c.optional(i) === undefined) return undefined;
  const bias = c.known(i, 'a bias');
  if (bias.type !== 'int32') c.fail(`a bias of ${bias.type}`, 'int32');
  const inputScale = input.quantization!.scale[0]!;
  const scale = weights.scale.map((weightScale) => Math.fround(inputScale * weightScale));
  const zeroPoint = new Int32Array(scale.length);
  const quantization = { scale, zeroPoint, axis: 0 };
  const flat = scale.length > 1 ? [bias.length] : bias.shape;
  return c.scope.builder.constant(bias.name, 'int32', flat, bias.data, { quantization });
}

/** x, w, x_zero_point, w_zero_point */
export function importConvInteger(c: NodeImport): void {
  const rank = c.shape(0).length;
  const map = toMap(c, c.tensor(0));
  const file = c.known(1, 'weights');
  const weights = convWeights(c, file);
  const attributes = convAttributes(c, rank, map, weights);
  const kernel = integerWeights(c, weights, plainQuantization(c, 3, file));
  const inputs = layerInputs(map, kernel, inputZeroPoint(c, 2));
  const output = c.emit('ConvInteger', inputs, attributes, { dtype: 'int32' }, mapId(c));
  outputMap(c, output, rank);
}

/** Weights that stand for themselves less their zero points, one or one per output channel. */
export function plainQuantization(
  c: NodeImport,
  i: number,
  weights: ConstantValue,
  channels = weights.shape[0] ?? 1,
): Quantization {
  const zeroPoint = c.optional(i) === undefined ? undefined : c.known(i, 'a weight zero point');
  if (zeroPoint !== undefined && zeroPoint.dtype !== weights.dtype) {
    c.fail(`a weight zero point of ${zeroPoint.type}`, weights.type);
  }
  const zeros = Int32Array.from(zeroPoint?.numbers() ?? [0]);
  if (zeros.length !== 1 && zeros.length !== channels) {
    c.fail(`${zeros.length} weight zero points`, `1 or ${channels}`);
  }
  return { scale: new Float32Array(zeros.length).fill(1), zeroPoint: zeros, axis: 0 };
}

/** The input's zero point, constant or not. */
export function inputZeroPoint(c: NodeImport, i: number): Tensor | undefined {
  if (c.optional(i) === undefined) return undefined;
  const zeroPoint = c.tensor(i);
  if (isConstant(zeroPoint) && zeroPoint.data.length !== 1) {
    c.fail(
      `${zeroPoint.data.length} input zero points`,
      'one',
      'quantize the input per tensor, then export the model again',
    );
  }
  return zeroPoint;
}
