import { expect, test } from 'vitest';
import type { SoftmaxF32Work } from '../../../src/graph/work.ts';
import { logSoftmaxF32, softmaxF32 } from '../../../src/kernels/softmaxF32.ts';
import { referenceSoftmax } from '../../reference/float32.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSameBytes, expectWithin } from './within.ts';

function run(work: SoftmaxF32Work, input: Float32Array, misalign = 0, inPlace = false) {
  const kernel = work.log ? logSoftmaxF32 : softmaxF32;
  expect([logSoftmaxF32, softmaxF32].filter((k) => k.fits(work) !== undefined)).toEqual([kernel]);
  const results = binaryNames.map((binary) => {
    const options = { binary, misalign, inPlace };
    const output = new Float32Array(input.length);
    return runKernel(kernel, work, [input], [output], options)[0] as Float32Array;
  });
  expectSameBytes(results, JSON.stringify(work));
  return results[0]!;
}

/** The exponent beta * (x - max) is rounded twice, which its size magnifies. */
function check(work: SoftmaxF32Work, input: Float32Array, misalign = 0, inPlace = false): void {
  const expected = referenceSoftmax(work, input);
  const actual = run(work, input, misalign, inPlace);
  const span = Math.max(...input.map(Math.abs)) * 2 * work.beta;
  const relative = 2 ** -23 * (span + 8);
  const bound = work.log
    ? (i: number) => 2 ** -23 * (Math.abs(expected[i]!) + span + 8)
    : (i: number) => expected[i]! * relative + 1e-44;
  expectWithin(actual, expected, bound, JSON.stringify(work));
}

test.each(
  product({
    rows: [1, 2, 5],
    length: [...around(4), 21, 1000],
    log: [false, true],
    beta: [1, 0.5],
    inPlace: [false, true],
  }),
)('%o', ({ rows, length, log, beta, inPlace }) => {
  const next = random(rows + length);
  const work: SoftmaxF32Work = { family: 'softmaxF32', rows, length, log, beta };
  for (const size of [1, 20, 200]) {
    const input = Float32Array.from({ length: rows * length }, () => (next() - 0.5) * size);
    check(work, input, size === 1 ? 1 : 0, inPlace);
  }
});

test.each([false, true])('extremes, log %s', (log) => {
  const work: SoftmaxF32Work = { family: 'softmaxF32', rows: 1, length: 5, log, beta: 1 };
  const minus = Number.NEGATIVE_INFINITY;
  const certain = log ? [0, minus, minus, minus, minus] : [1, 0, 0, 0, 0];
  const nothing = Float32Array.from([7, minus, minus, minus, minus]);
  expect(run(work, nothing)).toEqual(Float32Array.from(certain));
  const far = run(work, Float32Array.of(3e38, -3e38, -3e38, -3e38, -3e38));
  expect(far[0]).toBe(log ? 0 : 1);
  const equal = run(work, new Float32Array(5).fill(-1e30));
  for (const value of equal) expect(value).toBeCloseTo(log ? -Math.log(5) : 0.2, 6);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (let at = 0; at < 5; at++) {
      const input = Float32Array.of(1, 2, 3, 4, 5);
      input[at] = bad;
      expect(run(work, input)[at]).toBeNaN();
    }
  }
});

test('the logarithm of a sum within 2 ulp', () => {
  for (let length = 2; length < 3000; length += 1 + (length >> 6)) {
    const work: SoftmaxF32Work = { family: 'softmaxF32', rows: 1, length, log: true, beta: 1 };
    const expected = -Math.log(length);
    const [actual] = run(work, new Float32Array(length));
    const ulp = 2 ** (Math.floor(Math.log2(-expected)) - 23);
    expect(Math.abs(actual! - expected)).toBeLessThanOrEqual(2 * ulp);
  }
});
