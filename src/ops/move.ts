import { elementCount, type Shape, stridesOf } from '../graph/shape.ts';
import { bytesPerElement, type Tensor } from '../graph/tensor.ts';
import type { CopyWork } from '../graph/work.ts';
import type { Lowered } from './operator.ts';

export function elementBytes(tensor: Tensor): 1 | 2 | 4 | 8 {
  return bytesPerElement[tensor.dtype] as 1 | 4 | 8;
}

/** A strided copy of `shape` elements; what is not given is that of a dense tensor. */
export function copy(
  input: Tensor,
  output: Tensor,
  shape: Shape,
  layout: Partial<
    Pick<CopyWork, 'inputStrides' | 'inputOffset' | 'outputStrides' | 'outputOffset'>
  >,
): Lowered {
  const work: CopyWork = {
    family: 'copy',
    elementBytes: elementBytes(output),
    shape,
    inputStrides: layout.inputStrides ?? stridesOf(input.shape),
    inputOffset: layout.inputOffset ?? 0,
    outputStrides: layout.outputStrides ?? stridesOf(output.shape),
    outputOffset: layout.outputOffset ?? 0,
  };
  return { work, inputs: [input], outputs: [output] };
}

/** The input with its axes in another order: output axis i is input axis permutation[i]. */
export function permuted(input: Tensor, output: Tensor, permutation: readonly number[]): Lowered {
  const strides = stridesOf(input.shape);
  return copy(input, output, output.shape, { inputStrides: permutation.map((i) => strides[i]!) });
}

/** True where a permutation moves no axis longer than 1 past another: the memory stays as it is. */
export function keepsOrder(shape: Shape, permutation: readonly number[]): boolean {
  const long = permutation.filter((axis) => shape[axis] !== 1);
  return long.every((axis, i) => i === 0 || axis > long[i - 1]!);
}

/** Fills the output with one element, given as it is stored. */
export function fill(output: Tensor, value: number): Lowered {
  const bytes = new DataView(new ArrayBuffer(8));
  switch (output.dtype) {
    case 'float32':
      bytes.setFloat32(0, value, true);
      break;
    case 'int64':
      bytes.setBigInt64(0, BigInt(value), true);
      break;
    default:
      bytes.setInt32(0, value, true);
  }
  const raw = new Uint8Array(bytes.buffer, 0, elementBytes(output));
  const work = { family: 'fill', value: raw, count: elementCount(output.shape) } as const;
  return { work, inputs: [], outputs: [output] };
}

/** A shape seen as [outer][length][inner] around one axis. */
export function around(shape: Shape, axis: number) {
  return {
    outer: elementCount(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: elementCount(shape.slice(axis + 1)),
  };
}
