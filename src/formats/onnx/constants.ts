import {
  broadcastShape,
  broadcastStrides,
  elementCount,
  formatShape,
  stridesOf,
} from '../../graph/shape.ts';
import { allocate } from '../../graph/tensor.ts';
import { foldArithmetic, foldComparison, foldFunction } from './arithmetic.ts';
import { elementsOf, fromNumbers, renamed, strided } from './constantMath.ts';
import {
  type ElementType,
  elementName,
  elementOf,
  elementType,
  narrowBits,
  roundToBfloat16,
  roundToFloat16,
} from './elements.ts';
import type { NodeImport } from './nodeImport.ts';
import { ConstantValue, isKnown } from './value.ts';

/** Operators that only work on what is known while the file is read: shapes, tables, weights. */

type Importer = (c: NodeImport) => void;

export function importConstant(c: NodeImport): void {
  const { attributes } = c;
  const name = c.outputId();
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) {
    c.output(renamed(tensor, name));
    return;
  }
  const floats = attributes.floats('value_floats');
  const ints = attributes.ints('value_ints');
  if (floats !== undefined) c.output(fromNumbers(name, 'float32', [floats.length], floats));
  else if (ints !== undefined) c.output(fromNumbers(name, 'int64', [ints.length], ints));
  else if (attributes.has('value_float')) {
    c.output(fromNumbers(name, 'float32', [], [attributes.float('value_float', 0)]));
  } else if (attributes.has('value_int')) {
    c.output(fromNumbers(name, 'int64', [], [attributes.int('value_int', 0)]));
  } else c.fail('no value', 'a tensor, floats or integers');
}

export function importConstantOfShape(c: NodeImport): void {
  const shape = c.integers(0, 'a shape');
  if (shape.some((size) => size < 0)) c.fail(`shape ${formatShape(shape)}`, '0 or more each way');
  const value = c.attributes.tensor('value') ?? fromNumbers('', 'float32', [1], [0]);
  if (value.length !== 1) c.fail(`a value of ${value.length} elements`, 'one element');
  giveBroadcast(c, value, shape);
}

/** Fills `shape` from a value that broadcasts to it. */
function giveBroadcast(c: NodeImport, value: ConstantValue, shape: readonly number[]): void {
  const strides = value.length === 1 ? shape.map(() => 0) : broadcastStrides(value.shape, shape);
  c.output(renamed(c.broadcast(value, shape, strides), c.outputId()));
}

export function importExpand(c: NodeImport): void {
  const value = c.known(0, 'an input');
  const target = c.integers(1, 'a shape');
  const shape = broadcastShape(value.shape, target);
  if (shape === undefined || target.some((size) => size < 0)) {
    c.fail(
      `${formatShape(value.shape)} expanded to ${formatShape(target)}`,
      'shapes that broadcast',
    );
  }
  giveBroadcast(c, value, shape);
}

export function importShape(c: NodeImport): void {
  const shape = c.shape(0);
  const rank = shape.length;
  const clamp = (axis: number): number =>
    Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank);
  const start = clamp(c.attributes.int('start', 0));
  const end = clamp(c.attributes.int('end', rank));
  const sizes = shape.slice(start, end);
  c.output(fromNumbers(c.outputId(), 'int64', [sizes.length], sizes));
}

export function importSize(c: NodeImport): void {
  c.output(fromNumbers(c.outputId(), 'int64', [], [elementCount(c.shape(0))]));
}

