import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { depthwiseColumnsU8 } from '../../../src/kernels/depthwiseColumnsU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binariesOf, type RunOptions } from '../harness.ts';
import { type ConvCase, type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const padded = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;
interface Options extends Omit<ConvOptions, 'groups' | 'outputs' | 'type'> {
  /** Weights of at most this size: the sums of three columns then fit 16 bits, or do not. */
  reach?: number;
}
const [wide] = depthwiseColumnsU8.slice(-1);
const forms = depthwiseColumnsU8.flatMap((kernel) =>
  // Where it would not pay it has to be right all the same.
  binariesOf(kernel).map(
    (binary) => [kernel.name, binary, { ...kernel, fits: wide!.fits }] as const,
  ),
);

function caseOf({ channels = 8, reach, ...options }: Options): ConvCase {
  const c = convCase({ ...options, channels, groups: channels, outputs: channels });
  if (reach === undefined) return c;
  return withWeights(c, (i) => c.work.weights[i]! % (reach + 1));
}

function withWeights({ work, ...rest }: ConvCase, weightOf: (i: number) => number): ConvCase {
  return { ...rest, work: { ...work, weights: work.weights.map((_, i) => weightOf(i)) } };
}

describe.each(forms)('%s, %s', (_, binary, kernel) => {
  function check(options: Options, run: RunOptions = {}): void {
    checkCase(caseOf(options), options, run);
  }

  function checkCase(c: ConvCase, what: object, run: RunOptions = {}): void {
    const { got, expected } = runConv([kernel], c, { binary, ...run });
    expectSame(got, expected, JSON.stringify(what));
  }

  test('sizes around the tile', () => {
    const channels = [...around(8), ...around(16), 12].filter((n) => n >= 8);
    for (const { width, height, count, reach } of product({
      width: [...around(4), 11],
      height: [1, 2, 3, 4, 5],
      count: channels,
      reach: [20, 64, 127],
    })) {
      check({ ...padded, map: [height, width], channels: count, reach });
    }
  });

  test('sizes at stride 2', () => {
    for (const { width, height, channels, pads, reach } of product({
      width: [1, 2, 3, 4, 5, 8, 11],
      height: [1, 2, 3, 6],
      channels: [8, 16, 24, 33],
      pads: [
        [1, 1, 1, 1],
        [0, 0, 1, 1],
        [0, 2, 3, 0],
        [2, 1, 0, 4],
      ] as const,
      reach: [20, 127],
    })) {
      if (pads[0] + height + pads[2] < 3 || pads[1] + width + pads[3] < 3) continue;
      const map = [height, width] as const;
      check({ kernel: [3, 3], stride: [2, 2], pads, map, channels, reach, inputZeroPoint: 7 });
    }
  });

  test('windows, paddings and maps', () => {
    for (const { map, window, pads, channels } of product({
      map: maps,
      window: windows,
      pads: paddings,
      channels: [8, 17],
    })) {
      if (map[0] === 32 && (channels === 17 || pads[0] === 9)) continue;
      const [size, stride, dilation] = window;
      check({
        map,
        kernel: [size, size],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        pads,
        channels,
        inputZeroPoint: 5,
      });
    }
  });

  test('uneven kernels, strides and dilations', () => {
    for (const { kernel, stride, dilation } of product({
      kernel: [
        [1, 3],
        [3, 1],
        [2, 5],
        [5, 2],
        [3, 3],
      ] as const,
      stride: [
        [1, 1],
        [1, 2],
        [2, 1],
        [3, 1],
      ] as const,
      dilation: [
        [1, 1],
        [2, 1],
        [1, 3],
      ] as const,
    })) {
      check({ map: [15, 7], kernel, stride, dilation, pads: [1, 0, 1, 2], channels: 24 });
    }
  });

  test('batches', () => {
    for (const { batch, stride, reach } of product({
      batch: [1, 2, 3],
      stride: [1, 2],
      reach: [20, 127],
    })) {
      check({ ...padded, batch, stride: [stride, stride], map: [5, 5], channels: 24, reach });
    }
  });

  test('rows of a larger map: paddings below zero', () => {
    for (const { padTop, padLeft, stride, reach } of product({
      padTop: [-8, -3, -1, 0, 2, 7],
      padLeft: [-2, -1, 0, 3, 40],
      stride: [1, 2, 3],
      reach: [20, 127],
    })) {
      const strides = [stride, stride] as const;
      const c = caseOf({ map: [9, 8], kernel: [3, 3], stride: strides, channels: 24, reach });
      const work = { ...c.work, padTop, padLeft, outputHeight: 5, outputWidth: 6 };
      checkCase({ ...c, work }, { padTop, padLeft, stride, reach });
    }
  });

  test('zero points of input, weights and output', () => {
    for (const { inputZeroPoint, zeroPoint, weightZeroPoint, weightZeroPoints } of product({
      inputZeroPoint: [0, 5, 255],
      zeroPoint: [0, 5, 255],
      weightZeroPoint: [0, 1, 128, 255],
      weightZeroPoints: ['tensor', 'channel'] as const,
    })) {
      const weights = { signedWeights: false, weightZeroPoint, weightZeroPoints };
      check({ ...padded, ...weights, inputZeroPoint, zeroPoint });
    }
  });

  test('values at their extremes', () => {
    for (const { fill, weightFill, signedWeights, inputZeroPoint } of product({
      fill: fills,
      weightFill: fills,
      signedWeights: [true, false],
      inputZeroPoint: [0, 128, 255],
    })) {
      check({ ...padded, channels: 24, fill, weightFill, signedWeights, inputZeroPoint });
    }
  });

  test('pairs of weights around the bound of 16 bits', () => {
    const ends = [-128, -65, -64, 1, 2, 63, 64, 65, 127];
    for (const { top, middle, bottom, fill } of product({
      top: ends,
      middle: [-128, 0, 127],
      bottom: ends,
      fill: ['highest', 'alternating'] as const,
    })) {
      const c = caseOf({ ...padded, channels: 8, map: [5, 4], fill, scale: 2 ** -9 });
      const column = [top, middle, bottom];
      checkCase(
        withWeights(c, (i) => column[Math.floor(i / 3) % 3]!),
        { top, middle, bottom, fill },
      );
    }
  });

  test('sums of three columns around the bound of 16 bits', () => {
    // Top and bottom row in one lane, the middle row in the other; one channel decides for eight.
    for (const { stride, sign, row, over, channel, fill } of product({
      stride: [1, 2],
      sign: [1, -1],
      row: [0, 1, 2],
      over: [0, 1],
      channel: [0, 7, 12],
      fill: ['highest', 'random'] as const,
    })) {
      const strides = [stride, stride] as const;
      const map = [6, 6] as const;
      const c = caseOf({ ...padded, stride: strides, channels: 16, map, fill, scale: 2 ** -9 });
      const taps = [40, 40, 48 + over];
      checkCase(
        withWeights(c, (i) => {
          const isChosen = Math.floor(i / 9) === channel && Math.floor(i / 3) % 3 === row;
          return isChosen ? sign * taps[i % 3]! : 0;
        }),
        { stride, sign, row, over, channel, fill },
      );
    }
  });

  test('scales and clamps', () => {
    for (const { scale, bounds, zeroPoint } of product({
      scale: [2 ** -20, 2 ** -8, Math.fround(1 / 3), 1, 3],
      bounds: [
        [0, 255],
        [0, 200],
        [5, 255],
        [128, 200],
        [77, 77],
      ] as const,
      zeroPoint: [0, 128, 255],
    })) {
      const [min, max] = bounds;
      check({ ...padded, scale, min, max, zeroPoint });
      check({ ...padded, stride: [2, 2], scale, min, max, zeroPoint });
    }
  });

  test('ties, and accumulators past 2^24', () => {
    // Weights of 0: the accumulator is the bias.
    for (const bias of [1, -1, 3, -3, 5, -5, 2 ** 22 - 3, 2 ** 24 + 1, -(2 ** 24) - 1]) {
      for (const scale of [0.5, 2 ** -20, bias > 8 ? 1 / 4.1 : 1 / 8]) {
        if (Math.abs(bias) * scale > 2 ** 22) continue;
        check({ ...padded, weightFill: 'zeros', inputZeroPoint: 0, bias, scale });
      }
    }
  });

  test('misaligned operands', () => {
    for (const { misalign, stride } of product({ misalign: [1, 2, 3, 7], stride: [1, 2] })) {
      const strides = [stride, stride] as const;
      check({ ...padded, stride: strides, channels: 27 }, { misalign });
      check({ ...padded, stride: strides, channels: 27, reach: 20 }, { misalign });
    }
  });

  test('more rows than cells are held at a time', () => {
    check({ ...padded, map: [14, 60], channels: 40 });
    check({ ...padded, map: [15, 60], channels: 40, reach: 20 });
    check({ kernel: [5, 5], stride: [2, 2], map: [25, 61], channels: 24, pads: [2, 2, 2, 2] });
    check({ ...padded, stride: [2, 2], map: [25, 61], channels: 40 });
    check({ ...padded, stride: [2, 2], map: [26, 62], channels: 40, reach: 20 });
    check({ ...padded, map: [5, 900], channels: 17 });
  });

  test('random shapes', () => {
    const pair = (max: number) =>
      fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
    const shape = fc.record({
      map: pair(12),
      kernel: pair(6),
      stride: pair(4),
      dilation: pair(3),
      pads: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.oneof(fc.constant(8), fc.integer({ min: 16, max: 50 })),
      inputZeroPoint: fc.nat(255),
      reach: fc.constantFrom(10, 30, 64, 127),
      seed: fc.nat(),
    });
    const property = fc.property(shape, fc.nat(7), (options, misalign) => {
      check(options, { misalign });
    });
    fc.assert(property, { numRuns: 300 });
  });
});

/** kernel, stride, dilation */
const windows = [
  [1, 1, 1],
  [1, 2, 1],
  [2, 1, 1],
  [2, 2, 1],
  [3, 1, 1],
  [3, 2, 1],
  [3, 1, 2],
  [3, 2, 3],
  [4, 2, 1],
  [5, 1, 1],
  [5, 2, 1],
  [5, 2, 2],
  [7, 2, 1],
  [3, 3, 1],
  [2, 5, 1],
] as const;

const paddings = [
  [0, 0, 0, 0],
  [1, 1, 1, 1],
  [0, 0, 1, 1],
  [1, 1, 0, 0],
  [3, 4, 2, 5],
  [9, 9, 9, 9],
] as const;

test('takes only what it can do', () => {
  const fits = (options: Options & { outputs?: number; type?: 'u8' | 'i32' | 'f32' }): boolean => {
    const { channels = 8 } = options;
    const { work } = convCase({ outputs: channels, ...options, channels, groups: channels });
    return depthwiseColumnsU8.some((kernel) => kernel.fits(work) !== undefined);
  };
  expect(fits({})).toBe(true);
  expect(fits({ channels: 7 })).toBe(false);
  expect(fits({ outputs: 16 })).toBe(false);
  expect(fits({ isOpen: true })).toBe(false);
  expect(fits({ type: 'i32' })).toBe(false);
  // A bias at the end of int32, where trained nets keep dead channels: rounding would not be exact.
  expect(fits({ bias: 2 ** 31 - 1, scale: 2 ** -9 })).toBe(false);
  expect(fits({ scale: Number.NaN })).toBe(false);
});

test('takes dots of pairs of bytes where they pay, and says why', () => {
  const pairs = depthwiseColumnsU8.find(({ dots }) => dots?.pairs !== undefined)!;
  const why = (options: Options) => pairs.fits(caseOf(options).work);
  const large = { ...padded, map: [12, 12], channels: 32 } as const;
  expect(why({ ...large, reach: 20 })).toBe(
    'dots of pairs of bytes down the columns, about 100 % of the blocks summed in 16 bits',
  );
  expect(why({ ...large, reach: 127 })).toBeUndefined();
  expect(why({ ...large, stride: [2, 2], reach: 20 })).toBe(
    'dots of pairs of bytes down the columns, about 100 % of the blocks summed in 16 bits',
  );
  expect(why({ ...large, stride: [2, 2], reach: 64 })).toBeUndefined();
  expect(why({ ...large, kernel: [5, 5], reach: 64 })).toBe(
    'dots of pairs of bytes down the columns',
  );
});
