import type { Softmax } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { isQuantized } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { checkAxis, firstOf, refuse } from './checks.ts';
import { f32 } from './float32.ts';
import { around, permuted } from './move.ts';
import type { Operator } from './operator.ts';
import { isMapU8, operandOf } from './quantized.ts';
import { temporary } from './temporary.ts';

/** exp(beta x) over its sum along one axis. */
export const softmax: Operator<Softmax> = {
  check: ({ inputs: [input], outputs, attributes: { axis, beta } }) =>
    firstOf(
      () => checkAxis(axis, input),
      () => (Number.isFinite(beta) ? undefined : refuse(`beta ${beta}`, 'a finite number')),
      () => {
        const float = input.dtype === 'float32' && outputs[0]!.dtype === 'float32';
        if (float || (isQuantized(input) && isQuantized(outputs[0]!))) return undefined;
        return refuse(`an input of type ${input.dtype}`, 'float32, or 8 bits with a scale');
      },
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => {
    const count = elementCount(input.shape);
    return { transcendentals: 2 * count, additions: count, comparisons: count };
  },
  integer: ({ op, inputs: [input], outputs }) =>
    op === 'Softmax' && isMapU8(input) && isMapU8(outputs[0]!),
  lower: (node, { rounding }) => {
    const { op, inputs, outputs, attributes } = node;
    const [input] = inputs;
    const output = outputs[0]!;
    const { axis, beta } = attributes;
    const { outer, length, inner } = around(input.shape, axis);
    const rows = outer * inner;
    const work: Work =
      input.dtype === 'float32'
        ? { family: 'softmaxF32', rows, length, beta, log: op === 'LogSoftmax' }
        : {
            family: 'softmaxU8',
            rows,
            length,
            inputScale: f32(operandOf(input).scale * beta),
            rounding,
            signed: output.signed === true,
            result: operandOf(output),
          };
    if (inner === 1) return [{ work, inputs: [input], outputs: [output] }];
    const rank = input.shape.length;
    const there = [...Array(rank).keys()].filter((i) => i !== axis).concat(axis);
    const back = there.map((_, i) => there.indexOf(i));
    const shape = there.map((i) => input.shape[i]!);
    const turned = temporary(node, 'turned', input, shape);
    const result = temporary(node, 'result', output, shape);
    return [
      permuted(input, turned, there),
      { work, inputs: [turned], outputs: [result] },
      permuted(result, output, back),
    ];
  },
};
