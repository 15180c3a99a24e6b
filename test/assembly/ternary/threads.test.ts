import { describe, expect, test } from 'vitest';
import type { ConvU8Work, TernaryU8Work } from '../../../src/graph/work.ts';
import { outputPixels } from '../../../src/kernels/geometry.ts';
import type { Kernel } from '../../../src/kernels/kernel.ts';
import { ternaryRealU8 } from '../../../src/kernels/ternaryRealU8.ts';
import { splitInto } from '../../../src/plan/split.ts';
import { product } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSame } from '../int8/expectSame.ts';
import { realCase } from './realCase.ts';
import { ternaryCase } from './ternaryCase.ts';
import { ternaryKernels } from './ternaryKernels.ts';

const shapes = product({
  window: [
    [[1, 49], 1],
    [[1, 1], 1],
    [[7, 5], 3],
  ] as const,
  channels: [24, 300],
  outputs: [32, 80],
  zeros: [0.3, 0.9],
});

/** What the shares make up together, each done by itself; `parts` threads and no more. */
function inShares<W extends ConvU8Work | TernaryU8Work>(
  kernel: Kernel<W>,
  work: W,
  input: Uint8Array,
  parts: number,
  binary: string,
): Uint8Array {
  const whole = new Uint8Array(outputPixels(work) * work.outputChannels);
  const packs: Uint8Array[] = [];
  for (const share of splitInto(work, parts)) {
    const part = share.work as W;
    const own = input.subarray(share.inputOffsets[0] ?? 0);
    const output = new Uint8Array(outputPixels(part) * part.outputChannels);
    const [got] = runKernel(kernel, part, [own], [output], { binary });
    whole.set(got as Uint8Array, share.outputOffsets[0] ?? 0);
    if (share.packsAlike) packs.push(kernel.pack!(part));
  }
  for (const packed of packs) expectSame(packed, packs[0]!, `${kernel.name} packs`);
  return whole;
}

function check<W extends ConvU8Work | TernaryU8Work>(
  kernel: Kernel<W>,
  work: W,
  input: Uint8Array,
  binary: string,
): void {
  const one = inShares(kernel, work, input, 1, binary);
  for (const threads of [2, 3, 7]) {
    // Of few channels the plan takes another kernel.
    const fits = splitInto(work, threads).every((share) => kernel.fits(share.work as W));
    if (fits) expectSame(inShares(kernel, work, input, threads, binary), one, `${threads} threads`);
  }
}

describe.each(ternaryKernels)('$name in the $binary binary', ({ kernel, binary }) => {
  test('gives the same bits on any number of threads', () => {
    let count = 0;
    for (const { window, ...rest } of shapes) {
      const [map, size] = window;
      const { work, input } = ternaryCase({ ...rest, map, kernel: [size, size] });
      if (kernel.fits(work) === undefined) continue;
      check(kernel, work, input, binary);
      count++;
    }
    expect(count).toBe(shapes.length);
  });
});

test.each(binaryNames)('real scales give the same bits on any number of threads, %s', (binary) => {
  for (const { window, ...rest } of shapes) {
    const [map, size] = window;
    for (const isApart of [false, true]) {
      const { work, input } = realCase({ ...rest, map, kernel: [size, size], isApart });
      check(ternaryRealU8, work, input, binary);
    }
  }
});
