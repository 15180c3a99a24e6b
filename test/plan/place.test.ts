import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alignUp } from '../../src/plan/align.ts';
import { type Lifetime, place } from '../../src/plan/place.ts';

const lifetime = fc
  .record({ bytes: fc.integer({ min: 0, max: 5000 }), first: fc.nat(30), length: fc.nat(10) })
  .map(({ bytes, first, length }): Lifetime => ({ bytes, first, last: first + length }));

test('blocks that live at the same time never overlap, and start at cache lines', () => {
  const property = fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
    const { offsets, bytes } = place(lifetimes);
    for (const [i, a] of lifetimes.entries()) {
      expect(offsets[i]! % 64).toBe(0);
      expect(offsets[i]! + a.bytes).toBeLessThanOrEqual(bytes);
      for (const [j, b] of lifetimes.entries()) {
        if (i === j || a.first > b.last || b.first > a.last) continue;
        const apart = offsets[i]! + a.bytes <= offsets[j]! || offsets[j]! + b.bytes <= offsets[i]!;
        expect(apart).toBe(true);
      }
    }
  });
  fc.assert(property, { seed: 20260101, numRuns: 300 });
});

test('a chain needs the two largest neighbours and no more', () => {
  const sizes = [640, 1280, 6400, 3200, 64, 5000];
  const chain = sizes.map((bytes, i) => ({ bytes, first: i, last: i + 1 }));
  const pairs = sizes.slice(1).map((bytes, i) => alignUp(bytes) + alignUp(sizes[i]!));
  expect(place(chain).bytes).toBe(Math.max(...pairs));
});

test('nothing takes nothing', () => {
  expect(place([])).toEqual({ offsets: [], bytes: 0 });
});
