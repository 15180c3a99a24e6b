import { expect } from 'vitest';

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

/** Both binaries must give the same bytes. */
export function expectSameBytes(results: readonly Float32Array[], message: string): void {
  const [first, ...others] = results.map((r) => Buffer.from(r.buffer, r.byteOffset, r.byteLength));
  for (const other of others) expect(other.equals(first!), message).toBe(true);
}
