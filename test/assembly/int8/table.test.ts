import { expect, test } from 'vitest';
import { flip, hardSwish, table } from '../../../src/kernels/table.ts';
import { around, fillIntegers, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSame } from './expectSame.ts';

test.each(binaryNames)('%s: every byte meets its entry', (binary) => {
  const next = random(11);
  const entries = Uint8Array.from({ length: 256 }, () => 256 * next());
  for (const { count, fill, inPlace, misalign } of product({
    count: [...around(8), ...around(64), 1024],
    fill: ['random', 'ramp', 'highest', 'lowest'] as const,
    inPlace: [false, true],
    misalign: [0, 1],
  })) {
    const input = new Uint8Array(count);
    fillIntegers(input, fill, 3, 0, 255);
    const work = { family: 'table', table: entries, count } as const;
    const run = { binary, inPlace, misalign };
    const [got] = runKernel(table, work, [input], [new Uint8Array(count)], run);
    expectSame(
      got,
      input.map((byte) => entries[byte]!),
      `${count} ${fill}`,
    );
  }
});

test.each(binaryNames)('%s: turns the sign bit', (binary) => {
  const entries = Uint8Array.from({ length: 256 }, (_, i) => i ^ 128);
  for (const { count, inPlace, misalign } of product({
    count: [...around(16), 300],
    inPlace: [false, true],
    misalign: [0, 1],
  })) {
    const input = new Uint8Array(count);
    fillIntegers(input, 'ramp', 3, 0, 255);
    const work = { family: 'table', table: entries, count } as const;
    const run = { binary, inPlace, misalign };
    const [got] = runKernel(flip, work, [input], [new Uint8Array(count)], run);
    expectSame(
      got,
      input.map((byte) => byte ^ 128),
      `${count}`,
    );
  }
  const other = { family: 'table', table: entries.with(7, 0), count: 1 } as const;
  expect(flip.fits(other)).toBeUndefined();
});

/** Hard-swish of int8 numbers that stand 128 higher, by the float32 steps that make a table. */
function hardSwishTable(
  scale: number,
  zeroPoint: number,
  out: number,
  outZero: number,
): Uint8Array {
  const f = Math.fround;
  return Uint8Array.from({ length: 256 }, (_, i) => {
    const x = f((i - zeroPoint) * f(scale));
    const real = f(x * Math.min(Math.max(f(f(x * f(1 / 6)) + 0.5), 0), 1));
    return Math.min(Math.max(Math.round(f(real / f(out))) + outZero, 0), 255);
  });
}

test.each(binaryNames)('%s: hard-swish in 16 bits, every byte', (binary) => {
  const step = 3 / 88;
  const out = ((step ** 2 * 128) / 6) * (1 - 2e-6);
  for (const { zeroPoint, outZero, count, inPlace, misalign } of product({
    zeroPoint: [88, 89, 120],
    outZero: [15, 16],
    count: [256, 16, 4096],
    inPlace: [false, true],
    misalign: [0, 1],
  })) {
    const entries = hardSwishTable(step, zeroPoint, out, outZero);
    const input = new Uint8Array(count);
    fillIntegers(input, 'ramp', 3, 0, 255);
    const work = { family: 'table', table: entries, count } as const;
    expect(hardSwish.fits(work)).toBeDefined();
    const run = { binary, inPlace, misalign };
    const [got] = runKernel(hardSwish, work, [input], [new Uint8Array(count)], run);
    expectSame(
      got,
      input.map((byte) => entries[byte]!),
      `${zeroPoint} ${outZero} ${count}`,
    );
  }
});

test('other tables and counts are none of its own', () => {
  const entries = hardSwishTable(3 / 88, 88, (3 / 88) ** 2 * (128 / 6) * (1 - 2e-6), 15);
  const fits = (table: Uint8Array, count = 64) => hardSwish.fits({ family: 'table', table, count });
  expect(fits(entries)).toBeDefined();
  expect(fits(entries, 63)).toBeUndefined();
  for (const i of [0, 1, 40, 87, 88, 89, 200, 255])
    expect(fits(entries.with(i, entries[i]! ^ 1))).toBeUndefined();
  expect(fits(hardSwishTable(0.03, 88, 0.025, 15))).toBeUndefined();
  expect(fits(Uint8Array.from({ length: 256 }, (_, i) => i))).toBeUndefined();
  expect(fits(new Uint8Array(256))).toBeUndefined();
});
