import { expect, test } from 'vitest';
import type { ConvU8Work } from '../../src/graph/work.ts';
import { convU8 } from '../../src/kernels/convU8.ts';
import { depthwiseColumnsU8 } from '../../src/kernels/depthwiseColumnsU8.ts';
import { depthwiseU8 } from '../../src/kernels/depthwiseU8.ts';
import type { Kernel } from '../../src/kernels/kernel.ts';
import { canSum } from '../../src/kernels/ternarySums.ts';
import { canShareWords, canSumBytes } from '../../src/kernels/ternaryU8.ts';
import { countedMacs } from '../assembly/harness.ts';
import { type ConvOptions, convCase, runConv } from '../assembly/int8/convCase.ts';
import { ternaryCase } from '../assembly/ternary/ternaryCase.ts';
import { around, product } from '../vocabulary.ts';

/** Sizes and types that no model has; counting.test.ts has the models. */
function check(kernel: Kernel<ConvU8Work>, options: ConvOptions, reach = 127): boolean {
  const example = convCase(options);
  const weights = example.work.weights.map((weight) => weight % (reach + 1));
  const work = { ...example.work, weights };
  if (kernel.fits(work) === undefined) return false;
  const binary = kernel.dots?.quads === 'signed' ? 'signed' : 'unsigned';
  countedMacs(binary);
  runConv([kernel], { ...example, work }, { binary });
  const { macs } = kernel.executes!(work, kernel.pack!(work));
  expect(macs, JSON.stringify({ ...options, reach })).toBe(countedMacs(binary));
  return true;
}

const isTernary = ({ name }: Kernel<ConvU8Work>) => name.startsWith('conv_u8t2');
const named = (kernels: readonly Kernel<ConvU8Work>[]) =>
  kernels.map((kernel) => [kernel.name, kernel] as const);

test.each(named(convU8.filter((kernel) => !isTernary(kernel))))('%s', (_, kernel) => {
  let count = 0;
  for (const { pixels, outputs, type, scale, window, reach } of product({
    pixels: [...around(4), 6, 11],
    outputs: [3, 8, 9, 16, 17, 40],
    type: ['u8', 'i32', 'f32'] as const,
    // With the second one accumulators are large.
    scale: [undefined, 300],
    window: [1, 3],
    reach: [30, 60],
  })) {
    const rest = { kernel: [window, window], pads: [1, 1, 1, 1], channels: 24 } as const;
    if (check(kernel, { ...rest, map: [3, pixels], outputs, type, scale: scale! }, reach)) count++;
  }
  expect(count).toBeGreaterThan(0);
});

/** Whether a kernel for ternary weights can do the work, were it fast or not. */
function canDo({ name }: Kernel<ConvU8Work>, work: ConvU8Work): boolean {
  if (name.startsWith('conv_u8t2_2x16c4')) return canSumBytes(work);
  return name === 'conv_u8t2_2x32' ? canShareWords(work) : canSum(work);
}

test.each(named(convU8.filter(isTernary)))('%s', (_, kernel) => {
  const able = {
    ...kernel,
    fits: (work: ConvU8Work) => (canDo(kernel, work) ? 'it can' : undefined),
  };
  const binary = kernel.dots?.quads === 'signed' ? 'signed' : 'unsigned';
  let count = 0;
  for (const { pixels, rows, outputs, type, window } of product({
    pixels: [...around(4), 11],
    rows: [1, 3],
    outputs: [16, 17, 32, 40, 70],
    type: ['u8', 'i32', 'f32'] as const,
    window: [1, 3],
  })) {
    const rest = { kernel: [window, window], pads: [1, 1, 1, 1], channels: 24 } as const;
    const options: ConvOptions = { ...rest, map: [rows, pixels], outputs, type };
    const { work, ...operands } = ternaryCase(options);
    if (able.fits(work) === undefined) continue;
    countedMacs(binary);
    runConv([able], { work, ...operands }, { binary });
    const { macs } = able.executes!(work, able.pack!(work));
    expect(macs, JSON.stringify(options)).toBe(countedMacs(binary));
    count++;
  }
  expect(count).toBeGreaterThan(0);
});

test('groups, in words', () => {
  const words = convU8.at(-1)!;
  for (const { outputs, pixels } of product({ outputs: [6, 16, 34], pixels: around(4) })) {
    const options = { map: [pixels, 5], channels: 6, outputs, groups: 2, batch: 2 } as const;
    expect(check(words, options)).toBe(true);
  }
});

const wide = depthwiseColumnsU8.at(-1)!;
const depthwise = [
  depthwiseU8,
  // Where it would not pay it has to be counted all the same.
  ...depthwiseColumnsU8.map((kernel) => ({ ...kernel, fits: wide.fits })),
];

test.each(depthwise.map((kernel) => [kernel.name, kernel] as const))('%s', (_, kernel) => {
  for (const { size, height, width, stride, channels, reach } of product({
    size: [3, 5],
    height: [1, 2, 5],
    width: [...around(4), 33],
    stride: [1, 2],
    channels: [8, 12, 16, 33],
    reach: [20, 64, 127],
  })) {
    const options: ConvOptions = {
      kernel: [size, size],
      pads: [2, 1, 2, 3],
      map: [height, width],
      stride: [stride, stride],
      ...{ channels, outputs: channels, groups: channels, batch: 2 },
    };
    expect(check(kernel, options, reach)).toBe(true);
  }
});
