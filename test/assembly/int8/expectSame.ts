import { expect } from 'vitest';
import type { TypedArray } from '../../../src/graph/tensor.ts';

/** Equal to the bit. vitest's own comparison, which names the place, is slow and only for failures. */
export function expectSame(got: TypedArray | undefined, expected: TypedArray, what: string): void {
  if (got !== undefined && Buffer.compare(bytesOf(got), bytesOf(expected)) === 0) return;
  expect(got, what).toEqual(expected);
  throw new Error(`${what}: the bits differ`);
}

function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
