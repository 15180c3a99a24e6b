import fc from 'fast-check';
import { expect, test } from 'vitest';
import { convBytesU8 } from '../../../src/kernels/convBytesU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binariesOf, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const types = ['u8', 'i32', 'f32'] as const;
const binaries = binariesOf(convBytesU8[0]!);

function check(options: ConvOptions, run: RunOptions = {}): void {
  const { got, expected } = runConv(convBytesU8, convCase(options), run);
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

test.each(binaries)('%s: unsigned weights that no signed byte holds', (binary) => {
  const weights = { signedWeights: false, inputZeroPoint: 77 } as const;
  for (const { m, k, weightZeroPoint, weightFill, weightZeroPoints } of product({
    m: around(6),
    k: [1, 7, 8, 15, 16, 17, 40],
    weightZeroPoint: [0, 5, 128, 255],
    weightFill: fills,
    weightZeroPoints: ['tensor', 'channel'] as const,
  })) {
    const zeroPoints = { weightZeroPoint, weightZeroPoints };
    const options = { map: [1, m], channels: k, outputs: 11, weightFill } as const;
    check({ ...options, ...zeroPoints, ...weights }, { binary });
  }
  const window = { kernel: [3, 3], pads: [1, 1, 1, 1], weightZeroPoint: 200 } as const;
  check({ map: [30, 20], channels: 24, outputs: 17, ...window, ...weights }, { binary });
});

test.each(binaries)('%s: windows, paddings and maps', (binary) => {
  for (const { map, window, pads, channels } of product({
    map: maps,
    window: [
      [1, 1, 1],
      [1, 2, 1],
      [2, 2, 1],
      [3, 1, 1],
      [3, 2, 1],
      [3, 1, 2],
      [5, 2, 2],
      [7, 2, 1],
      [2, 5, 1],
    ] as const,
    pads: [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [0, 0, 1, 1],
      [3, 4, 2, 5],
      [9, 9, 9, 9],
    ] as const,
    channels: [1, 3, 8],
  })) {
    if (map[0] === 32 && (channels === 8 || pads[0] === 9)) continue;
    const [size, stride, dilation] = window;
    check(
      {
        map,
        kernel: [size, size],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        pads,
        channels,
        outputs: 3,
        inputZeroPoint: 5,
      },
      { binary },
    );
  }
});

test.each(binaries)('%s: more rows than a block holds', (binary) => {
  check({ map: [60, 30], channels: 72, outputs: 17 }, { binary });
  const window = { kernel: [3, 3], pads: [1, 1, 1, 1], batch: 2 } as const;
  check({ map: [30, 20], channels: 16, outputs: 9, ...window }, { binary });
});

test('takes only what it can do', () => {
  const fits = (options: ConvOptions): boolean =>
    convBytesU8.some((kernel) => kernel.fits(convCase(options).work) !== undefined);
  expect(fits({})).toBe(true);
  expect(fits({ groups: 2 })).toBe(false);
  expect(fits({ isOpen: true })).toBe(false);
  // 255 - 100 is no signed byte: split into 127 and a share of the sum, for 8-bit results.
  const wide = { signedWeights: false, weightZeroPoint: 100, weightFill: 'highest' } as const;
  expect(fits(wide)).toBe(true);
  expect(fits({ ...wide, type: 'i32' })).toBe(false);
  expect(fits({ weightZeroPoint: -100, weightFill: 'highest' })).toBe(false);
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
