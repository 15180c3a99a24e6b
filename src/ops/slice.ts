import type { Slice } from '../graph/node.ts';
import { elementCount, formatShape, stridesOf } from '../graph/shape.ts';
import { checkType, firstOf, refuse } from './checks.ts';
import { copy } from './move.ts';
import type { Operator } from './operator.ts';

/** Every so many elements of a part of the input, backwards where a step is negative. */
export const slice: Operator<Slice> = {
  check: ({ inputs: [input], outputs, attributes: { starts, sizes, steps } }) =>
    firstOf(
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        const rank = input.shape.length;
        if ([starts, sizes, steps].every((list) => list.length === rank)) return undefined;
        return refuse(`starts, sizes and steps of ${starts.length} axes`, `${rank} of each`);
      },
      () => {
        const axis = input.shape.findIndex((size, i) => {
          const first = starts[i]!;
          const last = first + (sizes[i]! - 1) * steps[i]!;
          const inside = (index: number): boolean =>
            Number.isInteger(index) && index >= 0 && index < size;
          return !(steps[i] !== 0 && sizes[i]! >= 1 && inside(first) && inside(last));
        });
        if (axis < 0) return undefined;
        return refuse(
          `${sizes[axis]} elements from ${starts[axis]} on, ${steps[axis]} apart, of axis ${axis} of ${formatShape(input.shape)}`,
          'elements that exist, and at least one',
        );
      },
    ),
  infer: ({ attributes: { sizes } }) => [[...sizes]],
  count: ({ attributes: { sizes } }) => ({ moves: elementCount(sizes) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs, attributes: { starts, steps } }) => {
    const strides = stridesOf(input.shape);
    const inputOffset = starts.reduce((offset, start, i) => offset + start * strides[i]!, 0);
    const inputStrides = strides.map((stride, i) => stride * steps[i]!);
    return [copy(input, outputs[0]!, outputs[0]!.shape, { inputStrides, inputOffset })];
  },
};
