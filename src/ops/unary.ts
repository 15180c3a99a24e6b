import type { Unary, UnaryOp } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { isQuantized } from '../graph/tensor.ts';
import { refuse } from './checks.ts';
import { f32 } from './float32.ts';
import type { Counts, Operator } from './operator.ts';
import { isMapU8, operandOf } from './quantized.ts';
import { tableOf, tableWork } from './tabulate.ts';
import { hardSwishTable, leakyReluTable } from './xnnpackTables.ts';

type Function = (x: number, alpha: number, beta: number) => number;

const functions: Readonly<Record<UnaryOp, Function>> = {
  Relu: (x) => Math.max(x, 0),
  Clip: (x, min, max) => Math.min(Math.max(x, min), max),
  LeakyRelu: (x, alpha) => (x >= 0 ? x : f32(alpha * x)),
  HardSigmoid: (x, alpha, beta) => Math.min(Math.max(f32(f32(alpha * x) + beta), 0), 1),
  HardSwish: (x) => f32(x * Math.min(Math.max(f32(f32(x / 6) + 0.5), 0), 1)),
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Tanh: (x) => Math.tanh(x),
};

const costs: Readonly<Record<UnaryOp, (count: number) => Counts>> = {
  Relu: (count) => ({ comparisons: count }),
  Clip: (count) => ({ comparisons: 2 * count }),
  LeakyRelu: (count) => ({ comparisons: count, multiplications: count }),
  HardSigmoid: (count) => ({ comparisons: 2 * count, multiplications: count, additions: count }),
  HardSwish: (count) => ({ comparisons: 2 * count, multiplications: 2 * count, additions: count }),
  Sigmoid: (count) => ({ transcendentals: count }),
  Tanh: (count) => ({ transcendentals: count }),
};

/** A function of one number: a table of 256 entries on 8-bit maps. */
export const unary: Operator<Unary> = {
  check: ({ op, inputs: [input], outputs, attributes: { alpha, beta } }) => {
    if (Number.isNaN(alpha) || Number.isNaN(beta)) return refuse('NaN as a parameter', 'a number');
    const float = input.dtype === 'float32' && outputs[0]!.dtype === 'float32';
    if (float || (isQuantized(input) && isQuantized(outputs[0]!))) return undefined;
    return refuse(`${op} of ${input.dtype}`, 'float32, or 8 bits with a scale');
  },
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ op, inputs: [input] }) => {
    const count = elementCount(input.shape);
    return isQuantized(input) ? { lookups: count } : costs[op](count);
  },
  integer: ({ inputs: [input], outputs }) => isMapU8(input) && isMapU8(outputs[0]!),
  lower: ({ op, inputs: [input], outputs, attributes: { alpha, beta } }, { rounding }) => {
    const output = outputs[0]!;
    if (input.dtype === 'float32') {
      const count = elementCount(input.shape);
      const work = { family: 'unaryF32', op, alpha, beta, count } as const;
      return [{ work, inputs: [input], outputs: [output] }];
    }
    const from = operandOf(input);
    const to = operandOf(output);
    if (rounding === 'xnnpack' && op === 'LeakyRelu') {
      return tableWork(input, output, leakyReluTable(from, to, alpha));
    }
    if (rounding === 'xnnpack' && op === 'HardSwish') {
      return tableWork(input, output, hardSwishTable(from, to));
    }
    const f = (x: number): number => f32(functions[op](x, f32(alpha), f32(beta)));
    return tableWork(input, output, tableOf(from, to, f));
  },
};
