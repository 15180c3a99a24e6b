import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConvU8Work } from '../../../src/graph/work.ts';
import type { Kernel } from '../../../src/kernels/kernel.ts';
import { winogradU8 } from '../../../src/kernels/winogradU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binariesOf, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

/** Exact for any 3x3 window, though it does not pay for all. */
const winograd: Kernel<ConvU8Work> = { ...winogradU8, fits: () => 'wherever it is exact' };

const types = ['u8', 'i32', 'f32'] as const;
const plain = { kernel: [3, 3], pads: [1, 1, 1, 1] } as const;

describe.each(binariesOf(winogradU8))(`${winogradU8.name} in the %s binary`, (binary) => {
  function check(
    options: ConvOptions,
    run: RunOptions = {},
    change: (work: ConvU8Work) => ConvU8Work = (work) => work,
  ): void {
    const example = convCase({ ...plain, ...options });
    const changed = { ...example, work: change(example.work) };
    const { got, expected } = runConv([winograd], changed, { binary, ...run });
    expectSame(got, expected, JSON.stringify(options));
  }

  test('sizes around the tile and its vectors', () => {
    for (const { size, channels, type } of product({
      size: around(4),
      channels: around(8),
      type: types,
    })) {
      check({ map: [size, 5], channels, outputs: 3, type });
      check({ map: [5, size], channels, outputs: 17, type });
    }
    for (const { outputs, type } of product({
      outputs: [...around(8), ...around(16)],
      type: types,
    }))
      check({ map: [6, 9], channels: 5, outputs, type });
  });

  test('maps, paddings and batches', () => {
    const paddings = [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [2, 2, 2, 2],
      [0, 0, 2, 1],
      [2, 1, 0, 0],
      [3, 4, 2, 5],
      [9, 9, 9, 9],
      [-1, 0, 1, 1],
      [-2, -2, -1, 0],
    ] as const;
    for (const { map, pads, channels, batch } of product({
      map: maps,
      pads: paddings,
      channels: [1, 3, 8],
      batch: [0, 1, 2, 3],
    })) {
      if (map[0] === 32 && (batch > 1 || pads[0] === 9)) continue;
      check({ map, pads, channels, outputs: 3, batch, inputZeroPoint: 5 });
    }
  });

  test('bands of rows', () => {
    for (const height of [1, 3, 4, 5, 8]) {
      for (let padTop = 1; padTop > -17; padTop -= height) {
        check({ map: [16, 7], channels: 9, outputs: 19 }, {}, (work) => ({
          ...work,
          padTop,
          outputHeight: height,
        }));
      }
    }
  });

  test('zero points of input, weights and output, constant and as an operand', () => {
    const points = [0, 5, 255];
    for (const { input, output, isOpen, weightZeroPoints } of product({
      input: points,
      output: points,
      isOpen: [false, true],
      weightZeroPoints: ['tensor', 'channel'] as const,
    })) {
      const common = { inputZeroPoint: input, zeroPoint: output, isOpen, weightZeroPoints };
      for (const weightZeroPoint of [0, 128, 255])
        check({ ...common, weightZeroPoint, signedWeights: false });
      check({ ...common, weightZeroPoint: -128 });
    }
  });

  test('values at their extremes', () => {
    for (const { fill, weightFill, type, inputZeroPoint } of product({
      fill: fills,
      weightFill: fills,
      type: types,
      inputZeroPoint: [0, 128, 255],
    })) {
      check({ channels: 9, outputs: 9, fill, weightFill, type, inputZeroPoint });
    }
  });

  test('inputs and weights that make the transformed numbers largest', () => {
    // By sign of the coefficients of B^T and of G' in each pair of rows.
    const inputRows = [
      [4, 0, -5, 0, 1, 0],
      [0, -4, -4, 1, 1, 0],
      [0, 4, -4, -1, 1, 0],
      [0, -2, -1, 2, 1, 0],
      [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ];
    const weightRows = [
      [3, 0, 0],
      [-1, -1, -1],
      [-1, 1, -1],
      [1, 2, 4],
      [1, -2, 4],
      [0, 0, 3],
    ];
    for (const { y, x, sign, signedWeights, zero } of product({
      y: [0, 1, 2, 3, 4, 5],
      x: [0, 1, 2, 3, 4, 5],
      sign: [1, -1],
      signedWeights: [true, false],
      zero: [0, 255],
    })) {
      const channels = 10;
      const { work } = convCase({
        ...{ ...plain, pads: [0, 0, 0, 0], map: [6, 6], channels, outputs: 5, type: 'i32' },
        ...{ signedWeights, weightZeroPoint: signedWeights ? 0 : zero, inputZeroPoint: zero },
      });
      const input = new Uint8Array(36 * channels);
      input.forEach((_, i) => {
        const cell = Math.floor(i / channels);
        const gain = inputRows[y]![Math.floor(cell / 6)]! * inputRows[x]![cell % 6]!;
        input[i] = gain * sign > 0 ? 255 : 0;
      });
      work.weights.forEach((_, i) => {
        const tap = Math.floor(i / channels) % 9;
        const gain = weightRows[y]![Math.floor(tap / 3)]! * weightRows[x]![tap % 3]!;
        const [low, high] = signedWeights ? [-128, 127] : [0, 255];
        work.weights[i] = gain > 0 ? high : low;
      });
      const { got, expected } = runConv([winograd], { work, input, zeroPoint: zero }, { binary });
      expectSame(got, expected, JSON.stringify({ y, x, sign, signedWeights, zero }));
    }
  });

  test('sums of products at both ends of 26 bits', () => {
    // 255 times the sum of the weights is as near to 2^25 as it can be.
    for (const { sign, fill, pads } of product({
      sign: [1, -1],
      fill: ['highest', 'random', 'alternating'] as const,
      pads: [plain.pads, [0, 0, 0, 0]] as const,
    })) {
      const channels = 116;
      const options = { map: [6, 6], channels, outputs: 2, fill, pads, inputZeroPoint: 0 } as const;
      check({ ...options, type: 'i32' }, {}, (work) => {
        const weights = new Int8Array(work.weights.length);
        for (let channel = 0; channel < 2; channel++) {
          let left = Math.floor((2 ** 25 - 1) / 255);
          for (let i = 0; i < 9 * channels; i++) {
            const weight = Math.min(127, left);
            weights[channel * 9 * channels + i] = sign * weight;
            left -= weight;
          }
          expect(left).toBe(0);
        }
        return { ...work, weights };
      });
    }
  });

  test('scales and clamps', () => {
    for (const { scale, bound, zeroPoint } of product({
      scale: [2 ** -20, 2 ** -8, Math.fround(1 / 3), 1, 3],
      bound: [
        [0, 255],
        [128, 200],
        [77, 77],
        [255, 255],
      ] as const,
      zeroPoint: [0, 128, 255],
    })) {
      const [min, max] = bound;
      for (const outputs of [9, 17]) {
        check({ scale, min, max, zeroPoint, channels: 5, outputs });
        check({ scale, type: 'f32', min: min - 128, max: max - 128, channels: 5, outputs });
      }
    }
  });

  test('wraps where a bias at the end of int32 carries the sum beyond', () => {
    for (const bias of [2 ** 31 - 1, -(2 ** 31), 2 ** 24 + 1]) {
      for (const type of types) check({ channels: 5, outputs: 17, bias, type, scale: 2 ** -24 });
    }
  });

  test('misaligned operands', () => {
    for (const misalign of [1, 2, 3, 7]) {
      for (const type of types) check({ channels: 5, outputs: 21, type }, { misalign });
    }
  });

  test('more tiles than a block, more rows than a band', () => {
    check({ map: [40, 33], channels: 17, outputs: 3 });
    check({ map: [21, 50], channels: 64, outputs: 18, weightFill: 'ramp', batch: 2 });
    check({ map: [9, 9], channels: 300, outputs: 2, weightFill: 'one' });
    check({ map: [3, 300], channels: 40, outputs: 2 });
  });

  test('equals the oracle on random shapes', () => {
    const pad = fc.integer({ min: -2, max: 4 });
    const shape = fc.record({
      map: fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 })),
      pads: fc.tuple(pad, pad, pad, pad),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 35 }),
      outputs: fc.integer({ min: 1, max: 35 }),
      inputZeroPoint: fc.nat(255),
      isOpen: fc.boolean(),
      type: fc.constantFrom(...types),
      seed: fc.nat(),
    });
    const property = fc.property(shape, fc.nat(7), (options, misalign) => {
      check(options, { misalign });
    });
    fc.assert(property, { numRuns: 300 });
  });
});

