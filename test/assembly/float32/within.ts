import { expect } from 'vitest';
import type { TypedArray } from '../../../src/graph/tensor.ts';

/** Fails at the first element that is further from the oracle's than its bound. */
export function expectWithin(
  actual: Float32Array,
  expected: ArrayLike<number>,
  bound: (i: number) => number,
  message: string,
): void {
  expect(actual.length, message).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const [got, wanted] = [actual[i]!, expected[i]!];
    const same = Object.is(got, wanted) || (Number.isNaN(got) && Number.isNaN(wanted));
    if (same || Math.abs(got - wanted) <= bound(i)) continue;
    expect.fail(`${message}: [${i}] is ${got}, expected ${wanted} within ${bound(i)}`);
  }
}

/** As toEqual, but equal bytes pass at once: expect() takes microseconds an element. */
export function expectEqual(actual: TypedArray, expected: TypedArray, message = ''): void {
  const [a, b] = [actual, expected].map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength));
  if (actual.constructor === expected.constructor && a!.equals(b!)) return;
  expect(actual, message).toEqual(expected);
}

/** Both binaries must give the same bytes. */
export function expectSameBytes(results: readonly Float32Array[], message: string): void {
  const [first, ...others] = results.map((r) => Buffer.from(r.buffer, r.byteOffset, r.byteLength));
  for (const other of others) expect(other.equals(first!), message).toBe(true);
}
