import type { Shape } from '../graph/shape.ts';
import { elementCount, stridesOf } from '../graph/shape.ts';
import { allocate, type Constant, type Quantization } from '../graph/tensor.ts';

export type Permutation = readonly number[];

/** The permutation that undoes another. */
export function inverse(permutation: Permutation): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}

/** First `first`, then `second`. */
export function compose(first: Permutation, second: Permutation): number[] {
  return second.map((axis) => first[axis]!);
}

export function isIdentity(permutation: Permutation): boolean {
  return permutation.every((axis, i) => axis === i);
}

export function permuteShape(shape: Shape, permutation: Permutation): number[] {
  return permutation.map((axis) => shape[axis]!);
}

/** The quantization of a transposed tensor. */
export function permuteQuantization(
  quantization: Quantization | undefined,
  permutation: Permutation,
): Quantization | undefined {
  if (quantization === undefined || quantization.scale.length === 1) return quantization;
  return { ...quantization, axis: permutation.indexOf(quantization.axis) };
}

export function permuteConstant(constant: Constant, permutation: Permutation): Constant {
  const shape = permuteShape(constant.shape, permutation);
  const strides = permuteShape(stridesOf(constant.shape), permutation);
  const count = elementCount(shape);
  const data = allocate(constant.dtype, count);
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0, from = 0; i < count; i++) {
    data[i] = constant.data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  const quantization = permuteQuantization(constant.quantization, permutation);
  return { ...constant, shape, data, ...(quantization === undefined ? {} : { quantization }) };
}