describe('fits', () => {
  const fits = (options: ConvOptions) => {
    const common = { ...plain, map: [8, 8], channels: 64, outputs: 16 } as const;
    return winogradU8.fits(convCase({ ...common, ...options }).work) !== undefined;
  };

  test('sums of products within 26 bits', () => {
    // 255 * 128 * 9 * 114 < 2^25 < 255 * 128 * 9 * 115; the zero point in the middle halves it.
    const lowest = { weightFill: 'lowest', inputZeroPoint: 0 } as const;
    expect(fits({ ...lowest, channels: 114 })).toBe(true);
    expect(fits({ ...lowest, channels: 115 })).toBe(false);
    expect(fits({ ...lowest, channels: 115, isOpen: true })).toBe(false);
    expect(fits({ ...lowest, channels: 115, inputZeroPoint: 128 })).toBe(true);
  });

  test('3x3 windows, one beside the other', () => {
    expect(fits({})).toBe(true);
    expect(fits({ stride: [2, 1] })).toBe(false);
    expect(fits({ stride: [1, 2] })).toBe(false);
    expect(fits({ dilation: [1, 2] })).toBe(false);
    expect(fits({ dilation: [2, 1] })).toBe(false);
    expect(fits({ groups: 2 })).toBe(false);
    expect(fits({ kernel: [3, 1] })).toBe(false);
    expect(fits({ kernel: [1, 3] })).toBe(false);
  });

  test('where the products saved are more than the transforms cost', () => {
    expect(fits({ channels: 8 })).toBe(true);
    expect(fits({ channels: 3 })).toBe(false);
    expect(fits({ outputs: 4 })).toBe(false);
    expect(fits({ map: [2, 2] })).toBe(false);
    expect(fits({ map: [4, 4] })).toBe(true);
    const common = { weightFill: 'one', channels: 512, outputs: 512 } as const;
    expect(fits(common)).toBe(false);
  });
});
