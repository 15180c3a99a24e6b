import type { Split } from '../graph/node.ts';
import { elementCount, formatShape, stridesOf } from '../graph/shape.ts';
import { checkAxis, checkType, firstOf, refuse } from './checks.ts';
import { copy } from './move.ts';
import type { Operator } from './operator.ts';

/** The opposite of a Concat. */
export const split: Operator<Split> = {
  check: ({ inputs: [input], outputs, attributes: { axis, sizes } }) =>
    firstOf(
      () => checkAxis(axis, input),
      ...outputs.map((output) => () => checkType(output, [input.dtype], 'an output')),
      () => {
        const whole = sizes.reduce((sum, size) => sum + size, 0) === input.shape[axis];
        const natural = sizes.every((size) => Number.isInteger(size) && size >= 0);
        if (whole && natural && sizes.length === outputs.length) return undefined;
        return refuse(
          `parts ${sizes.join(', ')} for ${outputs.length} outputs of ${formatShape(input.shape)}`,
          `a part for each output, together ${input.shape[axis]} along axis ${axis}`,
        );
      },
    ),
  infer: ({ inputs: [input], attributes: { axis, sizes } }) =>
    sizes.map((part) => input.shape.map((size, i) => (i === axis ? part : size))),
  count: ({ inputs: [input] }) => ({ moves: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs, attributes: { axis } }) => {
    const stride = stridesOf(input.shape)[axis]!;
    let start = 0;
    return outputs.map((output) => {
      const inputOffset = start * stride;
      start += output.shape[axis]!;
      return copy(input, output, output.shape, {
        inputStrides: stridesOf(input.shape),
        inputOffset,
      });
    });
  },
};
