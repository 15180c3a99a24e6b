import { elementCount, formatShape, type Shape, stridesOf } from '../../graph/shape.ts';
import { allocate, type Quantization, type Tensor } from '../../graph/tensor.ts';
import { elementsOf, strided } from './constantMath.ts';
import type { Kind, NodeImport } from './nodeImport.ts';
import { sameQuantization } from './quantization.ts';
import { ConstantValue, isKnown } from './value.ts';

/** Operators that put tensors together, cut them apart, or add a rim. */

export function importConcat(c: NodeImport): void {
  const values = Array.from({ length: c.inputCount }, (_, i) => c.value(i));
  const first = values[0] ?? c.fail('no inputs', 'one or more');
  const axis = c.axis(c.attributes.int('axis', 1), first.shape.length);
  const known = values.filter(isKnown);
  if (known.length === values.length) {
    c.fold(concatenated(c, known, axis));
    return;
  }
  const tensors = values.map((value) => c.tensorOf(value));
  c.output(c.emit('Concat', tensors, { axis }, commonKind(tensors), c.outputId()));
}

/** The quantization of a tensor made of parts: theirs, where they have one in common. */
function commonKind(tensors: readonly Tensor[]): Kind {
  const { dtype, quantization } = tensors[0]!;
  const common = (own: Quantization): boolean =>
    own.scale.length === 1 && tensors.every((t) => sameQuantization(t.quantization, own));
  return quantization !== undefined && common(quantization) ? { dtype, quantization } : { dtype };
}

function concatenated(
  c: NodeImport,
  values: readonly ConstantValue[],
  axis: number,
): ConstantValue {
  const first = values[0]!;
  const others = (shape: Shape): string => shape.filter((_, i) => i !== axis).join('x');
  for (const { type, shape } of values) {
    const fits = shape.length === first.shape.length && others(shape) === others(first.shape);
    if (fits && type === first.type) continue;
    c.fail(
      `${type}${formatShape(shape)} beside ${first.type}${formatShape(first.shape)}`,
      `equal types, and shapes equal but for axis ${axis}`,
    );
  }
  const size = values.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const shape = first.shape.map((n, i) => (i === axis ? size : n));
  const result = new ConstantValue(c.outputId(), first.type, shape, () => {
    const outer = elementCount(shape.slice(0, axis));
    const inner = elementCount(shape.slice(axis + 1));
    const data = allocate(first.dtype, elementCount(shape));
    const to = elementsOf(data);
    let at = 0;
    for (let i = 0; i < outer; i++) {
      for (const part of values) {
        const length = part.shape[axis]! * inner;
        const from = elementsOf(part.data);
        for (let j = 0; j < length; j++) to[at++] = from[i * length + j]!;
      }
    }
    return data;
  });
  return result;
}

export function importSplit(c: NodeImport): void {
  const value = c.value(0);
  const axis = c.axis(c.attributes.int('axis', 0), value.shape.length);
  const sizes = splitSizes(c, value.shape[axis]!);
  if (isKnown(value)) {
    let start = 0;
    for (const [i, size] of sizes.entries()) {
      const cut = { ...wholeSlice(value.shape) };
      cut.starts[axis] = start;
      cut.sizes[axis] = size;
      c.scope.spend(c.name, value.length);
      c.output(sliced(value, cut, c.outputId(i)), i);
      start += size;
    }
    return;
  }
  const { dtype, quantization } = value;
  const outputs = sizes.map((_, i) => ({ id: c.outputId(i), dtype, quantization }));
  const parts = c.emitAll('Split', [value], { axis, sizes }, outputs);
  for (const [i, part] of parts.entries()) c.output(part, i);
}

/** Sizes as an attribute up to opset 12, as an input since; without them equal parts. */
function splitSizes(c: NodeImport, size: number): number[] {
  const count = c.node.outputs.length;
  const stated =
    c.opset < 13 ? c.attributes.ints('split') : c.optionalIntegers(1, 'sizes of the parts');
  const parts = c.opset >= 18 ? c.attributes.int('num_outputs', count) : count;
  if (parts !== count) c.fail(`num_outputs ${parts}`, `${count}, as the node has outputs`);
  const chunk = Math.ceil(size / count);
  const sizes =
    stated ??
    Array.from({ length: count }, (_, i) => Math.min(chunk, Math.max(0, size - i * chunk)));
  const even = stated !== undefined || c.opset >= 18 || size % count === 0;
  if (!even) c.fail(`an axis of ${size} in ${count} equal parts`, 'a multiple of the parts');
  const sum = sizes.reduce((total, part) => total + part, 0);
  if (sizes.length === count && sum === size && sizes.every((part) => part >= 1)) return sizes;
  return c.fail(
    `parts ${sizes.join(', ')} of an axis of ${size}`,
    `${count} parts that make it up`,
  );
}

interface Cut {
  readonly starts: number[];
  readonly sizes: number[];
  readonly steps: number[];
}

