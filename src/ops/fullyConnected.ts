import type { FullyConnected, MatMul, MatMulInteger } from '../graph/node.ts';
import { broadcastShape, broadcastStrides, elementCount, formatShape } from '../graph/shape.ts';
import { isQuantized, type Tensor } from '../graph/tensor.ts';
import type { ConvShape } from '../graph/work.ts';
import { checkRank, checkType, firstOf, type Refusal, refuse } from './checks.ts';
import {
  checkIntegerOperands,
  checkOperands,
  convU8Work,
  floatWeights,
  integerWork,
} from './conv.ts';
import { epilogueCounts } from './epilogue.ts';
import type { Operator } from './operator.ts';
import { isMapU8 } from './quantized.ts';
import { lowerTernary, needsTernarySums } from './ternary.ts';

/** output[m][n] = input[m][k] · weights[n][k] + bias[n]; the input may have any rank. */
export const fullyConnected: Operator<FullyConnected> = {
  check: ({ inputs: [input, weights, bias], outputs, attributes }) =>
    firstOf(
      () => checkSize(input, weights, attributes.keepDims),
      () => checkOperands(input, weights, bias, outputs[0]!),
    ),
  infer: ({ inputs: [input, weights], attributes }) => {
    const { m, n } = gemmSize(input, weights);
    return [attributes.keepDims ? [...input.shape.slice(0, -1), n] : [m, n]];
  },
  count: ({ inputs: [input, weights], outputs }) => {
    const { m, n, k } = gemmSize(input, weights);
    return { macs: m * n * k, ...epilogueCounts(input, outputs[0]!, m * n) };
  },
  integer: ({ inputs: [input, weights], outputs: [output] }) =>
    isMapU8(input) && isQuantized(weights) && (isMapU8(output!) || output!.dtype === 'float32'),
  lower: (node) => {
    const { inputs, outputs, attributes } = node;
    const [input, weights, bias] = inputs;
    const output = outputs[0]!;
    const shape = pixelRow(input, weights);
    const { min, max } = attributes;
    if (input.dtype !== 'float32' && needsTernarySums(weights, bias, output)) {
      return lowerTernary(node, shape, input, weights, bias, output, { min, max });
    }
    const work =
      input.dtype === 'float32'
        ? ({ ...shape, family: 'convF32', min, max, ...floatWeights(weights, bias) } as const)
        : convU8Work(shape, input, weights, bias, output, { min, max });
    return [{ work, inputs: [input], outputs: [output] }];
  },
};

export const matMulInteger: Operator<MatMulInteger> = {
  check: ({ inputs, outputs }) =>
    firstOf(
      () => checkSize(inputs[0], inputs[1], true),
      () => checkIntegerOperands(inputs, outputs[0]!),
    ),
  infer: ({ inputs: [input, weights] }) => [[...input.shape.slice(0, -1), weights.shape[0]!]],
  count: ({ inputs: [input, weights] }) => {
    const { m, n, k } = gemmSize(input, weights);
    return { macs: m * n * k };
  },
  integer: () => true,
  lower: ({ inputs: [input, weights, zeroPoint], outputs }) => [
    integerWork(pixelRow(input, weights), input, weights, zeroPoint, outputs[0]!),
  ],
};

/** a [...][m][k] times b [...][k][n] of which neither is a constant. */
export const matMul: Operator<MatMul> = {
  check: ({ inputs: [a, b], outputs }) =>
    firstOf(
      ...[a, b, outputs[0]!].map((t) => () => checkType(t, ['float32'], 'an operand')),
      () => {
        const batch = broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
        const fits =
          a.shape.length >= 2 && b.shape.length >= 2 && a.shape.at(-1) === b.shape.at(-2);
        if (fits && batch !== undefined) return undefined;
        return refuse(
          `${formatShape(a.shape)} times ${formatShape(b.shape)}`,
          '[...][m][k] times [...][k][n] with leading axes that broadcast',
        );
      },
    ),
  infer: ({ inputs: [a, b] }) => [[...batchOf(a, b), a.shape.at(-2)!, b.shape.at(-1)!]],
  count: ({ inputs: [a, b] }) => ({
    macs: elementCount(batchOf(a, b)) * a.shape.at(-2)! * a.shape.at(-1)! * b.shape.at(-1)!,
  }),
  integer: () => false,
  lower: ({ inputs: [a, b], outputs }) => {
    const shape = batchOf(a, b);
    const [m = 1, k = 1] = a.shape.slice(-2);
    const n = b.shape.at(-1)!;
    const strides = (tensor: Tensor, matrix: number): number[] =>
      broadcastStrides(tensor.shape.slice(0, -2), shape).map((stride) => stride * matrix);
    const work = {
      family: 'matMulF32',
      m,
      n,
      k,
      shape,
      aStrides: strides(a, m * k),
      bStrides: strides(b, k * n),
    } as const;
    return [{ work, inputs: [a, b], outputs: [outputs[0]!] }];
  },
};

function checkSize(input: Tensor, weights: Tensor, keepDims: boolean): Refusal | undefined {
  return firstOf(
    () => checkRank(weights, 2, 'weights'),
    () => {
      const k = weights.shape[1]!;
      const fits = keepDims ? input.shape.at(-1) === k : elementCount(input.shape) % k === 0;
      if (fits) return undefined;
      return refuse(
        `input ${formatShape(input.shape)} and weights ${formatShape(weights.shape)}`,
        'an input whose size is a multiple of the last weight axis',
        'look for a Flatten that is missing before this node, then export the model again',
      );
    },
  );
}

function gemmSize(input: Tensor, weights: Tensor) {
  const [n = 0, k = 1] = weights.shape;
  return { m: elementCount(input.shape) / k, n, k };
}

function batchOf(a: Tensor, b: Tensor): number[] {
  return broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)) ?? [];
}

/** A matrix product as a 1x1 convolution of a map one pixel high. */
function pixelRow(input: Tensor, weights: Tensor): ConvShape {
  const { m, n, k } = gemmSize(input, weights);
  return {
    batch: 1,
    inputHeight: 1,
    inputWidth: m,
    inputChannels: k,
    outputHeight: 1,
    outputWidth: m,
    outputChannels: n,
    kernelHeight: 1,
    kernelWidth: 1,
    strideY: 1,
    strideX: 1,
    dilationY: 1,
    dilationX: 1,
    padTop: 0,
    padLeft: 0,
    groups: 1,
  };
}
