import { describe, expect, test } from 'vitest';
import type { ConvU8Work } from '../../src/graph/work.ts';
import { channelsFound, inputRange } from '../../src/kernels/channels.ts';
import { convWordsU8 } from '../../src/kernels/convU8.ts';
import { depthwiseColumnsU8 } from '../../src/kernels/depthwiseColumnsU8.ts';
import { type Block, packBlocks } from '../../src/kernels/packBlocks.ts';
import { headBytesOf } from '../../src/kernels/packConv.ts';
import {
  type Form,
  factsOf,
  fitsSquares,
  grouping,
  packDepthwise,
  parameterBytes,
  unitsOf,
} from '../../src/kernels/packDepthwiseU8.ts';
import { type ConvOptions, convCase, quieted } from '../assembly/int8/convCase.ts';
import { expectSame } from '../assembly/int8/expectSame.ts';
import { referenceBlock, referenceUnits } from '../reference/packWeights.ts';
import { around, fills, product } from '../vocabulary.ts';

const dots = ['words', 'bytePairs', 'byteQuads', 'byteSums'] as const;

function blocksOf({ outputChannels: n }: ConvU8Work): Block[] {
  const blocks: Block[] = [];
  for (let first = 0; first < n; first += 16) {
    const width = n - first > 8 ? 16 : 8;
    blocks.push({ first, width, channels: Math.min(width, n - first) });
  }
  return blocks;
}