function wholeSlice(shape: Shape): Cut {
  return { starts: shape.map(() => 0), sizes: [...shape], steps: shape.map(() => 1) };
}

function sliced(value: ConstantValue, cut: Cut, name: string): ConstantValue {
  const strides = stridesOf(value.shape);
  const offset = cut.starts.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  const steps = strides.map((stride, axis) => stride * cut.steps[axis]!);
  const data = strided(value.data, value.dtype, cut.sizes, steps, offset);
  return new ConstantValue(name, value.type, cut.sizes, data);
}

/** data, starts, ends, axes, steps, with numpy's meaning of negative and far numbers. */
export function importSlice(c: NodeImport): void {
  const value = c.value(0);
  const { shape } = value;
  const starts = c.integers(1, 'starts');
  const ends = c.integers(2, 'ends');
  const axes = c.optionalIntegers(3, 'axes') ?? starts.map((_, i) => i);
  const steps = c.optionalIntegers(4, 'steps') ?? starts.map(() => 1);
  const lists = [ends, axes, steps];
  if (lists.some((list) => list.length !== starts.length)) {
    c.fail(
      `${starts.length} starts, ${lists.map((list) => list.length).join(', ')} ends, axes, steps`,
      'as many of each',
    );
  }
  const cut = wholeSlice(shape);
  const seen = new Set<number>();
  for (const [i, stated] of axes.entries()) {
    const axis = c.axis(stated, shape.length);
    if (seen.has(axis)) c.fail(`axis ${axis} twice`, 'each axis once');
    seen.add(axis);
    const step = steps[i]!;
    if (step === 0) c.fail('step 0', 'another number');
    const size = shape[axis]!;
    const from = (n: number): number => (n < 0 ? n + size : n);
    const bound = (n: number, low: number, high: number): number =>
      Math.min(Math.max(n, low), high);
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const start = bound(from(starts[i]!), Math.max(low, 0), high);
    const end = bound(from(ends[i]!), low, high);
    cut.starts[axis] = start;
    cut.sizes[axis] = Math.max(0, Math.ceil((end - start) / step));
    cut.steps[axis] = step;
  }
  if (isKnown(value)) c.fold(sliced(value, cut, c.outputId()));
  else giveSlice(c, value, cut, c.outputId());
}

function giveSlice(c: NodeImport, tensor: Tensor, cut: Cut, id: string): void {
  if (cut.sizes.some((size) => size < 1)) {
    c.fail(`a slice of shape ${formatShape(cut.sizes)}`, 'at least one element');
  }
  c.output(c.emit('Slice', [tensor], cut, tensor, id));
}

/** Pads as attributes up to opset 10, as inputs since. */
export function importPad(c: NodeImport): void {
  const input = c.tensor(0);
  const rank = input.shape.length;
  const mode = c.attributes.choice('mode', ['constant', 'edge', 'reflect'], 'constant');
  const pads =
    c.opset < 11 ? (c.attributes.ints('pads') ?? c.fail('no pads', 'pads')) : c.integers(1, 'pads');
  const axes = c.opset < 18 ? undefined : c.optionalIntegers(3, 'axes');
  const along = axes?.map((axis) => c.axis(axis, rank)) ?? [...input.shape.keys()];
  if (pads.length !== 2 * along.length) {
    c.fail(`${pads.length} pads`, `${2 * along.length}, two for each axis`);
  }
  const before = input.shape.map(() => 0);
  const after = input.shape.map(() => 0);
  for (const [i, axis] of along.entries()) {
    before[axis] = pads[i]!;
    after[axis] = pads[i + along.length]!;
  }
  // Negative pads cut elements off.
  const cut = wholeSlice(input.shape);
  for (const axis of input.shape.keys()) {
    cut.starts[axis] = Math.max(0, -before[axis]!);
    cut.sizes[axis]! -= Math.max(0, -before[axis]!) + Math.max(0, -after[axis]!);
  }
  const cuts = [...before, ...after].some((pad) => pad < 0);
  const body = cuts ? c.emit('Slice', [input], cut, input) : input;
  const positive = (pad: number): number => Math.max(0, pad);
  const attributes = {
    before: before.map(positive),
    after: after.map(positive),
    mode,
    value: padValue(c, input),
  };
  c.output(c.emit('Pad', [body], attributes, body, c.outputId()));
}

function padValue(c: NodeImport, { dtype }: Tensor): number {
  if (c.opset < 11) {
    const number = c.attributes.float('value', 0);
    const fits = dtype === 'float32' || number === 0;
    return fits ? number : c.fail(`a padding value of ${number} for ${dtype}`, '0');
  }
  if (c.optional(2) === undefined) return 0;
  const value = c.known(2, 'the padding value');
  if (value.length !== 1) c.fail(`${value.length} padding values`, 'one');
  if (value.dtype !== dtype) c.fail(`a padding value of ${value.type}`, dtype);
  return value.numbers()[0]!;
}
