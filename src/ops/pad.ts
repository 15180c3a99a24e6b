import type { Pad } from '../graph/node.ts';
import { elementCount, formatShape, stridesOf } from '../graph/shape.ts';
import { checkType, firstOf, refuse } from './checks.ts';
import { copy, fill } from './move.ts';
import type { Lowered, Operator } from './operator.ts';

/** A rim around a tensor: of one value, of the nearest elements, or mirrored at the edge. */
export const pad: Operator<Pad> = {
  check: ({ inputs: [input], outputs, attributes: { before, after, mode } }) =>
    firstOf(
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        const rank = input.shape.length;
        const natural = (n: number): boolean => Number.isInteger(n) && n >= 0 && n < 2 ** 31;
        const fits = [before, after].every((list) => list.length === rank && list.every(natural));
        if (fits) return undefined;
        return refuse(
          `pads ${before.join(', ')} and ${after.join(', ')}`,
          `${rank} of each, none negative`,
        );
      },
      () => {
        if (mode !== 'reflect') return undefined;
        const axis = input.shape.findIndex((size, i) => before[i]! >= size || after[i]! >= size);
        if (axis < 0) return undefined;
        return refuse(
          `a mirrored rim of ${before[axis]} and ${after[axis]} along axis ${axis} of ${formatShape(input.shape)}`,
          'a rim narrower than the input',
        );
      },
    ),
  infer: ({ inputs: [input], attributes: { before, after } }) => [
    input.shape.map((size, i) => before[i]! + size + after[i]!),
  ],
  count: ({ inputs: [input], attributes: { before, after } }) => ({
    moves: elementCount(input.shape.map((size, i) => before[i]! + size + after[i]!)),
  }),
  integer: () => true,
  lower: ({ inputs: [input], outputs, attributes }) => {
    const output = outputs[0]!;
    const { before, mode, value } = attributes;
    const strides = stridesOf(output.shape);
    const outputOffset = before.reduce((offset, n, i) => offset + n * strides[i]!, 0);
    const body = copy(input, output, input.shape, { outputOffset });
    return mode === 'constant'
      ? [fill(output, value), body]
      : [body, ...rims(input.shape, output, attributes)];
  },
};

/**
 * Grows the filled part of the output axis by axis: the rim of an axis is copied from inside the
 * output, over all that is filled along the other axes already.
 */
function rims(
  shape: readonly number[],
  output: Pad['outputs'][number],
  { before, after, mode }: Pad['attributes'],
): Lowered[] {
  const strides = stridesOf(output.shape);
  const steps: Lowered[] = [];
  const filled = [...shape];
  const start = [...before];
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    const stride = strides[axis]!;
    const first = before[axis]!;
    const last = first + size - 1;
    const others = start.reduce((sum, n, i) => (i === axis ? sum : sum + n * strides[i]!), 0);
    const rim = (count: number, from: number, to: number, step: number): void => {
      if (count === 0) return;
      const part = filled.map((n, i) => (i === axis ? count : n));
      const inputStrides = strides.map((n, i) => (i === axis ? step * n : n));
      steps.push(
        copy(output, output, part, {
          inputStrides,
          inputOffset: others + from * stride,
          outputOffset: others + to * stride,
        }),
      );
    };
    if (mode === 'edge') {
      rim(first, first, 0, 0);
      rim(after[axis]!, last, last + 1, 0);
    } else {
      rim(first, 2 * first, 0, -1);
      rim(after[axis]!, last - 1, last + 1, -1);
    }
    filled[axis] = output.shape[axis]!;
    start[axis] = 0;
  }
  return steps;
}
