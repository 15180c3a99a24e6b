import type { ArgMax } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { checkAxis, checkType, firstOf } from './checks.ts';
import { around } from './move.ts';
import type { Operator } from './operator.ts';

/** The index of the greatest element along one axis. */
export const argMax: Operator<ArgMax> = {
  check: ({ inputs: [input], outputs, attributes: { axis } }) =>
    firstOf(
      () => checkAxis(axis, input),
      () => checkType(input, ['float32', 'int8', 'uint8', 'int32'], 'an input'),
      () => checkType(outputs[0]!, ['int32', 'int64'], 'an output'),
    ),
  infer: ({ inputs: [input], attributes: { axis, keepDims } }) => [
    keepDims
      ? input.shape.map((size, i) => (i === axis ? 1 : size))
      : input.shape.filter((_, i) => i !== axis),
  ],
  count: ({ inputs: [input] }) => ({ comparisons: elementCount(input.shape) }),
  integer: () => true,
  lower: ({ inputs: [input], outputs, attributes: { axis, selectLast } }) => {
    const output = outputs[0]!;
    const types = { float32: 'f32', int32: 'i32' } as const;
    const work = {
      family: 'argMax',
      type: types[input.dtype as 'float32' | 'int32'] ?? 'u8',
      outputType: output.dtype === 'int64' ? 'i64' : 'i32',
      ...around(input.shape, axis),
      selectLast,
    } as const;
    return [{ work, inputs: [input], outputs: [output] }];
  },
};
