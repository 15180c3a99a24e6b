import type { Conv, ConvInteger, Pair } from '../graph/node.ts';
import { elementCount, formatShape, type Shape } from '../graph/shape.ts';
import { isConstant, isQuantized, type Quantization, type Tensor } from '../graph/tensor.ts';
import { isCoded } from '../graph/ternary.ts';
import type { ConvResult, ConvShape, ConvU8Work, QuantizedResult } from '../graph/work.ts';
import {
  checkConstant,
  checkRank,
  checkType,
  checkWindow,
  firstOf,
  type Refusal,
  refuse,
} from './checks.ts';
import { epilogueCounts } from './epilogue.ts';
import type { Operator } from './operator.ts';
import { isMapU8, isPerTensor, operandOf, resultOf } from './quantized.ts';
import { lowerTernary, needsTernarySums, weightsOf } from './ternary.ts';
import { windowShape, windowSize } from './window.ts';

export const conv: Operator<Conv> = {
  check: (node) =>
    firstOf(
      () => checkGeometry(node),
      () => checkOperands(node.inputs[0], node.inputs[1], node.inputs[2], node.outputs[0]!),
    ),
  infer: (node) => [convOutput(node)],
  count: (node) => {
    const outputs = elementCount(convOutput(node));
    return { macs: convMacs(node), ...epilogueCounts(node.inputs[0], node.outputs[0]!, outputs) };
  },
  integer: ({ inputs: [input, weights], outputs: [output] }) =>
    isMapU8(input) && isQuantized(weights) && (isMapU8(output!) || output!.dtype === 'float32'),
  lower: (node) => {
    const { inputs, outputs, attributes } = node;
    const [input, weights, bias] = inputs;
    const output = outputs[0]!;
    const shape = convShape(input.shape, output.shape, weights.shape, attributes);
    if (input.dtype === 'float32') {
      const { min, max } = attributes;
      const work = {
        ...shape,
        family: 'convF32',
        min,
        max,
        ...floatWeights(weights, bias),
      } as const;
      return [{ work, inputs: [input], outputs: [output] }];
    }
    if (needsTernarySums(weights, bias, output)) {
      return lowerTernary(node, shape, input, weights, bias, output, attributes);
    }
    const work = convU8Work(shape, input, weights, bias, output, attributes);
    return [{ work, inputs: [input], outputs: [output] }];
  },
};

export const convInteger: Operator<ConvInteger> = {
  check: (node) =>
    firstOf(
      () => checkGeometry(node),
      () => checkIntegerOperands(node.inputs, node.outputs[0]!),
    ),
  infer: (node) => [convOutput(node)],
  count: (node) => ({ macs: convMacs(node) }),
  integer: () => true,
  lower: ({ inputs: [input, weights, zeroPoint], outputs, attributes }) => {
    const shape = convShape(input.shape, outputs[0]!.shape, weights.shape, attributes);
    return [integerWork(shape, input, weights, zeroPoint, outputs[0]!)];
  },
};

type Geometry = Conv | ConvInteger;

function checkGeometry({ inputs: [input, weights], attributes }: Geometry): Refusal | undefined {
  return firstOf(
    () => checkRank(input, 4, 'an input'),
    () => checkRank(weights, 4, 'weights'),
    () => checkWindow(attributes),
    () => {
      const { groups } = attributes;
      const [out = 0, , , perGroup = 0] = weights.shape;
      const channels = input.shape[3]!;
      if (groups >= 1 && perGroup * groups === channels && out % groups === 0) return undefined;
      return refuse(
        `${channels} input channels in ${groups} groups with weights ${formatShape(weights.shape)}`,
        'weights [out][ky][kx][in / groups] with in and out multiples of the groups',
      );
    },
    () => {
      const size = convSize(input.shape, weights.shape, attributes);
      if (size[0] >= 1 && size[1] >= 1) return undefined;
      return refuse(
        `a kernel ${weights.shape[1]}x${weights.shape[2]} on an input ${formatShape(input.shape)}`,
        'a padded input at least as large as the dilated kernel',
      );
    },
  );
}

/** What convolutions and fully connected layers ask of their types. */
export function checkOperands(
  input: Tensor,
  weights: Tensor,
  bias: Tensor | undefined,
  output: Tensor,
): Refusal | undefined {
  const float = input.dtype === 'float32';
  return firstOf(
    // Real weights may still stand behind a Dequantize of a constant, which the passes fold.
    () => (float ? undefined : checkConstant(weights, 'weights')),
    () => (float || bias === undefined ? undefined : checkConstant(bias, 'a bias')),
    () => checkType(input, ['float32', 'int8', 'uint8'], 'an input'),
    () => checkType(weights, float ? ['float32'] : ['int8', 'uint8'], 'weights'),
    () => checkType(output, float ? ['float32'] : ['float32', 'int8', 'uint8'], 'an output'),
    () => {
      if (bias === undefined) return undefined;
      if (output.dtype === 'float32') return checkType(bias, ['float32'], 'a bias');
      // Beside ternary codes a bias in units of their scale would be too coarse.
      return checkType(bias, isCoded(weights) ? ['int32', 'float32'] : ['int32'], 'a bias');
    },
    () => {
      if (bias === undefined || elementCount(bias.shape) === weights.shape[0]) return undefined;
      return refuse(
        `a bias ${formatShape(bias.shape)}`,
        `one element for each of ${weights.shape[0]} outputs`,
      );
    },
    () => {
      if (float) return undefined;
      const missing = [input, weights, ...(output.dtype === 'float32' ? [] : [output])].find(
        (tensor) => !isQuantized(tensor),
      );
      if (missing === undefined) {
        return firstOf(
          () => checkWeightScales(weights),
          () => checkOneScale(input),
          () => (output.dtype === 'float32' ? undefined : checkOneScale(output)),
        );
      }
      return refuse(
        `tensor ${missing.id} of type ${missing.dtype} without a scale`,
        'a quantization',
      );
    },
  );
}

