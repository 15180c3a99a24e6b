import type { BatchNorm } from '../graph/node.ts';
import { elementCount, formatShape } from '../graph/shape.ts';
import { checkConstant, checkType, firstOf, refuse } from './checks.ts';
import type { Operator } from './operator.ts';

/** What a batch norm multiplies with and adds, per channel, in double precision. */
export function affineOf({ inputs: [, scale, bias, mean, variance], attributes }: BatchNorm) {
  const channels = elementCount(scale.shape);
  const factor = new Float64Array(channels);
  const offset = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    // Epsilon stays inside the root: trained nets hold variances that are subnormal numbers.
    const deviation = Math.sqrt(Number(variance.data![c]) + attributes.epsilon);
    factor[c] = Number(scale.data![c]) / deviation;
    offset[c] = Number(bias.data![c]) - Number(mean.data![c]) * factor[c]!;
  }
  return { factor, offset };
}

/** (x − mean) / sqrt(variance + epsilon) * scale + bias, per index of the last axis. */
export const batchNorm: Operator<BatchNorm> = {
  check: ({ inputs: [input, ...parameters], outputs, attributes }) =>
    firstOf(
      () => checkType(input, ['float32'], 'an input'),
      () => checkType(outputs[0]!, ['float32'], 'an output'),
      ...parameters.map((parameter) => () => checkConstant(parameter, 'a parameter')),
      ...parameters.map((parameter) => () => checkType(parameter, ['float32'], 'a parameter')),
      () => {
        const channels = input.shape.at(-1) ?? 0;
        const wrong = parameters.find((p) => elementCount(p.shape) !== channels);
        if (wrong === undefined) return undefined;
        return refuse(
          `a parameter ${formatShape(wrong.shape)}`,
          `one element for each of ${channels} channels`,
        );
      },
      () =>
        attributes.epsilon >= 0 ? undefined : refuse(`epsilon ${attributes.epsilon}`, '0 or more'),
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => {
    const count = elementCount(input.shape);
    return { multiplications: count, additions: count };
  },
  integer: () => false,
  lower: (node) => {
    const [input] = node.inputs;
    const { factor, offset } = affineOf(node);
    const channels = factor.length;
    const work = {
      family: 'affineF32',
      rows: elementCount(input.shape) / channels,
      channels,
      scale: Float32Array.from(factor),
      bias: Float32Array.from(offset),
    } as const;
    return [{ work, inputs: [input], outputs: [node.outputs[0]!] }];
  },
};
