import type { Reshape, Transpose } from '../graph/node.ts';
import { elementCount, formatShape } from '../graph/shape.ts';
import { checkType, firstOf, refuse } from './checks.ts';
import { keepsOrder, permuted } from './move.ts';
import type { Operator } from './operator.ts';

/** The same elements in the same order under another shape. */
export const reshape: Operator<Reshape> = {
  check: ({ inputs: [input], outputs, attributes: { shape } }) =>
    firstOf(
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        const natural = shape.every((n) => Number.isInteger(n) && n >= 0);
        if (natural && elementCount(shape) === elementCount(input.shape)) return undefined;
        return refuse(
          `${formatShape(input.shape)} reshaped to ${formatShape(shape)}`,
          'as many elements as before',
        );
      },
    ),
  infer: ({ attributes: { shape } }) => [[...shape]],
  count: () => ({}),
  integer: () => true,
  lower: () => [],
};

export const transpose: Operator<Transpose> = {
  check: ({ inputs: [input], outputs, attributes: { permutation } }) =>
    firstOf(
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        const sorted = [...permutation].sort((a, b) => a - b);
        const whole = sorted.length === input.shape.length && sorted.every((axis, i) => axis === i);
        if (whole) return undefined;
        return refuse(
          `permutation ${permutation.join(', ')} of ${formatShape(input.shape)}`,
          'each axis once',
        );
      },
    ),
  infer: ({ inputs: [input], attributes: { permutation } }) => [
    permutation.map((axis) => input.shape[axis]!),
  ],
  count: ({ inputs: [input] }) => ({ moves: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs, attributes: { permutation } }) =>
    keepsOrder(input.shape, permutation) ? [] : [permuted(input, outputs[0]!, permutation)],
};
