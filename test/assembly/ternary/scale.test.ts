import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TernarySumsWork } from '../../../src/graph/work.ts';
import { ternarySumsF32, ternarySumsU8 } from '../../../src/kernels/ternaryScale.ts';
import { referenceTernarySums } from '../../reference/ternarySums.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';

interface SumsCase {
  readonly rows: number;
  readonly channels: number;
  readonly isApart: boolean;
  readonly type: 'u8' | 'f32';
  /** The greatest sum. */
  readonly reach: number;
  readonly seed: number;
}

function check({ rows, channels, isApart, type, reach, seed }: SumsCase, misalign: number): void {
  const next = random(seed);
  const numbers = (low: number, high: number) =>
    Float32Array.from({ length: channels }, () => low + (high - low) * next());
  const sums = () =>
    Int32Array.from({ length: rows * channels }, () => Math.round((2 * next() - 1) * reach));
  const most = 300 / reach;
  const work: TernarySumsWork = {
    family: 'ternarySums',
    rows,
    channels,
    scale: numbers(most / 50, most),
    ...(isApart && { negativeScale: numbers(most / 50, most) }),
    bias: numbers(-40, 40),
    result:
      type === 'u8'
        ? { type, zeroPoint: seed % 256, min: seed % 20, max: 255 - (seed % 30) }
        : { type, min: -100, max: Number.POSITIVE_INFINITY },
  };
  const inputs = isApart ? [sums(), sums()] : [sums()];
  const size = rows * channels;
  const output = type === 'u8' ? new Uint8Array(size) : new Float32Array(size);
  const kernel = type === 'u8' ? ternarySumsU8 : ternarySumsF32;
  const expected = referenceTernarySums(work, inputs[0]!, inputs[1]);
  for (const binary of binaryNames) {
    const [actual] = runKernel(kernel, work, inputs, [output], { binary, misalign });
    const wrong = expected.findIndex((value, i) => value !== actual![i]);
    const told = JSON.stringify({ rows, channels, isApart, type, reach, seed, binary, wrong });
    expect(wrong, told).toBe(-1);
  }
}

test.each(
  product({
    rows: [1, 3],
    channels: around(4),
    isApart: [false, true],
    type: ['u8', 'f32'] as const,
    misalign: [0, 1],
  }),
)('%o', ({ misalign, ...rest }) => check({ ...rest, reach: 2000, seed: 5 }, misalign));

test('sums of any size', () => {
  const cases = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    channels: fc.integer({ min: 1, max: 40 }),
    isApart: fc.boolean(),
    type: fc.constantFrom('u8', 'f32'),
    reach: fc.constantFrom(1, 100, 1e5, 2 ** 24, 2 ** 31 - 1),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(cases, (sums) => check(sums, sums.seed % 2)),
    { numRuns: 300 },
  );
});
