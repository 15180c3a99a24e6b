import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlanError } from '../../../src/errors.ts';
import { convU8 } from '../../../src/kernels/convU8.ts';
import { around, fills, maps, product } from '../../vocabulary.ts';
import { binaryNames, type RunOptions } from '../harness.ts';
import { type ConvOptions, convCase, runConv } from './convCase.ts';
import { expectSame } from './expectSame.ts';

const types = ['u8', 'i32', 'f32'] as const;

function check(options: ConvOptions, run: RunOptions = {}): void {
  const { got, expected } = runConv(convU8, convCase(options), run);
  expectSame(got, expected, JSON.stringify(options));
}

test.each(binaryNames)('%s: sizes around the tile of 4 x 8, k in twos', (binary) => {
  for (const { m, n, k, type } of product({
    m: around(4),
    n: around(8),
    k: around(2),
    type: types,
  })) {
    check({ map: [1, m], channels: k, outputs: n, type }, { binary });
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

test.each(binaryNames)('%s: windows, paddings and maps', (binary) => {
  for (const { map, window, pads, channels } of product({
    map: maps,
    window: windows,
    pads: paddings,
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
          for (const type of types)
            check({ map: [1, 5], channels: 1, outputs: 5, bias, scale, fill, type });
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
  const pair = (max: number) => fc.tuple(fc.integer({ min: 1, max }), fc.integer({ min: 1, max }));
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
  const binary = fc.constantFrom(...binaryNames);
  const property = fc.property(shape, binary, fc.nat(7), (options, name, misalign) => {
    const { groups, groupInputs, groupOutputs } = options;
    check(
      { ...options, channels: groups * groupInputs, outputs: groups * groupOutputs },
      { binary: name, misalign },
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

test('refuses sums of products beyond int32 and scales that are no numbers', () => {
  const pack = convU8[0]!.pack!;
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
