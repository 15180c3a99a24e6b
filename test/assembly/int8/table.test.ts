import { expect, test } from 'vitest';
import { flip, table } from '../../../src/kernels/table.ts';
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
