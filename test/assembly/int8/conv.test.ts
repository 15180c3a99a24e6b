import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlanError } from '../../../src/errors.ts';
import {
  convBytePairsU8,
  convByteQuadsU8,
  convSignedQuadsU8,
  convWordsU8,
} from '../../../src/kernels/convU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binariesOf, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, quieted, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const types = ['u8', 'i32', 'f32'] as const;

/** A kernel, the tile's pixels and channels, the numbers of a step; and a binary to run it in. */
const kernels = (
  [
    [convWordsU8, 4, 16, 2],
    [convBytePairsU8, 4, 16, 8],
    [convByteQuadsU8, 6, 8, 4],
    [convSignedQuadsU8, 6, 8, 4],
  ] as const
).flatMap(([kernel, m, n, k]) =>
  binariesOf(kernel).map((binary) => ({ name: kernel.name, kernel, binary, m, n, k })),
);

/** kernel, stride, dilation */
const windows = [
  [1, 1, 1],
  [1, 2, 1],
  [2, 1, 1],
  [2, 2, 1],
  [3, 1, 1],
  [3, 2, 1],
  [3, 1, 2],
  [4, 2, 1],
  [5, 1, 1],
  [5, 2, 1],
  [5, 2, 2],
  [7, 2, 1],
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

describe.each(kernels)('$name in the $binary binary', ({ kernel, binary, m, n, k }) => {
  /** False where the work is not for this kernel. */
  function check(options: ConvOptions, run: RunOptions = {}): boolean {
    const example = convCase(options);
    if (kernel.fits(example.work) === undefined) return false;
    const { got, expected } = runConv([kernel], example, { binary, ...run });
    expectSame(got, expected, JSON.stringify(options));
    return true;
  }

  test('sizes around the tile', () => {
    const sizes = product({
      pixels: around(m),
      channels: [...around(8), ...around(n)],
      inputs: around(k),
      type: types,
    });
    for (const { pixels, channels, inputs, type } of sizes) {
      expect(check({ map: [1, pixels], channels: inputs, outputs: channels, type })).toBe(true);
      check({ map: [3, pixels], kernel: [2, 2], channels: inputs, outputs: channels, type });
    }
  });

  test('windows, paddings and maps', () => {
    for (const { map, window, pads, channels } of product({
      map: maps,
      window: windows,
      pads: paddings,
      channels: [1, 3, 8],
    })) {
      if (map[0] === 32 && (channels === 8 || pads[0] === 9)) continue;
      const [size, stride, dilation] = window;
      check({
        map,
        kernel: [size, size],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        pads,
        channels,
        outputs: 3,
        inputZeroPoint: 5,
      });
    }
  });

  test('uneven kernels, strides and dilations', () => {
    for (const kernel of [
      [1, 3],
      [3, 1],
      [2, 5],
    ] as const) {
      for (const stride of [
        [1, 2],
        [3, 1],
      ] as const) {
        for (const dilation of [
          [1, 1],
          [2, 1],
          [1, 3],
        ] as const) {
          check({ map: [15, 7], kernel, stride, dilation, pads: [1, 0, 1, 2], channels: 3 });
        }
      }
    }
  });

  test('groups and batches', () => {
    for (const { groups, batch, type } of product({
      groups: [1, 2, 3, 6],
      batch: [1, 2, 3],
      type: types,
    })) {
      check({ kernel: [3, 3], pads: [1, 1, 1, 1], channels: 6, outputs: 12, groups, batch, type });
      check({ kernel: [1, 1], channels: 6, outputs: 12, groups, batch, type });
    }
    check({ map: [9, 3], channels: 40, outputs: 66, groups: 2 });
  });

  test('zero points of input, weights and output, constant and as an operand', () => {
    const points = [0, 5, 255];
    for (const { input, output, isOpen } of product({
      input: points,
      output: points,
      isOpen: [false, true],
    })) {
      const common = { kernel: [3, 3], pads: [1, 1, 1, 1], isOpen } as const;
      for (const weightZeroPoints of ['tensor', 'channel'] as const) {
        for (const weightZeroPoint of [0, 128, 255]) {
          check({
            ...common,
            inputZeroPoint: input,
            zeroPoint: output,
            weightZeroPoint,
            weightZeroPoints,
            signedWeights: false,
          });
        }
        check({
          ...common,
          inputZeroPoint: input,
          zeroPoint: output,
          weightZeroPoint: -128,
          weightZeroPoints,
        });
      }
    }
  });

  test('values at their extremes', () => {
    for (const { fill, weightFill, type, inputZeroPoint } of product({
      fill: fills,
      weightFill: fills,
      type: types,
      inputZeroPoint: [0, 128, 255],
    })) {
      check({
        kernel: [3, 3],
        pads: [1, 1, 1, 1],
        channels: 9,
        outputs: 9,
        fill,
        weightFill,
        type,
        inputZeroPoint,
      });
    }
  });

  test('scales and clamps', () => {
    const scales = [2 ** -20, 2 ** -8, Math.fround(1 / 3), 1, 3];
    const bounds = [
      [0, 255],
      [128, 255],
      [128, 200],
      [77, 77],
      [0, 0],
      [255, 255],
    ] as const;
    for (const { scale, bound, zeroPoint } of product({
      scale: scales,
      bound: bounds,
      zeroPoint: [0, 128, 255],
    })) {
      const [min, max] = bound;
      check({ scale, min, max, zeroPoint, channels: 5, outputs: 9 });
      check({ scale, type: 'f32', min: min - 128, max: max - 128, channels: 5, outputs: 9 });
    }
  });

  test('halves round to even, on both sides of zero', () => {
    // One weight of 1: the accumulators are -128 to 127 and the bias; half of them are odd.
    for (const scale of [0.5, 0.25, 1.5]) {
      for (const bias of [0, 1]) {
        check({
          map: [16, 16],
          channels: 1,
          outputs: 9,
          fill: 'ramp',
          signedWeights: false,
          weightFill: 'highest',
          weightZeroPoint: 254,
          scale,
          bias,
        });
      }
    }
  });

  test('accumulators where float32 skips, and at the bound', () => {
    const room = 128 * 128;
    for (const magnitude of [
      2 ** 24 - 1,
      2 ** 24,
      2 ** 24 + 1,
      2 ** 24 + 3,
      2 ** 25 + 1,
      2 ** 30 + 64,
      2 ** 31 - 1 - room,
    ]) {
      for (const bias of [magnitude, -magnitude]) {
        for (const scale of [2 ** -25, 2 ** -24, 2 ** -23, 2 ** -17, 2 ** -8, 1, 3, 2 ** 90]) {
          for (const fill of ['zeros', 'random', 'highest', 'lowest'] as const) {
            // Missing channels have a rounding of their own, whole blocks a quicker one.
            for (const outputs of [5, 24]) {
              for (const type of types)
                check({ map: [1, 7], channels: 1, outputs, bias, scale, fill, type });
            }
          }
        }
      }
    }
  });

  test('misaligned operands', () => {
    for (const misalign of [1, 2, 3, 7]) {
      for (const type of types) {
        check({ kernel: [3, 3], channels: 5, outputs: 11, pads: [1, 1, 1, 1], type }, { misalign });
        check({ channels: 6, outputs: 11, type }, { misalign });
      }
    }
  });

  test('more windows than fit into scratch at once', () => {
    check({ map: [40, 33], kernel: [3, 3], channels: 17, outputs: 3, pads: [1, 1, 1, 1] });
    check({ map: [45, 33], channels: 64, outputs: 3, batch: 2 });
    check({ map: [1, 6], channels: 20000, outputs: 2, weightFill: 'ramp' });
  });

  test('equals the oracle on random shapes', () => {
    const pair = (max: number) =>
      fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
    // A transposed convolution may ask for less than no padding.
    const pad = fc.integer({ min: -2, max: 4 });
    const pads = fc.tuple(pad, pad, pad, pad);
    const shape = fc.record({
      map: pair(12),
      kernel: pair(5),
      stride: pair(4),
      dilation: pair(3),
      pads,
      batch: fc.integer({ min: 1, max: 2 }),
      groups: fc.integer({ min: 1, max: 4 }),
      groupInputs: fc.integer({ min: 1, max: 19 }),
      groupOutputs: fc.integer({ min: 1, max: 19 }),
      inputZeroPoint: fc.nat(255),
      isOpen: fc.boolean(),
      type: fc.constantFrom(...types),
      seed: fc.nat(),
    });
    const property = fc.property(shape, fc.nat(7), (options, misalign) => {
      const { groups, groupInputs, groupOutputs } = options;
      check(
        { ...options, channels: groups * groupInputs, outputs: groups * groupOutputs },
        { misalign },
      );
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('maps without pixels', () => {
    check({ batch: 0 });
    check({ kernel: [3, 3], pads: [1, 1, 1, 1], batch: 0 });
  });

  test('wraps where a bias at the end of int32 carries the sum beyond', () => {
    for (const bias of [2 ** 31 - 1, -(2 ** 31)]) {
      for (const type of types) check({ kernel: [3, 3], channels: 5, bias, type, scale: 2 ** -24 });
    }
  });

  test('steps of loud weights among those of quiet ones', () => {
    for (const { pixels, channels, outputs, signedWeights, type } of product({
      pixels: [1, 2, 5, 9],
      channels: [16, 37, 80],
      outputs: [5, 8, 24, 32, 41, 72],
      signedWeights: [true, false],
      type: types,
    })) {
      const options = { map: [1, pixels], channels, outputs, signedWeights, type } as const;
      const loud = convCase({ ...options, weightZeroPoint: signedWeights ? 0 : 3 });
      const { got, expected } = runConv([kernel], quieted(loud), { binary });
      expectSame(got, expected, JSON.stringify(options));
    }
  });

  test('weights at the bound of a pair, beyond it, and beyond a byte', () => {
    for (const [a, b] of [
      [127, 1],
      [127, 2],
      [127, 127],
      [-128, 0],
      [-128, -1],
      [-128, -128],
      [64, 64],
      [65, 64],
      [1, -128],
      [255, 255],
      [-255, -255],
      [200, 150],
    ]) {
      for (const fill of ['highest', 'random', 'one'] as const) {
        for (const [channels, size] of [
          [8, 1],
          [7, 1],
          [3, 3],
          [16, 3],
        ] as const) {
          const { work, ...rest } = convCase({
            channels,
            kernel: [size, size],
            outputs: 21,
            fill,
            inputZeroPoint: 0,
          });
          // Beyond a byte lie only weights with a zero point at an end of uint8.
          const zeroPoint = Math.min(a!, b!) < -128 ? 255 : 0;
          const isByte = Math.max(a!, b!) <= 127 && zeroPoint === 0;
          const weights = new (isByte ? Int8Array : Uint8Array)(work.weights.length);
          for (let i = 0; i < weights.length; i++) weights[i] = [a!, b!, 0][i % 3]! + zeroPoint;
          const edged = { ...work, weights, weightZeroPoint: Int32Array.of(zeroPoint) };
          const { got, expected } = runConv([kernel], { work: edged, ...rest }, { binary });
          expectSame(got, expected, JSON.stringify({ a, b, fill, channels, size }));
        }
      }
    }
  });
});

test('refuses sums of products beyond int32 and scales that are no numbers', () => {
  const pack = convWordsU8.pack!;
  const wide = (channels: number, inputZeroPoint: number) =>
    convCase({ map: [1, 1], channels, outputs: 2, weightFill: 'lowest', inputZeroPoint }).work;
  // The sums reach -255 * 128 * k, or with the zero point in the middle half of that each way.
  expect(() => pack(wide(65793, 0))).not.toThrow();
  expect(() => pack(wide(65794, 0))).toThrow(PlanError);
  expect(() => pack(wide(65794, 0))).toThrow('output channel 0');
  expect(() => pack(wide(131071, 128))).not.toThrow();
  expect(() => pack(wide(131072, 128))).toThrow(PlanError);
  expect(() => pack(convCase({ scale: Number.NaN }).work)).toThrow('a scale of NaN');
});
