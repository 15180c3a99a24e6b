import type { Mean } from '../graph/node.ts';
import { noClamp } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { isQuantized } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { checkAxis, checkType, firstOf, refuse } from './checks.ts';
import { meanCounts } from './epilogue.ts';
import { f32 } from './float32.ts';
import { permuted } from './move.ts';
import type { Lowered, Operator } from './operator.ts';
import { isMapU8, operandOf, resultOf } from './quantized.ts';
import { temporary } from './temporary.ts';

/** The mean over some axes. */
export const mean: Operator<Mean> = {
  check: ({ inputs: [input], outputs, attributes: { axes } }) =>
    firstOf(
      ...axes.map((axis) => () => checkAxis(axis, input)),
      () =>
        new Set(axes).size === axes.length ? undefined : refuse(`axes ${axes}`, 'each axis once'),
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        if (input.dtype === 'float32' || isQuantized(input)) return undefined;
        return refuse(`an input of type ${input.dtype}`, 'float32, or 8 bits with a scale');
      },
    ),
  infer: ({ inputs: [input], attributes: { axes, keepDims } }) => [
    keepDims
      ? input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
      : input.shape.filter((_, axis) => !axes.includes(axis)),
  ],
  count: ({ inputs: [input], outputs: [output], attributes: { axes } }) => {
    const outputs = elementCount(input.shape.filter((_, axis) => !axes.includes(axis)));
    return meanCounts(output!, elementCount(input.shape), outputs);
  },
  integer: ({ inputs: [input], outputs }) => isMapU8(input) && isMapU8(outputs[0]!),
  lower: (node) => {
    const [input] = node.inputs;
    const output = node.outputs[0]!;
    const axes = [...node.attributes.axes].sort((a, b) => a - b);
    const first = axes[0] ?? 0;
    const long = input.shape.flatMap((size, axis) => (size === 1 ? [] : [axis]));
    const reduced = long.filter((axis) => axes.includes(axis));
    const adjacent = long
      .filter((axis) => axis >= (reduced[0] ?? 0) && axis <= (reduced.at(-1) ?? 0))
      .every((axis) => axes.includes(axis));
    if (adjacent) {
      const start = reduced[0] ?? first;
      const outer = elementCount(input.shape.slice(0, start));
      const count = elementCount(axes.map((axis) => input.shape[axis]!));
      const inner = elementCount(input.shape) / (outer * count);
      return [{ work: meanWork(node, outer, count, inner), inputs: [input], outputs: [output] }];
    }
    // Axes apart: bring those that go to the end.
    const kept = [...input.shape.keys()].filter((axis) => !axes.includes(axis));
    const order = [...kept, ...axes];
    const shape = order.map((axis) => input.shape[axis]!);
    const turned = temporary(node, 'turned', input, shape);
    const outer = elementCount(shape.slice(0, kept.length));
    const work = meanWork(node, outer, elementCount(shape) / outer, 1);
    const steps: Lowered[] = [permuted(input, turned, order)];
    return [...steps, { work, inputs: [turned], outputs: [output] }];
  },
};

function meanWork(node: Mean, outer: number, count: number, inner: number): Work {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  if (input.dtype === 'float32') return { family: 'meanF32', outer, count, inner };
  const { scale: inputScale, zeroPoint: inputZeroPoint } = operandOf(input);
  const { scale, ...bounds } = resultOf(output, noClamp);
  return {
    family: 'meanU8',
    outer,
    count,
    inner,
    inputZeroPoint,
    scale: f32(inputScale / f32(scale * count)),
    ...bounds,
  };
}