/** Rows of a table by their numbers; the table is a constant, or a tensor from which one row is cut. */
export function importGather(c: NodeImport): void {
  const value = c.value(0);
  const indices = c.known(1, 'indices');
  if (indices.dtype === 'float32') c.fail(`indices of ${indices.type}`, 'integers');
  const axis = c.axis(c.attributes.int('axis', 0), value.shape.length);
  const size = value.shape[axis]!;
  const outer = value.shape.slice(0, axis);
  const inner = value.shape.slice(axis + 1);
  const shape = [...outer, ...indices.shape, ...inner];
  const at = (raw: number | bigint): number => {
    const number = Number(raw);
    const index = number < 0 ? number + size : number;
    return index >= 0 && index < size ? index : c.fail(`index ${number}`, `one below ${size}`);
  };
  if (!isKnown(value)) {
    if (indices.length !== 1) {
      c.fail(
        `${indices.length} rows of a tensor computed at run time`,
        'one row, or a constant table',
      );
    }
    const attributes = {
      starts: value.shape.map((_, i) => (i === axis ? at(elementsOf(indices.data)[0]!) : 0)),
      sizes: value.shape.map((n, i) => (i === axis ? 1 : n)),
      steps: value.shape.map(() => 1),
    };
    const row = c.emit('Slice', [value], attributes, value);
    c.output(c.reshape(row, shape, c.outputId()));
    return;
  }
  c.scope.spend(c.name, elementCount(shape));
  const data = allocate(value.dtype, elementCount(shape));
  const [from, to, rows] = [elementsOf(value.data), elementsOf(data), elementsOf(indices.data)];
  const width = elementCount(inner);
  let next = 0;
  for (let i = 0; i < elementCount(outer); i++) {
    for (let j = 0; j < rows.length; j++) {
      const start = (i * size + at(rows[j]!)) * width;
      for (let k = 0; k < width; k++) to[next++] = from[start + k]!;
    }
  }
  // Codes into a table take their own bits in the file.
  const bits = indices.storedBits ?? value.storedBits;
  c.output(new ConstantValue(c.outputId(), value.type, shape, data, undefined, bits));
}

/** One element of each row of a constant, by its number along an axis: a table for each channel. */
export function importGatherElements(c: NodeImport): void {
  const table = c.known(0, 'a table');
  const indices = c.known(1, 'indices');
  if (indices.dtype === 'float32') c.fail(`indices of ${indices.type}`, 'integers');
  const { shape } = indices;
  const axis = c.axis(c.attributes.int('axis', 0), table.shape.length);
  const within = shape.every((n, i) => i === axis || n <= table.shape[i]!);
  if (shape.length !== table.shape.length || !within) {
    c.fail(
      `indices ${formatShape(shape)} into a table ${formatShape(table.shape)}`,
      `indices that lie within it along each axis but ${axis}`,
    );
  }
  c.scope.spend(c.name, indices.length);
  const strides = stridesOf(table.shape);
  const along = table.shape[axis]!;
  const steps = strides.map((stride, i) => (i === axis ? 0 : stride));
  // The numbers of the elements at index 0 of the axis.
  const numbers = Int32Array.from({ length: table.length }, (_, i) => i);
  const rows = strided(numbers, 'int32', shape, steps);
  const data = allocate(table.dtype, indices.length);
  const [from, to, places] = [elementsOf(table.data), elementsOf(data), elementsOf(indices.data)];
  for (let i = 0; i < data.length; i++) {
    const number = Number(places[i]);
    const index = number < 0 ? number + along : number;
    if (!(index >= 0 && index < along)) c.fail(`index ${number}`, `one below ${along}`);
    to[i] = from[Number(rows[i]) + index * strides[axis]!]!;
  }
  const bits = indices.storedBits ?? table.storedBits;
  c.output(new ConstantValue(c.outputId(), table.type, shape, data, undefined, bits));
}

export function importCast(c: NodeImport): void {
  const code = c.attributes.int('to', 0);
  c.attributes.ignore('saturate', 'round_mode');
  const type =
    elementType(code) ?? c.fail(`a Cast to ${elementName(code)}`, 'a number type of 2 to 64 bits');
  const value = c.value(0);
  if (isKnown(value)) {
    c.fold(converted(c, value, type));
    return;
  }
  const { dtype, bits } = elementOf(type);
  if (value.dtype === dtype && dtype === 'float32') {
    // float16 and float64 tensors are float32 inside.
    c.output(value);
    return;
  }
  if (bits < 8 || (dtype === 'int32' && bits < 32)) {
    c.fail(`a Cast to ${type} at run time`, 'a Cast to float32, int8, uint8, int32, int64 or bool');
  }
  c.output(c.emit('Cast', [value], {}, { dtype }, c.outputId()));
}

