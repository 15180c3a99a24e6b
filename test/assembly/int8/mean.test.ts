import { expect, test } from 'vitest';
import { PlanError } from '../../../src/errors.ts';
import type { MeanU8Work } from '../../../src/graph/work.ts';
import { meanU8 } from '../../../src/kernels/meanU8.ts';
import { referenceMeanU8 } from '../../reference/meanU8.ts';
import { around, fillIntegers, fills, product } from '../../vocabulary.ts';
import { binaryNames, type RunOptions, runKernel } from '../harness.ts';
import { expectSame } from './expectSame.ts';

const kernel = meanU8[0]!;

function check(options: Partial<MeanU8Work> & { fill?: (typeof fills)[number] }, run?: RunOptions) {
  const { fill = 'random', ...rest } = options;
  const work: MeanU8Work = {
    family: 'meanU8',
    outer: 1,
    count: 9,
    inner: 8,
    inputZeroPoint: 117,
    scale: Math.fround(1 / (options.count ?? 9)),
    zeroPoint: 128,
    min: 0,
    max: 255,
    ...rest,
  };
  const input = new Uint8Array(work.outer * work.count * work.inner);
  fillIntegers(input, fill, 5, 0, 255);
  const output = new Uint8Array(work.outer * work.inner);
  const [got] = runKernel(kernel, work, [input], [output], run);
  expectSame(got, referenceMeanU8(work, input), JSON.stringify(options));
}

test.each(binaryNames)('%s: sizes', (binary) => {
  for (const { outer, count, inner } of product({
    outer: [1, 2, 3],
    count: [1, 2, 49, 255, 256, 257, 600],
    inner: around(8),
  })) {
    check({ outer, count, inner }, { binary, misalign: outer - 1 });
  }
});

test('values, zero points, scales and clamps', () => {
  for (const { fill, inputZeroPoint, zeroPoint, scale, bounds } of product({
    fill: fills,
    inputZeroPoint: [0, 128, 255],
    zeroPoint: [0, 5, 255],
    scale: [2 ** -20, 2 ** -8, 2 ** -1, 1, 3],
    bounds: [
      [0, 255],
      [128, 200],
    ] as const,
  })) {
    const [min, max] = bounds;
    check({ fill, inputZeroPoint, zeroPoint, scale, min, max, count: 300, inner: 3 });
  }
});

test('a mean whose sum passes 2^24', () => {
  for (const fill of ['highest', 'random'] as const) {
    check({ fill, count: 70001, inner: 2, inputZeroPoint: 0, zeroPoint: 0 });
  }
});

test('refuses sums beyond int32', () => {
  const work = { count: 2 ** 24 } as MeanU8Work;
  expect(() => kernel.pack!(work)).toThrow(PlanError);
});