function checkOneScale(map: Tensor): Refusal | undefined {
  if (isPerTensor(map)) return undefined;
  return refuse(`map ${map.id} with a scale per channel`, 'one scale and zero point for a map');
}

function checkWeightScales(weights: Tensor): Refusal | undefined {
  const { scale, axis } = weights.quantization as Quantization;
  if (scale.length === 1 || (axis === 0 && scale.length === weights.shape[0])) return undefined;
  return refuse(
    `${scale.length} weight scales on axis ${axis} of ${formatShape(weights.shape)}`,
    'one scale, or one for each output channel',
  );
}

export function checkIntegerOperands(
  [input, weights, zeroPoint]: ConvInteger['inputs'],
  output: Tensor,
): Refusal | undefined {
  return firstOf(
    () => checkConstant(weights, 'weights'),
    () => checkType(input, ['int8', 'uint8'], 'an input'),
    () => checkType(weights, ['int8', 'uint8'], 'weights'),
    () => checkType(output, ['int32'], 'an output'),
    () => {
      if (zeroPoint === undefined) return undefined;
      if (zeroPoint.dtype === input.dtype && elementCount(zeroPoint.shape) === 1) return undefined;
      return refuse(
        `an input zero point ${zeroPoint.dtype}${formatShape(zeroPoint.shape)}`,
        `one ${input.dtype}`,
      );
    },
    () => (weights.quantization === undefined ? undefined : checkWeightScales(weights)),
  );
}

interface ConvWindow {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: readonly [number, number, number, number];
  readonly groups: number;
}

function convSize(input: Shape, weights: Shape, window: ConvWindow): Pair {
  return windowSize(input[1]!, input[2]!, [weights[1]!, weights[2]!], window);
}

function convOutput({ inputs: [input, weights], attributes }: Geometry): number[] {
  const [height, width] = convSize(input.shape, weights.shape, attributes);
  return [input.shape[0]!, height, width, weights.shape[0]!];
}

/** Every tap of every output counts, in the padding too. */
function convMacs(node: Geometry): number {
  const [, kernelHeight = 1, kernelWidth = 1, perGroup = 1] = node.inputs[1].shape;
  return elementCount(convOutput(node)) * kernelHeight * kernelWidth * perGroup;
}

export function convShape(
  input: Shape,
  output: Shape,
  weights: Shape,
  window: ConvWindow,
): ConvShape {
  const kernel = [weights[1]!, weights[2]!] as const;
  return { ...windowShape(input, output, kernel, window), groups: window.groups };
}

/** Weights and bias of a float layer; no bias is zeros. */
export function floatWeights(weights: Tensor, bias: Tensor | undefined) {
  return {
    weights: weights.data as Float32Array,
    bias: (bias?.data as Float32Array | undefined) ?? new Float32Array(weights.shape[0]!),
  };
}

/** The work of a layer with 8-bit operands: to 8 bits where the output is, to real numbers else. */
export function convU8Work(
  shape: ConvShape,
  input: Tensor,
  weights: Tensor,
  bias: Tensor | undefined,
  output: Tensor,
  clamp: { readonly min: number; readonly max: number },
): ConvU8Work {
  const channels = shape.outputChannels;
  const { scale } = weights.quantization as Quantization;
  const { scale: inputScale, zeroPoint: inputZeroPoint } = operandOf(input);
  const common = {
    ...shape,
    family: 'convU8',
    ...weightsOf(weights, channels),
    inputZeroPoint,
  } as const;
  // In float32, as the elements are.
  const scales = new Float32Array(channels).fill(inputScale * scale[0]!);
  if (scale.length > 1) for (let c = 0; c < channels; c++) scales[c] = inputScale * scale[c]!;
  if (output.dtype === 'float32') {
    const result: ConvResult = {
      type: 'f32',
      ...clamp,
      scale: scales,
      bias: (bias?.data as Float32Array | undefined) ?? new Float32Array(channels),
    };
    return { ...common, bias: new Int32Array(channels), result };
  }
  const { scale: outputScale, ...bounds }: QuantizedResult = resultOf(output, clamp);
  for (let c = 0; c < channels; c++) scales[c] = scales[c]! / outputScale;
  const result: ConvResult = {
    type: 'u8',
    ...bounds,
    scale: scales,
  };
  const integers = (bias?.data as Int32Array | undefined) ?? new Int32Array(channels);
  return { ...common, bias: integers, result };
}

/** Raw sums of 8-bit numbers less their zero points; the input's may be known only at run time. */
export function integerWork(
  shape: ConvShape,
  input: Tensor,
  weights: Tensor,
  zeroPoint: Tensor | undefined,
  output: Tensor,
) {
  const lowest = input.signed ? 128 : 0;
  const known = zeroPoint === undefined || isConstant(zeroPoint);
  const work: ConvU8Work = {
    ...shape,
    family: 'convU8',
    ...weightsOf(weights, shape.outputChannels),
    inputZeroPoint: known ? Number(zeroPoint?.data?.[0] ?? lowest) : 'operand',
    bias: new Int32Array(shape.outputChannels),
    result: { type: 'i32' },
  };
  return { work, inputs: known ? [input] : [input, zeroPoint], outputs: [output] };
}
