import type { Concat } from '../graph/node.ts';
import { elementCount, formatShape, stridesOf } from '../graph/shape.ts';
import { checkAxis, checkType, firstOf, refuse } from './checks.ts';
import { copy } from './move.ts';
import type { Operator } from './operator.ts';

/** Tensors one behind the other along one axis; all of one dtype and one quantization. */
export const concat: Operator<Concat> = {
  check: ({ inputs, outputs, attributes: { axis } }) =>
    firstOf(
      () => (inputs.length > 0 ? undefined : refuse('no inputs', 'one or more')),
      () => checkAxis(axis, inputs[0]!),
      ...inputs.map((input) => () => checkType(input, [outputs[0]!.dtype], 'an input')),
      () => {
        const first = inputs[0]!.shape;
        const wrong = inputs.find(
          ({ shape }) =>
            shape.length !== first.length ||
            shape.some((size, i) => i !== axis && size !== first[i]),
        );
        if (wrong === undefined) return undefined;
        return refuse(
          `inputs ${formatShape(first)} and ${formatShape(wrong.shape)}`,
          `shapes that differ along axis ${axis} only`,
        );
      },
    ),
  infer: ({ inputs, attributes: { axis } }) => {
    const along = inputs.reduce((sum, input) => sum + input.shape[axis]!, 0);
    return [inputs[0]!.shape.map((size, i) => (i === axis ? along : size))];
  },
  count: ({ inputs }) => ({ moves: inputs.reduce((n, input) => n + elementCount(input.shape), 0) }),
  integer: () => true,
  lower: ({ inputs, outputs, attributes: { axis } }) => {
    const output = outputs[0]!;
    const stride = stridesOf(output.shape)[axis]!;
    let start = 0;
    return inputs.map((input) => {
      const outputOffset = start * stride;
      start += input.shape[axis]!;
      return copy(input, output, input.shape, { outputOffset });
    });
  },
};
