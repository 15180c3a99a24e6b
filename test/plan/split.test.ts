import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Family, Work } from '../../src/graph/work.ts';
import { type Binary, supports } from '../../src/kernels/binaries.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { ranges } from '../../src/plan/share.ts';
import { split, splitInto } from '../../src/plan/split.ts';
import { convCase } from '../assembly/int8/convCase.ts';
import { engineOf, runShares } from './runShares.ts';
import { shareCases } from './shareCases.ts';

const families = Object.keys(shareCases).filter((f) => f !== 'dynamicQuantize') as Family[];
const binaries = (['baseline', 'relaxed'] as const).filter(supports);
const rows = families.flatMap((family) => binaries.map((binary) => [family, binary] as const));

describe.each(rows)('%s, %s', (family, binary: Binary) => {
  test('shares make up the whole, in any order, however many', async () => {
    const engine = await engineOf(binary);
    const seen = new Set<number>();
    fc.assert(
      fc.property(shareCases[family], fc.constantFrom(2, 3, 5, 64), (c, parts) => {
        const whole = runShares(engine, c, splitInto(c.work, 1));
        const shares = splitInto(c.work, parts);
        seen.add(Math.min(shares.length, 4));
        expect(shares.length).toBeLessThanOrEqual(parts);
        expect(Buffer.compare(runShares(engine, c, shares), whole)).toBe(0);
        expect(Buffer.compare(runShares(engine, c, shares.toReversed()), whole)).toBe(0);
      }),
      { numRuns: 300 },
    );
    // Whole, in two, in three, in more: all have been looked at.
    expect([...seen].sort()).toEqual([1, 2, 3, 4]);
  });

  test('kernels pack alike for shares that say so', async () => {
    const { dots } = await engineOf(binary);
    fc.assert(
      fc.property(shareCases[family], fc.constantFrom(2, 3), ({ work }, parts) => {
        const { kernel } = chooseKernel(work, 'test', dots);
        const alike = splitInto(work, parts).filter(
          (share) => share.packsAlike && kernel.fits(share.work) !== undefined,
        );
        const packs = alike.map((share) => kernel.pack?.(share.work));
        for (const packed of packs) {
          const isSame = packed === packs[0] || Buffer.compare(packed!, packs[0]!) === 0;
          expect(isSame, kernel.name).toBe(true);
        }
      }),
    );
  });
});

test('a range of all is cut into even ranges of whole units, none of them empty', () => {
  expect(ranges(10, 3)).toEqual([
    { first: 0, count: 3 },
    { first: 3, count: 3 },
    { first: 6, count: 4 },
  ]);
  expect(ranges(2, 5)).toHaveLength(2);
  expect(ranges(0, 5)).toEqual([]);
  expect(ranges(100, 2, 64)).toEqual([
    { first: 0, count: 64 },
    { first: 64, count: 36 },
  ]);
});

test('what cannot be shared stays whole', () => {
  const whole = (work: Work): void => expect(splitInto(work, 4)).toHaveLength(1);
  whole({ family: 'dynamicQuantize', count: 1e6 });
  whole({ family: 'meanF32', outer: 1, count: 1e6, inner: 1 });
  whole(convCase({ map: [3, 3], kernel: [3, 3], channels: 64, outputs: 64, groups: 64 }).work);
});

test('small work is not shared, and larger work among more threads', () => {
  const table = new Uint8Array(256);
  const shares = (count: number): number => split({ family: 'table', table, count }, 16).length;
  expect(shares(1000)).toBe(1);
  expect(shares(1e7)).toBe(16);
  expect(shares(20_000)).toBeGreaterThan(1);
  expect(shares(20_000)).toBeLessThan(16);
});

test('layers are cut where it costs least', () => {
  const outputs = (options: Parameters<typeof convCase>[0]) =>
    splitInto(convCase(options).work, 2).map(({ work }) => {
      if (work.family !== 'convU8') throw new Error('a share of another family');
      return [work.outputHeight, work.outputWidth, work.outputChannels];
    });
  // Pixels of 1x1 windows, rows of others, channels of a fully connected layer.
  expect(outputs({ map: [7, 7], channels: 8, outputs: 24 })).toEqual([
    [1, 24, 24],
    [1, 25, 24],
  ]);
  expect(outputs({ map: [7, 7], kernel: [3, 3], pads: [1, 1, 1, 1], outputs: 24 })).toEqual([
    [3, 7, 24],
    [4, 7, 24],
  ]);
  expect(outputs({ map: [1, 1], channels: 8, outputs: 40 })).toEqual([
    [1, 1, 16],
    [1, 1, 24],
  ]);
});
