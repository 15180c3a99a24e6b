import type { Constant, TypedArray } from '../../../graph/tensor.ts';

/** The bytes of an array as they stand in memory; every engine of ours is little-endian. */
export function bytesOf({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Two bits each, the first in the lowest; bits that are left over are 0. */
export function packTwoBits(numbers: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(numbers.length / 4));
  for (let i = 0; i < numbers.length; i++) bytes[i >> 2]! |= (numbers[i]! & 3) << (2 * (i & 3));
  return bytes;
}

/** The 2-bit type that holds 8-bit numbers and their zero points, if one does. */
export function narrowType({ dtype, data, quantization }: Constant): 'int2' | 'uint2' | undefined {
  if (dtype !== 'int8' && dtype !== 'uint8') return undefined;
  const [low, high] = dtype === 'int8' ? [-2, 1] : [0, 3];
  const fits = (q: number): boolean => q >= low && q <= high;
  if (!(data as Int8Array).every(fits)) return undefined;
  if (!(quantization?.zeroPoint ?? new Int32Array(1)).every(fits)) return undefined;
  return dtype === 'int8' ? 'int2' : 'uint2';
}
