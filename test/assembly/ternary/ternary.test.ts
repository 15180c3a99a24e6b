import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { around, fills, maps, product } from '../../vocabulary.ts';
import type { RunOptions } from '../harness.ts';
import { runConv } from '../int8/convCase.ts';
import { expectSame } from '../int8/expectSame.ts';
import { type TernaryOptions, ternaryCase } from './ternaryCase.ts';
import { ternaryKernels } from './ternaryKernels.ts';

const types = ['u8', 'i32', 'f32'] as const;

describe.each(ternaryKernels)('$name in the $binary binary', ({ kernel, binary, m, n, k }) => {
  /** False where the work is not for this kernel. */
  function check(options: TernaryOptions, run: RunOptions = {}): boolean {
    const example = ternaryCase(options);
    if (kernel.fits(example.work) === undefined) return false;
    const { got, expected } = runConv([kernel], example, { binary, ...run });
    expectSame(got, expected, JSON.stringify(options));
    return true;
  }

  test('sizes around the tile', () => {
    const sizes = product({
      pixels: around(m),
      outputs: [...around(8), ...around(n)],
      channels: around(k),
      type: types,
    });
    let count = 0;
    for (const { pixels, outputs, channels, type } of sizes) {
      if (check({ map: [1, pixels], channels, outputs, type })) count++;
      check({ map: [3, pixels], kernel: [2, 2], channels, outputs, type });
    }
    expect(count).toBeGreaterThan(100);
  });

  test('channels around a block of 64', () => {
    for (const outputs of [63, 64, 65, 71, 72, 73, 128, 135, 136, 137]) {
      check({ map: [1, 33], channels: 17, outputs });
      check({ map: [1, 7], channels: 600, outputs, zeros: 0.2 });
    }
  });

  test('zeros and signs', () => {
    const weights = product({
      zeros: [0, 0.5, 0.9, 0.95, 1],
      signs: ['both', 'plus', 'minus'] as const,
      fill: fills,
      inputZeroPoint: [0, 5, 128, 255],
    });
    for (const options of weights) {
      check({ map: [3, 7], channels: 40, outputs: 33, emptyChannel: 3, ...options });
      check({ map: [1, 1], channels: 40, outputs: 33, emptyChannel: 32, ...options });
      check({ map: [5, 5], kernel: [3, 3], pads: [1, 1, 1, 1], outputs: 17, ...options });
    }
  });

  test('sums as large as they can be, for as many inputs as they can have', () => {
    // Multiples of what 16 bits hold: 128 numbers of a byte, and one more.
    for (const channels of [127, 128, 129, 255, 256, 257, 511, 512, 513, 1025]) {
      for (const signs of ['plus', 'minus', 'both'] as const) {
        for (const fill of ['highest', 'lowest', 'random'] as const) {
          for (const outputs of [8, 16, 40]) {
            const weights = { zeros: signs === 'both' ? 0.5 : 0, signs };
            const common = { channels, outputs, fill, inputZeroPoint: 0, ...weights };
            for (const pixels of [1, 3, 5, 21])
              check({ map: [1, pixels], scale: 2 ** -11, ...common });
            check({ map: [1, 3], type: 'i32', ...common });
          }
        }
      }
    }
  });

  test('weights of other sizes than 1', () => {
    for (const [plus, minus] of [
      [2, 2],
      [3, 1],
      [1, 5],
      [8, 8],
      [127, 127],
      [127, 90],
    ] as const) {
      for (const { channels, fill, zeros } of product({
        channels: [1, 9, 64, 300],
        fill: ['highest', 'random'] as const,
        zeros: [0, 0.5],
      })) {
        for (const pixels of [1, 19])
          check({ map: [1, pixels], channels, outputs: 35, fill, zeros, plus, minus });
        check({ map: [5, 5], kernel: [3, 3], channels, outputs: 35, fill, zeros, plus, minus });
      }
    }
  });

  test('windows, paddings and maps', () => {
    for (const { map, window, pads, channels } of product({
      map: maps,
      window: [
        [1, 2, 1],
        [2, 1, 1],
        [3, 1, 1],
        [3, 2, 1],
        [3, 1, 2],
        [5, 2, 1],
        [2, 5, 1],
      ] as const,
      pads: [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [0, 0, 1, 1],
        [3, 4, 2, 5],
      ] as const,
      channels: [1, 3, 17],
    })) {
      if (map[0] === 32 && channels > 3) continue;
      const [size, stride, dilation] = window;
      check({
        map,
        kernel: [size, size],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        pads,
        channels,
        outputs: 18,
        inputZeroPoint: 5,
      });
    }
  });

  test('scales and clamps', () => {
    for (const { scale, bound, zeroPoint } of product({
      scale: [2 ** -20, 2 ** -8, Math.fround(1 / 3), 1, 3, -1 / 8],
      bound: [
        [0, 255],
        [128, 200],
        [77, 77],
      ] as const,
      zeroPoint: [0, 128, 255],
    })) {
      const [min, max] = bound;
      const common = { map: [1, 19], channels: 5, outputs: 19, scale } as const;
      check({ ...common, min, max, zeroPoint });
      check({ ...common, type: 'f32', min: min - 128, max: max - 128 });
    }
  });

  test('accumulators where float32 skips, and biases at the ends of int32', () => {
    for (const bias of [2 ** 24 - 1, 2 ** 24 + 1, 2 ** 30 + 64, 2 ** 31 - 1, -(2 ** 31)]) {
      for (const scale of [2 ** -24, 2 ** -17, 1, 2 ** 90]) {
        for (const type of types)
          check({ map: [1, 18], channels: 7, outputs: 18, bias, scale, type });
      }
    }
  });

  test('misaligned operands', () => {
    for (const misalign of [1, 2, 3, 7]) {
      check({ kernel: [3, 3], channels: 5, outputs: 19, pads: [1, 1, 1, 1] }, { misalign });
      check({ channels: 37, outputs: 35 }, { misalign });
    }
  });

  test('batches, maps without pixels, and more than fits into scratch at once', () => {
    check({ batch: 3, channels: 20, outputs: 20 });
    check({ batch: 3, channels: 20, outputs: 20, kernel: [3, 3] });
    check({ batch: 0 });
    check({ batch: 0, kernel: [3, 3], pads: [1, 1, 1, 1] });
    check({ map: [40, 33], kernel: [3, 3], channels: 17, outputs: 18, pads: [1, 1, 1, 1] });
    check({ map: [1, 20], channels: 5000, outputs: 17 });
  });

  test('equals the oracle on random shapes', () => {
    const pair = (max: number) =>
      fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
    const pad = fc.integer({ min: -2, max: 4 });
    const shape = fc.record({
      map: pair(12),
      kernel: fc.oneof(fc.constant([1, 1] as const), pair(4)),
      stride: fc.oneof(fc.constant([1, 1] as const), pair(3)),
      dilation: pair(2),
      pads: fc.oneof(fc.constant([0, 0, 0, 0] as const), fc.tuple(pad, pad, pad, pad)),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 90 }),
      outputs: fc.integer({ min: 1, max: 70 }),
      inputZeroPoint: fc.nat(255),
      isOpen: fc.boolean(),
      type: fc.constantFrom(...types),
      zeros: fc.double({ min: 0, max: 1, noNaN: true }),
      signs: fc.constantFrom('both' as const, 'plus' as const, 'minus' as const),
      plus: fc.constantFrom(1, 1, 1, 2, 7),
      minus: fc.constantFrom(1, 1, 1, 3),
      seed: fc.nat(),
    });
    const property = fc.property(shape, fc.nat(7), (options, misalign) => {
      check(options, { misalign });
    });
    fc.assert(property, { numRuns: 300 });
  });
});
