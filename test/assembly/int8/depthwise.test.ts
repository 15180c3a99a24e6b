import fc from 'fast-check';
import { expect, test } from 'vitest';
import { depthwiseU8 } from '../../../src/kernels/depthwiseU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binaryNames, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const types = ['u8', 'i32', 'f32'] as const;
const padded = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;

interface Options extends Omit<ConvOptions, 'groups' | 'outputs'> {
  multiplier?: number;
}

function check({ multiplier = 1, ...options }: Options, run: RunOptions = {}): void {
  const { channels = 8 } = options;
  const c = convCase({ ...options, channels, groups: channels, outputs: channels * multiplier });
  const { got, expected } = runConv([depthwiseU8], c, run);
  expectSame(got, expected, JSON.stringify({ ...options, multiplier }));
}

test.each(binaryNames)('%s: sizes around the tile of 1 x 8', (binary) => {
  const channels = around(8).filter((n) => n > 1);
  for (const { width, count, type } of product({
    width: around(4),
    count: channels,
    type: types,
  })) {
    check({ ...padded, map: [3, width], channels: count, type }, { binary });
  }
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

test.each(binaryNames)('%s: windows, paddings and maps', (binary) => {
  for (const { map, window, pads, channels } of product({
    map: maps,
    window: windows,
    pads: paddings,
    channels: [3, 8, 17],
  })) {
    if (map[0] === 32 && (channels === 17 || pads[0] === 9)) continue;
    const [size, stride, dilation] = window;
    check(
      {
        map,
        kernel: [size, size],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        pads,
        channels,
        inputZeroPoint: 5,
      },
      { binary },
    );
  }
});

test('uneven kernels, strides and dilations', () => {
  for (const { kernel, stride, dilation } of product({
    kernel: [
      [1, 3],
      [3, 1],
      [2, 5],
      [5, 2],
    ] as const,
    stride: [
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
    check({ map: [15, 7], kernel, stride, dilation, pads: [1, 0, 1, 2], channels: 9 });
  }
});

test('multipliers and batches', () => {
  for (const { multiplier, batch, type, channels } of product({
    multiplier: [1, 2, 3, 8],
    batch: [1, 2, 3],
    type: types,
    channels: [2, 5, 8],
  })) {
    check({ ...padded, multiplier, batch, type, channels });
  }
});

test('zero points of input, weights and output, constant and as an operand', () => {
  for (const { inputZeroPoint, zeroPoint, weightZeroPoint, weightZeroPoints, isOpen } of product({
    inputZeroPoint: [0, 5, 255],
    zeroPoint: [0, 5, 255],
    weightZeroPoint: [0, 128, 255],
    weightZeroPoints: ['tensor', 'channel'] as const,
    isOpen: [false, true],
  })) {
    const weights = { signedWeights: false, weightZeroPoint, weightZeroPoints };
    check({ ...padded, ...weights, inputZeroPoint, zeroPoint, isOpen });
  }
});

test('values at their extremes', () => {
  for (const { fill, weightFill, type, inputZeroPoint } of product({
    fill: fills,
    weightFill: fills,
    type: types,
    inputZeroPoint: [0, 128, 255],
  })) {
    check({ ...padded, channels: 9, fill, weightFill, type, inputZeroPoint });
  }
});

test('scales and clamps', () => {
  for (const { scale, bounds, zeroPoint } of product({
    scale: [2 ** -20, 2 ** -8, Math.fround(1 / 3), 1, 3],
    bounds: [
      [0, 255],
      [128, 200],
      [77, 77],
    ] as const,
    zeroPoint: [0, 128, 255],
  })) {
    const [min, max] = bounds;
    check({ ...padded, scale, min, max, zeroPoint });
    check({ ...padded, scale, type: 'f32', min: min - 128, max: max - 128 });
  }
});

test('misaligned operands', () => {
  for (const { misalign, type } of product({ misalign: [1, 2, 3, 7], type: types })) {
    check({ ...padded, channels: 11, type }, { misalign });
  }
});

test('more channels than fit into the ring at once', () => {
  check({ ...padded, map: [4, 60], channels: 139 });
  check({ kernel: [5, 5], stride: [2, 2], map: [9, 61], channels: 75, pads: [2, 2, 2, 2] });
  check({ ...padded, map: [3, 900], channels: 11 });
});

test('equals the oracle on random shapes', () => {
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
  const shape = fc.record({
    map: pair(12),
    kernel: pair(6),
    stride: pair(4),
    dilation: pair(3),
    pads: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)),
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 2, max: 35 }),
    multiplier: fc.constantFrom(1, 1, 2, 3),
    inputZeroPoint: fc.nat(255),
    isOpen: fc.boolean(),
    type: fc.constantFrom(...types),
    seed: fc.nat(),
  });
  const binary = fc.constantFrom(...binaryNames);
  const property = fc.property(shape, binary, fc.nat(7), (options, name, misalign) => {
    check(options, { binary: name, misalign });
  });
  fc.assert(property, { numRuns: 500 });
});

test('refuses scales that are no numbers', () => {
  const { work } = convCase({ channels: 8, groups: 8, scale: Number.POSITIVE_INFINITY });
  expect(() => depthwiseU8.pack!(work)).toThrow('a scale of Infinity');
});
