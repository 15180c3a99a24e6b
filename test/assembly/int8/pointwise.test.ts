import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointwiseU8 } from '../../../src/kernels/pointwiseU8.ts';
import { around, fills, product } from '../../vocabulary.ts';
import { binariesOf, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const types = ['u8', 'i32', 'f32'] as const;
const binaries = binariesOf(pointwiseU8[0]!);

function check(options: ConvOptions, run: RunOptions = {}): void {
  const { got, expected } = runConv(pointwiseU8, convCase(options), run);
  expectSame(got, expected, JSON.stringify(options));
}

test.each(binaries)('%s: sizes around the tile of 6 x 8, k in eights', (binary) => {
  for (const { m, n, k, type } of product({
    m: around(6),
    n: around(8),
    k: around(8),
    type: types,
  })) {
    check({ map: [1, m], channels: k, outputs: n, type }, { binary });
  }
});

test.each(binaries)('%s: extremes of both operands, zero points, scales, bounds', (binary) => {
  for (const { fill, weightFill, inputZeroPoint, scale } of product({
    fill: fills,
    weightFill: fills,
    inputZeroPoint: [0, 5, 255],
    scale: [2 ** -20, 2 ** -8, 1 / 3, 1, 3],
  })) {
    check(
      { map: [1, 7], channels: 9, outputs: 9, fill, weightFill, inputZeroPoint, scale },
      { binary },
    );
  }
  for (const [min, max, zeroPoint] of [
    [0, 255, 0],
    [0, 255, 255],
    [5, 250, 5],
    [77, 77, 128],
  ] as const) {
    check({ map: [1, 7], channels: 16, outputs: 9, min, max, zeroPoint }, { binary });
  }
});

test.each(binaries)('%s: ties, and accumulators past 2^24', (binary) => {
  // Weights of 0: the accumulator is the bias.
  for (const bias of [1, -1, 3, -3, 5, -5, 2 ** 24 + 1, -(2 ** 24) - 1, 2 ** 31 - 1, -(2 ** 31)]) {
    for (const scale of [0.5, 2 ** -20, 3]) {
      const options = { map: [1, 7], weightFill: 'zeros', inputZeroPoint: 0, bias, scale } as const;
      check(options, { binary });
    }
  }
});

test.each(binaries)('%s: unsigned weights with zero points, batches, odd addresses', (binary) => {
  const weights = { signedWeights: false, weightZeroPoint: 128 } as const;
  check({ map: [3, 5], channels: 12, outputs: 10, ...weights }, { binary });
  check({ map: [3, 5], channels: 11, outputs: 10, batch: 3 }, { binary });
  for (const misalign of [1, 3, 8]) check({ channels: 13, outputs: 11 }, { binary, misalign });
});

test.each(binaries)('%s: more rows than a block holds', (binary) => {
  check({ map: [60, 30], channels: 72, outputs: 17 }, { binary });
});

test('takes only what it can do', () => {
  const fits = (options: ConvOptions): boolean =>
    pointwiseU8.some((kernel) => kernel.fits(convCase(options).work) !== undefined);
  expect(fits({})).toBe(true);
  expect(fits({ kernel: [1, 2] })).toBe(false);
  expect(fits({ stride: [2, 2] })).toBe(false);
  expect(fits({ pads: [1, 0, 1, 0] })).toBe(false);
  expect(fits({ groups: 2 })).toBe(false);
  expect(fits({ isOpen: true })).toBe(false);
  // 255 - 100 is no signed byte.
  expect(fits({ signedWeights: false, weightZeroPoint: 100, weightFill: 'highest' })).toBe(false);
});

test.each(binaries)('%s: random shapes', (binary) => {
  const size = (max: number) => fc.integer({ min: 1, max });
  const shape = fc.record({
    m: size(40),
    channels: size(70),
    outputs: size(40),
    inputZeroPoint: fc.nat(255),
    type: fc.constantFrom(...types),
    weightFill: fc.constantFrom(...fills),
    seed: fc.nat(),
  });
  const property = fc.property(shape, ({ m, ...options }) => {
    check({ map: [1, m], ...options }, { binary });
  });
  fc.assert(property, { numRuns: 300 });
});