function expectBlocks(work: ConvU8Work, dot: (typeof dots)[number], flip: number, what: unknown) {
  const blocks = blocksOf(work);
  const headBytes = headBytesOf(work.result);
  const parts = packBlocks(work, { dot, flip }, headBytes, blocks);
  const expected = blocks.map((block) => referenceBlock(work, dot, flip, headBytes, block));
  expectSame(joined(parts), joined(expected), JSON.stringify(what));
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe.each(dots)('blocks of %s', (dot) => {
  test('sizes', () => {
    for (const { outputs, channels } of product({
      outputs: [...around(8), ...around(16)],
      channels: [...around(4), ...around(16)],
    })) {
      const { work } = convCase({ outputs, channels, inputZeroPoint: 3 });
      expectBlocks(work, dot, 0, { outputs, channels });
    }
  });

  test('weights, zero points and results', () => {
    for (const { weightFill, signedWeights, weightZeroPoint, weightZeroPoints, type } of product({
      weightFill: fills,
      signedWeights: [true, false],
      weightZeroPoint: [0, -128, 127, 255],
      weightZeroPoints: ['tensor', 'channel'] as const,
      type: ['u8', 'i32', 'f32'] as const,
    })) {
      const isThere = signedWeights ? weightZeroPoint < 128 : weightZeroPoint >= 0;
      if (!isThere) continue;
      const numbers = { weightFill, signedWeights, weightZeroPoint, weightZeroPoints, type };
      const { work } = convCase({ outputs: 12, channels: 24, ...numbers });
      expectBlocks(work, dot, 128, numbers);
    }
  });

  test('windows', () => {
    const windows: ConvOptions[] = [
      { kernel: [3, 3], channels: 3 },
      { kernel: [3, 3], channels: 5, dilation: [2, 2] },
      { kernel: [1, 5], channels: 8, stride: [2, 1], pads: [0, 2, 0, 2] },
    ];
    for (const window of windows)
      expectBlocks(convCase({ outputs: 20, ...window }).work, dot, 0, window);
  });
});

test('blocks of pairs: two by two, alone and masked', () => {
  const { work } = quieted(convCase({ outputs: 40, channels: 96, kernel: [3, 3] }));
  expectBlocks(work, 'bytePairs', 0, 'quieted');
  const [bytes] = packBlocks(work, { dot: 'bytePairs', flip: 0 }, 8, blocksOf(work));
  const [, twos, alone, all] = new Int32Array(bytes!.slice(0, 16).buffer);
  expect(twos).toBeGreaterThan(20);
  expect(alone! - twos!).toBeGreaterThan(0);
  expect(all! - alone!).toBeGreaterThan(20);
});

test('blocks of more weights than a call takes', () => {
  const { work } = convCase({ outputs: 4200, channels: 4096, map: [1, 1] });
  const blocks = blocksOf(work);
  const parts = packBlocks(work, { dot: 'bytePairs', flip: 0 }, 8, blocks);
  const packed = Buffer.concat(parts);
  expect(parts.length).toBeGreaterThan(2);
  let at = 0;
  for (const [i, block] of blocks.entries()) {
    const end = at + 16 + block.width * (8 + 4096) + packed.readInt32LE(at);
    if (i % 40 < 2 || i === blocks.length - 1) {
      const expected = referenceBlock(work, 'bytePairs', 0, 8, block);
      expectSame(new Uint8Array(packed.subarray(at, end)), expected, `block ${i}`);
    }
    at = end;
  }
  expect(at).toBe(packed.length);
});

test('two layers in turn', () => {
  const works = [1, 2].map((seed) => convCase({ outputs: 16, channels: 16, seed }).work);
  for (const i of [0, 1, 0, 1, 1]) expectBlocks(works[i]!, 'bytePairs', 0, { i });
});

test.each([
  ['conv', convWordsU8, { kernel: [3, 3], pads: [1, 1, 1, 1] }],
  ['depthwise down the columns', depthwiseColumnsU8.at(-1)!, { kernel: [3, 3], groups: 16 }],
] as const)('%s: weights may change once they are packed', (_, kernel, options) => {
  const { work } = convCase({ ...options, outputs: 16, channels: 16 });
  const changed = { ...work, weights: work.weights.map((weight) => -(weight >> 1)) };
  const expected = kernel.pack!(changed);
  expect(kernel.pack!(work)).not.toEqual(expected);
  // The array that has been packed, with the other numbers.
  work.weights.set(changed.weights);
  expect(kernel.pack!({ ...work })).toEqual(expected);
});

const forms: Record<string, Form> = {
  words: { rows: 2, dot: 'words' },
  quads: { rows: 4, dot: 'quads' },
  'signed quads': { rows: 4, dot: 'quads', isSigned: true },
  pairs: { rows: 4, dot: 'pairs' },
};

describe.each(Object.entries(forms))('depthwise units of %s', (_, form) => {
  function check(options: ConvOptions, reach = 128): void {
    const { channels = 8 } = options;
    const made = convCase({ ...options, groups: channels, outputs: channels }).work;
    // Small weights can be summed in 16 bits.
    const work = { ...made, weights: made.weights.map((weight) => weight % reach) };
    const units = unitsOf(channels);
    const squares = fitsSquares(work, form);
    const expected = referenceUnits(work, form, squares, units);
    const packed = packDepthwise(work, form).subarray(parameterBytes);
    expectSame(packed, expected, JSON.stringify({ ...options, reach }));
    const facts = factsOf(work, form, units);
    expect(facts).toHaveLength(units.reduce((sum, { blocks }) => sum + blocks, 0));
    const columns = grouping(work, form).groups * work.kernelWidth;
    expect(facts.every(({ dots }) => dots >= columns)).toBe(true);
  }
  const padded: ConvOptions = { kernel: [3, 3], pads: [1, 1, 1, 1], map: [6, 8] };

  test('channels and weights', () => {
    for (const { channels, reach, seed } of product({
      channels: [8, 9, 15, 16, 17, 24, 40],
      reach: [2, 20, 44, 128],
      seed: [1, 2],
    })) {
      check({ ...padded, channels, seed }, reach);
    }
  });

  test('fills and zero points', () => {
    for (const { weightFill, signedWeights, weightZeroPoint, weightZeroPoints } of product({
      weightFill: fills,
      signedWeights: [true, false],
      weightZeroPoint: [0, -128, 127, 255],
      weightZeroPoints: ['tensor', 'channel'] as const,
    })) {
      const isThere = signedWeights ? weightZeroPoint < 128 : weightZeroPoint >= 0;
      if (!isThere) continue;
      const numbers = { weightFill, signedWeights, weightZeroPoint, weightZeroPoints };
      check({ ...padded, ...numbers, channels: 16, inputZeroPoint: 7 }, 256);
    }
  });

  test('windows', () => {
    for (const { kernel, stride, dilation } of product({
      kernel: [
        [1, 1],
        [1, 3],
        [2, 2],
        [4, 3],
        [5, 5],
        [7, 7],
      ] as const,
      stride: [
        [1, 1],
        [2, 2],
        [3, 1],
      ] as const,
      dilation: [
        [1, 1],
        [2, 3],
      ] as const,
    })) {
      check({ map: [20, 24], kernel, stride, dilation, channels: 8 });
    }
  });
});

describe('what the channels come to', () => {
  test.each([
    { channels: 5, outputs: 9 },
    { channels: 16, outputs: 3, weightFill: 'lowest', bias: -(2 ** 31) },
    { channels: 33, outputs: 4, signedWeights: false, weightZeroPoint: 77 },
    { channels: 33, outputs: 4, weightZeroPoints: 'channel', isOpen: true, type: 'i32' },
    { channels: 8, outputs: 2, inputZeroPoint: 255, type: 'f32', scale: -3 },
  ] satisfies ConvOptions[])('%o', (options) => {
    const { work } = convCase(options);
    const { weights, weightZeroPoint, bias, result, outputChannels } = work;
    const k = weights.length / outputChannels;
    const { low, high } = inputRange(work);
    const sums: number[] = [];
    const expected = { least: 0, most: 0, rawScaled: 0, scaled: 0 };
    for (let channel = 0; channel < outputChannels; channel++) {
      const zero = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
      const own = Array.from(weights.subarray(channel * k, (channel + 1) * k), (w) => w - zero);
      const positive = own.reduce((sum, value) => sum + Math.max(0, value), 0);
      const negative = own.reduce((sum, value) => sum + Math.min(0, value), 0);
      sums.push(positive, negative);
      const size = Math.abs(bias[channel]!);
      const scale = result.type === 'i32' ? 0 : Math.abs(result.scale[channel]!);
      // Where the sum wraps, it is still an int32.
      const raw = Math.min(2 ** 31, 255 * (positive - negative) + size);
      const real = Math.max(-low, high) * (positive - negative) + size;
      expected.least = Math.min(expected.least, positive * low + negative * high);
      expected.most = Math.max(expected.most, positive * high + negative * low);
      expected.rawScaled = Math.max(expected.rawScaled, raw * scale);
      expected.scaled = Math.max(expected.scaled, real * scale);
    }
    const { sums: found, ...bounds } = channelsFound(work);
    expect([...found]).toEqual(sums);
    expect(bounds).toEqual(expected);
  });

  test('a scale that is not finite shows', () => {
    const { work } = convCase({ outputs: 3 });
    const scale = Float32Array.of(1, Number.NaN, 1);
    const { rawScaled } = channelsFound({ ...work, result: { ...work.result, scale } as never });
    expect(rawScaled).toBeNaN();
  });
});