function converted(c: NodeImport, value: ConstantValue, type: ElementType): ConstantValue {
  if (value.type === type) return renamed(value, c.outputId());
  const { dtype, bits, min, max } = elementOf(type);
  const own = elementOf(value.type);
  const data = allocate(dtype, value.length);
  const narrow = type === 'float16' || type === 'bfloat16' || type === 'bool';
  const fits = dtype === 'float32' || (own.min >= min && own.max <= max);
  if (!narrow && fits && dtype !== 'int64' && own.dtype !== 'int64') {
    (data as Float32Array).set(value.data as Float32Array);
    // What the file holds are the numbers before the Cast.
    return new ConstantValue(
      c.outputId(),
      type,
      value.shape,
      data,
      undefined,
      value.storedBits ?? narrowBits(value.type, dtype),
    );
  }
  const from = elementsOf(value.data);
  const to = elementsOf(data);
  const convert = (raw: number | bigint): number | bigint => {
    if (type === 'bool') return Number(raw) !== 0 ? 1 : 0;
    if (type === 'float16') return roundToFloat16(Number(raw));
    if (type === 'bfloat16') return roundToBfloat16(Number(raw));
    if (dtype === 'float32') return Number(raw);
    const integer = typeof raw === 'bigint' ? raw : bigOf(raw);
    // Integers wrap around in the width of the type.
    const wrapped = min < 0 ? BigInt.asIntN(bits, integer) : BigInt.asUintN(bits, integer);
    return dtype === 'int64' ? wrapped : Number(wrapped);
  };
  for (let i = 0; i < value.length; i++) to[i] = convert(from[i]!);
  return new ConstantValue(c.outputId(), type, value.shape, data);
}

function bigOf(x: number): bigint {
  return Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n;
}

export function importWhere(c: NodeImport): void {
  const condition = c.known(0, 'a condition');
  const [x, y] = [c.known(1, 'an operand'), c.known(2, 'an operand')];
  const shape =
    broadcastShape(condition.shape, x.shape, y.shape) ??
    c.fail('operands that do not broadcast', 'shapes that do');
  if (x.type !== y.type) c.fail(`${x.type} and ${y.type}`, 'operands of one type');
  c.scope.spend(c.name, elementCount(shape));
  const spread = (value: ConstantValue) =>
    elementsOf(strided(value.data, value.dtype, shape, broadcastStrides(value.shape, shape)));
  const [decide, yes, no] = [spread(condition), spread(x), spread(y)];
  const data = allocate(x.dtype, elementCount(shape));
  const to = elementsOf(data);
  for (let i = 0; i < to.length; i++) to[i] = (decide[i] ? yes : no)[i]!;
  c.output(new ConstantValue(c.outputId(), x.type, shape, data));
}

export function importRange(c: NodeImport): void {
  const values = [c.known(0, 'a start'), c.known(1, 'a limit'), c.known(2, 'a step')];
  const [start = 0, limit = 0, step = 0] = values.map((value) => value.numbers()[0] ?? 0);
  if (step === 0 || values.some((value) => value.length !== 1)) {
    c.fail(`a range from ${start} to ${limit} by ${step}`, 'three numbers, the step not 0');
  }
  if (values.some(({ type }) => type !== values[0]!.type)) {
    c.fail(values.map(({ type }) => type).join(', '), 'three numbers of one type');
  }
  const count = Math.max(0, Math.ceil((limit - start) / step));
  c.scope.spend(c.name, count);
  const numbers = Array.from({ length: count }, (_, i) => start + i * step);
  c.output(fromNumbers(c.outputId(), values[0]!.type, [count], numbers));
}

/** A constant repeated along each axis. */
export function importTile(c: NodeImport): void {
  const value = c.known(0, 'an input');
  const repeats = c.integers(1, 'repeats');
  if (repeats.length !== value.shape.length || repeats.some((n) => n < 1)) {
    c.fail(`repeats ${repeats.join(', ')}`, `${value.shape.length} numbers of 1 or more`);
  }
  const strides = stridesOf(value.shape);
  const shape = value.shape.flatMap((size, axis) => [repeats[axis]!, size]);
  const steps = strides.flatMap((stride) => [0, stride]);
  const tiled = c.broadcast(value, shape, steps);
  const whole = value.shape.map((size, axis) => size * repeats[axis]!);
  c.output(new ConstantValue(c.outputId(), value.type, whole, tiled.data));
}

/** Arithmetic that the graph has no operator for. */
export function importFolded(op: string): Importer {
  return (c) => {
    let result = c.known(0, 'an operand');
    for (let i = 1; i < c.inputCount; i++) {
      result = foldArithmetic(c, op, [result, c.known(i, 'an operand')]);
    }
    c.output(renamed(result, c.outputId()));
  };
}

export function importComparison(op: string): Importer {
  return (c) =>
    c.output(foldComparison(c, op, [c.known(0, 'an operand'), c.known(1, 'an operand')]));
}

export function importFunction(op: string): Importer {
  return (c) => c.fold(foldFunction(c, op, c.known(0, 'an operand')));
}
