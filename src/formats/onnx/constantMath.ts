import { elementCount, type Shape, stridesOf } from '../../graph/shape.ts';
import { allocate, type DType, type TypedArray } from '../../graph/tensor.ts';
import { type ElementType, elementOf } from './elements.ts';
import { ConstantValue } from './value.ts';

/** Elements of any dtype, read and written as numbers or bigints alike. */
export type Elements = { [index: number]: number | bigint; readonly length: number };

export function elementsOf(data: TypedArray): Elements {
  return data as unknown as Elements;
}

/** A dense copy of `shape` elements of `data`, from `offset` on, at the given strides. */
export function strided(
  data: TypedArray,
  dtype: DType,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): TypedArray {
  const count = elementCount(shape);
  const result = allocate(dtype, count);
  const from = elementsOf(data);
  const to = elementsOf(result);
  const rank = shape.length;
  const index = new Int32Array(rank);
  let at = offset;
  for (let i = 0; i < count; i++) {
    to[i] = from[at]!;
    for (let axis = rank - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** Whether the permutation moves data, or only axes of length 1. */
function keepsOrder(shape: Shape, permutation: readonly number[]): boolean {
  const long = permutation.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || axis > long[i - 1]!);
}

/** Output axis i is input axis permutation[i]; dequantized values keep the integers they come from. */
export function transposed(value: ConstantValue, permutation: readonly number[]): ConstantValue {
  const shape = permutation.map((axis) => value.shape[axis]!);
  const strides = stridesOf(value.shape);
  const data = (): TypedArray =>
    keepsOrder(value.shape, permutation)
      ? value.data
      : strided(
          value.data,
          value.dtype,
          shape,
          permutation.map((axis) => strides[axis]!),
        );
  const { source } = value;
  const { name, type, storedBits } = value;
  if (source === undefined) return new ConstantValue(name, type, shape, data(), source, storedBits);
  const axis = permutation.indexOf(source.quantization.axis);
  return new ConstantValue(name, type, shape, data, {
    integers: transposed(source.integers, permutation),
    quantization: { ...source.quantization, axis: source.quantization.scale.length > 1 ? axis : 0 },
  });
}

/** The same elements under another shape of as many. */
export function reshaped(value: ConstantValue, shape: Shape): ConstantValue {
  const data = (): TypedArray => value.data;
  const { name, type, source, storedBits } = value;
  if (source === undefined) return new ConstantValue(name, type, shape, data, source, storedBits);
  const { quantization, integers } = source;
  const axis = quantization.scale.length > 1 ? movedAxis(value.shape, shape, quantization.axis) : 0;
  if (axis === undefined) return new ConstantValue(name, type, shape, data);
  return new ConstantValue(name, type, shape, data, {
    integers: reshaped(integers, shape),
    quantization: { ...quantization, axis },
  });
}

/** Where an axis stands after a reshape that keeps it, as it does all that lies before it. */
function movedAxis(from: Shape, to: Shape, axis: number): number | undefined {
  const before = elementCount(from.slice(0, axis));
  const after = elementCount(from.slice(axis + 1));
  for (let i = 0; i < to.length; i++) {
    const fits = to[i] === from[axis] && elementCount(to.slice(0, i)) === before;
    if (fits && elementCount(to.slice(i + 1)) === after) return i;
  }
  return undefined;
}

export function renamed(value: ConstantValue, name: string): ConstantValue {
  const { type, shape, source, storedBits } = value;
  return new ConstantValue(name, type, shape, () => value.data, source, storedBits);
}

/** Numbers as a constant of a type; wide integers as bigints. */
export function fromNumbers(
  name: string,
  type: ElementType,
  shape: Shape,
  numbers: ArrayLike<number>,
): ConstantValue {
  const { dtype } = elementOf(type);
  const data = allocate(dtype, numbers.length);
  const to = elementsOf(data);
  for (let i = 0; i < numbers.length; i++) {
    to[i] = dtype === 'int64' ? BigInt(numbers[i]!) : numbers[i]!;
  }
  return new ConstantValue(name, type, shape, data);
}
