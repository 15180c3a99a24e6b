import type { Cast, Dequantize, DynamicQuantize, Quantize, Requantize } from '../graph/node.ts';
import { elementCount, type Shape } from '../graph/shape.ts';
import type { Quantization, Tensor } from '../graph/tensor.ts';
import { checkType, firstOf, type Refusal, refuse } from './checks.ts';
import { rescaling } from './fixedPoint.ts';
import { clamp } from './float32.ts';
import { around } from './move.ts';
import type { Operator } from './operator.ts';
import { isPerTensor, operandOf } from './quantized.ts';
import { numbersOf, tableWork } from './tabulate.ts';

/** float32 to 8 bits. */
export const quantize: Operator<Quantize> = {
  check: ({ inputs: [input], outputs }) =>
    firstOf(
      () => checkType(input, ['float32'], 'an input'),
      () => checkType(outputs[0]!, ['int8', 'uint8'], 'an output'),
      () => checkParameters(outputs[0]!, input.shape),
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => ({ requantizations: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs }, { rounding }) => {
    const output = outputs[0]!;
    const { scale, zeroPoint } = output.quantization as Quantization;
    const reciprocal = rounding === 'xnnpack';
    const layout = channelsOf(input.shape, output.quantization!);
    const work = { family: 'quantize', reciprocal, scale, zeroPoint, ...layout } as const;
    return [{ work, inputs: [input], outputs: [output] }];
  },
};

/** 8-bit numbers or accumulators to float32. */
export const dequantize: Operator<Dequantize> = {
  check: ({ inputs: [input], outputs }) =>
    firstOf(
      () => checkType(input, ['int8', 'uint8', 'int32'], 'an input'),
      () => checkType(outputs[0]!, ['float32'], 'an output'),
      () => checkParameters(input, input.shape),
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => ({ multiplications: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs }) => {
    const { scale, zeroPoint } = input.quantization as Quantization;
    const type = input.dtype === 'int32' ? 'i32' : 'u8';
    const layout = channelsOf(input.shape, input.quantization!);
    const work = { family: 'dequantize', type, scale, zeroPoint, ...layout } as const;
    return [{ work, inputs: [input], outputs: [outputs[0]!] }];
  },
};

/** 8 bits to 8 bits of other parameters. */
export const requantize: Operator<Requantize> = {
  check: ({ inputs: [input], outputs }) =>
    firstOf(
      ...[input, outputs[0]!].flatMap((tensor) => [
        () => checkType(tensor, ['int8', 'uint8'], 'an operand'),
        () => {
          if (tensor.quantization !== undefined && isPerTensor(tensor)) return undefined;
          return refuse(`tensor ${tensor.id} without one scale`, 'a scale and a zero point');
        },
      ]),
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => ({ lookups: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs }, { rounding }) => {
    const output = outputs[0]!;
    const from = operandOf(input);
    const to = operandOf(output);
    const [low, high] = output.dtype === 'int8' ? [-128, 127] : [0, 255];
    const rescale = rescaling(from.scale, to.scale, rounding);
    const table = Uint8Array.from(numbersOf(input), (q) =>
      clamp(rescale(q - from.zeroPoint) + to.zeroPoint, low, high),
    );
    return tableWork(input, output, table);
  },
};

/** ONNX DynamicQuantizeLinear: the range of the numbers at hand decides the scale. */
export const dynamicQuantize: Operator<DynamicQuantize> = {
  check: ({ inputs: [input], outputs }) =>
    firstOf(
      () => checkType(input, ['float32'], 'an input'),
      () => (outputs.length === 3 ? undefined : refuse(`${outputs.length} outputs`, '3')),
      () => checkType(outputs[0]!, ['uint8'], 'an output'),
      () => checkType(outputs[1]!, ['float32'], 'a scale'),
      () => checkType(outputs[2]!, ['uint8'], 'a zero point'),
    ),
  infer: ({ inputs: [input] }) => [[...input.shape], [], []],
  count: ({ inputs: [input] }) => {
    const count = elementCount(input.shape);
    return { requantizations: count, comparisons: 2 * count };
  },
  integer: () => true,
  lower: ({ inputs: [input], outputs }) => {
    const work = { family: 'dynamicQuantize', count: elementCount(input.shape) } as const;
    return [{ work, inputs: [input], outputs }];
  },
};

/** Numbers of one type as another's. */
export const cast: Operator<Cast> = {
  check: () => undefined,
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => ({ moves: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs }) => {
    const output = outputs[0]!;
    if (input.dtype === output.dtype) return [];
    const count = elementCount(input.shape);
    const work = { family: 'cast', from: input.dtype, to: output.dtype, count } as const;
    return [{ work, inputs: [input], outputs: [output] }];
  },
};

function checkParameters({ id, quantization }: Tensor, shape: Shape): Refusal | undefined {
  if (quantization === undefined) return refuse(`tensor ${id} without a scale`, 'a quantization');
  const { scale, zeroPoint, axis } = quantization;
  const fits = scale.length === 1 || scale.length === shape[axis];
  if (fits && zeroPoint.length === scale.length) return undefined;
  return refuse(
    `${scale.length} scales and ${zeroPoint.length} zero points on axis ${axis}`,
    'one of each, or one for every index of the axis',
  );
}

function channelsOf(shape: Shape, { scale, axis }: Quantization) {
  if (scale.length === 1) return { outer: 1, channels: 1, inner: elementCount(shape) };
  const { outer, length, inner } = around(shape, axis);
  return { outer, channels: length, inner };
}
