import type { ConvTranspose, Pair } from '../graph/node.ts';
import { elementCount, formatShape, stridesOf } from '../graph/shape.ts';
import { type Constant, isQuantized, type Tensor, type TypedArray } from '../graph/tensor.ts';
import { checkRank, checkWindow, firstOf, refuse } from './checks.ts';
import { checkOperands, convShape, convU8Work, floatWeights } from './conv.ts';
import { epilogueCounts } from './epilogue.ts';
import { copy, fill } from './move.ts';
import type { Lowered, Operator } from './operator.ts';
import { isMapU8, operandOf } from './quantized.ts';
import { temporary } from './temporary.ts';
import { extent } from './window.ts';

/**
 * Done as what it is the gradient of: zeros between the input's cells, then an ordinary convolution
 * with the kernel turned by 180 degrees (Dumoulin and Visin, A guide to convolution arithmetic for
 * deep learning, 2016, section 4).
 */
export const convTranspose: Operator<ConvTranspose> = {
  check: ({ inputs: [input, weights, bias], outputs, attributes }) =>
    firstOf(
      () => checkRank(input, 4, 'an input'),
      () => checkRank(weights, 4, 'weights'),
      () => checkWindow(attributes),
      () => {
        const { groups } = attributes;
        const [out = 0, , , perGroup = 0] = weights.shape;
        if (groups >= 1 && perGroup * groups === input.shape[3] && out % groups === 0)
          return undefined;
        return refuse(
          `${input.shape[3]} input channels in ${groups} groups with weights ${formatShape(weights.shape)}`,
          'weights [out][ky][kx][in / groups] with in and out multiples of the groups',
        );
      },
      () => {
        const size = transposedSize(input, weights, attributes);
        const padding = attributes.outputPadding;
        if (size.every((n) => n >= 1) && padding.every((n) => Number.isInteger(n) && n >= 0)) {
          return undefined;
        }
        return refuse(`an output ${size.join('x')}`, '1 cell or more each way');
      },
      () => {
        const left = [0, 1].every((axis) => {
          const cells = (input.shape[axis + 1]! - 1) * attributes.strides[axis]! + 1;
          const span = extent(weights.shape[axis + 1]!, attributes.dilations[axis]!);
          return attributes.pads[axis]! < span - 1 + cells;
        });
        if (left) return undefined;
        return refuse(
          `pads ${attributes.pads.join(', ')}`,
          'pads that leave something of the input',
        );
      },
      () => checkOperands(input, weights, bias, outputs[0]!),
    ),
  infer: ({ inputs: [input, weights], attributes }) => {
    const [height, width] = transposedSize(input, weights, attributes);
    return [[input.shape[0]!, height, width, weights.shape[0]!]];
  },
  count: ({ inputs: [input, weights], outputs: [output], attributes }) => {
    const [out = 1, kernelHeight = 1, kernelWidth = 1] = weights.shape;
    return {
      macs: (elementCount(input.shape) * kernelHeight * kernelWidth * out) / attributes.groups,
      ...epilogueCounts(input, output!, elementCount(output!.shape)),
    };
  },
  integer: ({ inputs: [input, weights], outputs: [output] }) =>
    isMapU8(input) && isQuantized(weights) && (isMapU8(output!) || output!.dtype === 'float32'),
  lower: (node) => {
    const { inputs, outputs, attributes } = node;
    const [input, weights, bias] = inputs;
    const output = outputs[0]!;
    const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
    const [strideY, strideX] = attributes.strides;
    const spread = [batch, (height - 1) * strideY + 1, (width - 1) * strideX + 1, channels];
    const dilated = temporary(node, 'dilated', input, spread);
    const strides = stridesOf(spread);
    const zero = isQuantized(input) ? operandOf(input).zeroPoint : 0;
    const outputStrides = [strides[0]!, strides[1]! * strideY, strides[2]! * strideX, 1];
    const apart =
      strideY * strideX === 1
        ? []
        : [fill(dilated, zero), copy(input, dilated, input.shape, { outputStrides })];
    const { dilations, pads, groups } = attributes;
    const [, kernelHeight = 1, kernelWidth = 1] = weights.shape;
    const padTop = extent(kernelHeight, dilations[0]) - 1 - pads[0];
    const padLeft = extent(kernelWidth, dilations[1]) - 1 - pads[1];
    const whole = apart.length === 0 ? input : dilated;
    const cropped = crop(node, whole, Math.max(-padTop, 0), Math.max(-padLeft, 0));
    const source = cropped?.outputs[0] ?? whole;

    const turned = turn(weights as Constant);
    const window = {
      strides: [1, 1] as const,
      dilations,
      pads: [Math.max(padTop, 0), Math.max(padLeft, 0), 0, 0] as const,
      groups,
    };
    const shape = convShape(source.shape, output.shape, weights.shape, window);
    const { min, max } = attributes;
    const work =
      input.dtype === 'float32'
        ? ({ ...shape, family: 'convF32', min, max, ...floatWeights(turned, bias) } as const)
        : convU8Work(shape, input, turned, bias, output, attributes);
    return [...apart, ...(cropped ? [cropped] : []), { work, inputs: [source], outputs: [output] }];
  },
};

/** Pads wider than the kernel cut cells off: all but the first `top` rows and `left` columns. */
function crop(node: ConvTranspose, map: Tensor, top: number, left: number): Lowered | undefined {
  if (top === 0 && left === 0) return undefined;
  const [batch = 1, height = 1, width = 1, channels = 1] = map.shape;
  const cropped = temporary(node, 'cropped', map, [batch, height - top, width - left, channels]);
  const strides = stridesOf(map.shape);
  const inputOffset = top * strides[1]! + left * strides[2]!;
  return copy(map, cropped, cropped.shape, { inputOffset });
}

function transposedSize(
  input: Tensor,
  weights: Tensor,
  { strides, dilations, pads, outputPadding }: ConvTranspose['attributes'],
): Pair {
  const along = (axis: 0 | 1): number =>
    (input.shape[axis + 1]! - 1) * strides[axis] +
    extent(weights.shape[axis + 1]!, dilations[axis]) +
    outputPadding[axis] -
    pads[axis] -
    pads[axis + 2]!;
  return [along(0), along(1)];
}

function turn(weights: Constant): Constant {
  const [out = 1, kernelHeight = 1, kernelWidth = 1, perGroup = 1] = weights.shape;
  const taps = kernelHeight * kernelWidth;
  const data = weights.data.slice() as TypedArray;
  for (let channel = 0; channel < out; channel++) {
    for (let tap = 0; tap < taps; tap++) {
      const from = (channel * taps + tap) * perGroup;
      const to = (channel * taps + taps - 1 - tap) * perGroup;
      for (let i = 0; i < perGroup; i++) data[to + i] = weights.data[from + i]!;
    }
  }
  return { ...weights, data };
}
