import fc from 'fast-check';
import { describe, test } from 'vitest';
import { ternaryRealU8 } from '../../../src/kernels/ternaryRealU8.ts';
import { referenceTernaryU8 } from '../../reference/ternarySums.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSame } from '../int8/expectSame.ts';
import { type RealOptions, realCase } from './realCase.ts';

describe.each(binaryNames)('real scales in the end of the lists, %s binary', (binary) => {
  function check(options: RealOptions, misalign = 0): void {
    const { work, input } = realCase(options);
    const output = new Uint8Array(
      work.batch * work.outputHeight * work.outputWidth * work.outputChannels,
    );
    const [got] = runKernel(ternaryRealU8, work, [input], [output], { binary, misalign });
    expectSame(got!, referenceTernaryU8(work, input), JSON.stringify(options));
  }

  test.each([false, true])('sizes around the tile, two scales %s', (isApart) => {
    for (const { pixels, outputs, channels } of product({
      pixels: [...around(8), ...around(32)],
      outputs: [8, 9, 15, 16, 31, 33],
      channels: [1, 2, 3, 17, 40],
    }))
      check({ map: [1, pixels], outputs, channels, isApart });
    // Around a block of 64 lists, and several chunks.
    for (const outputs of [31, 32, 33, 39, 40, 41, 64, 71, 72, 79, 80, 81, 128, 137])
      check({ map: [1, 9], channels: 600, outputs, zeros: 0.2, isApart });
  });

  test('zeros and signs', () => {
    for (const options of product({
      isApart: [false, true],
      zeros: [0, 0.5, 0.95, 1],
      signs: ['both', 'plus', 'minus'] as const,
      fill: fills,
      inputZeroPoint: [0, 5, 255],
    }))
      check({ map: [3, 7], channels: 40, outputs: 33, emptyChannel: 3, ...options });
  });

  test('sums as large as they can be', () => {
    for (const { isApart, channels, signs, fill } of product({
      isApart: [false, true],
      channels: [128, 255, 256, 257, 513],
      signs: ['plus', 'minus', 'both'] as const,
      fill: ['highest', 'lowest'] as const,
    }))
      check({ map: [1, 5], channels, outputs: 16, zeros: 0, signs, fill, isApart });
  });

  test('windows, paddings and maps', () => {
    for (const { map, window, pads, isApart } of product({
      map: maps,
      window: [
        [2, 1, 1],
        [3, 1, 1],
        [3, 2, 1],
        [3, 1, 2],
        [1, 2, 1],
      ] as const,
      pads: [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [0, 0, 1, 1],
        [3, 4, 2, 5],
      ] as const,
      isApart: [false, true],
    })) {
      const [size, stride, dilation] = window;
      check({
        ...{ map, pads, isApart, channels: 3, outputs: 18, inputZeroPoint: 5 },
        ...{ kernel: [size, size], stride: [stride, stride], dilation: [dilation, dilation] },
      });
    }
  });

  test('bounds and zero points', () => {
    for (const { isApart, bound, zeroPoint } of product({
      isApart: [false, true],
      bound: [
        [0, 255],
        [128, 200],
        [77, 77],
      ] as const,
      zeroPoint: [0, 128, 255],
    })) {
      const [min, max] = bound;
      check({ map: [1, 19], channels: 5, outputs: 19, isApart, min, max, zeroPoint });
    }
  });

  test('equals the oracle on random shapes', () => {
    const pair = (max: number) =>
      fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
    const shape = fc.record({
      map: pair(12),
      kernel: fc.oneof(fc.constant([1, 1] as const), pair(4)),
      stride: fc.oneof(fc.constant([1, 1] as const), pair(3)),
      dilation: pair(2),
      batch: fc.integer({ min: 1, max: 2 }),
      channels: fc.integer({ min: 1, max: 90 }),
      outputs: fc.integer({ min: 8, max: 70 }),
      inputZeroPoint: fc.nat(255),
      zeros: fc.double({ min: 0, max: 1, noNaN: true }),
      signs: fc.constantFrom('both' as const, 'plus' as const, 'minus' as const),
      isApart: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(shape, fc.nat(7), (options, misalign) => check(options, misalign)),
      { numRuns: 300 },
    );
  });
});
