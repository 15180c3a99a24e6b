import { elementCount, formatShape, type Shape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { renamed, reshaped } from './constantMath.ts';
import type { NodeImport } from './nodeImport.ts';
import { isKnown } from './value.ts';

export function importIdentity(c: NodeImport): void {
  c.output(c.value(0));
}

/** Without training nothing is dropped. */
export function importDropout(c: NodeImport): void {
  c.onlyOutputs(1);
  c.attributes.ignore('ratio', 'seed');
  const training = c.optional(2) === undefined ? [0] : c.known(2, 'training_mode').numbers();
  if (training[0] !== 0) c.fail('training_mode 1', '0', 'export the model for inference');
  c.output(c.value(0));
}

function giveReshaped(c: NodeImport, shape: Shape): void {
  const value = c.value(0);
  if (elementCount(shape) !== elementCount(value.shape)) {
    c.fail(
      `${formatShape(value.shape)} as ${formatShape(shape)}`,
      'as many elements as before',
      'if the model has open dimensions, fix them: load(file, { inputs: { name: { shape } } })',
    );
  }
  c.output(isKnown(value) ? renamed(reshaped(value, shape), c.outputId()) : move(c, value, shape));
}

function move(c: NodeImport, tensor: Tensor, shape: Shape): Tensor {
  return c.reshape(tensor, shape, c.outputId());
}

export function importReshape(c: NodeImport): void {
  const from = c.shape(0);
  const target = c.integers(1, 'a shape');
  const keepZeros = c.attributes.flag('allowzero');
  const shape = target.map((size, axis) => {
    if (size !== 0 || keepZeros) return size;
    return from[axis] ?? c.fail(`0 for axis ${axis}`, `an axis of ${formatShape(from)}`);
  });
  const open = shape.indexOf(-1);
  if (open >= 0) {
    const rest = elementCount(shape.filter((_, axis) => axis !== open));
    const size = elementCount(from) / rest;
    if (!Number.isInteger(size)) {
      c.fail(`${formatShape(from)} as ${formatShape(target)}`, 'a shape that divides the input');
    }
    shape[open] = size;
  }
  if (shape.some((size) => size < 0)) c.fail(`shape ${formatShape(target)}`, 'one −1 at most');
  giveReshaped(c, shape);
}

export function importFlatten(c: NodeImport): void {
  const from = c.shape(0);
  const stated = c.attributes.int('axis', 1);
  const axis = stated === from.length ? stated : c.axis(stated, from.length);
  giveReshaped(c, [elementCount(from.slice(0, axis)), elementCount(from.slice(axis))]);
}

/** Axes as an attribute up to opset 12, as an input since. */
function axesOf(c: NodeImport): number[] | undefined {
  return c.opset < 13 ? c.attributes.ints('axes') : c.optionalIntegers(1, 'axes');
}

export function importSqueeze(c: NodeImport): void {
  const from = c.shape(0);
  const stated = axesOf(c)?.map((axis) => c.axis(axis, from.length));
  const axes = stated ?? [...from.keys()].filter((axis) => from[axis] === 1);
  const long = axes.find((axis) => from[axis] !== 1);
  if (long !== undefined) c.fail(`axis ${long} of ${formatShape(from)}`, 'an axis of size 1');
  giveReshaped(
    c,
    from.filter((_, axis) => !axes.includes(axis)),
  );
}

export function importUnsqueeze(c: NodeImport): void {
  const from = c.shape(0);
  const stated = axesOf(c) ?? c.fail('no axes', 'the axes to insert');
  const rank = from.length + stated.length;
  const axes = new Set(stated.map((axis) => c.axis(axis, rank)));
  if (axes.size !== stated.length) c.fail(`axes ${stated.join(', ')}`, 'each axis once');
  let next = 0;
  giveReshaped(
    c,
    Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : from[next++]!)),
  );
}

export function importTranspose(c: NodeImport): void {
  const value = c.value(0);
  const rank = value.shape.length;
  const permutation = c.attributes.ints('perm') ?? [...value.shape.keys()].reverse();
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== rank || sorted.some((axis, i) => axis !== i)) {
    c.fail(`perm ${permutation.join(', ')} of ${rank} axes`, 'each axis once');
  }
  if (isKnown(value)) c.output(renamed(c.turned(value, permutation), c.outputId()));
  else c.output(c.transpose(value, permutation, c.outputId()));
}
