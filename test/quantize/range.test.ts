import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram, union } from '../../src/quantize/range.ts';

const numbers = fc.float32Array({ noNaN: true, noDefaultInfinity: true, minLength: 1 });

test('the whole range holds every number, and 0', () => {
  const property = fc.property(fc.array(numbers, { minLength: 1 }), (parts) => {
    const histogram = new Histogram();
    for (const part of parts) histogram.add(part);
    const all = [0, ...parts.flatMap((part) => [...part])];
    // Subnormal numbers have no bins of their own, but count as bounds.
    expect(histogram.whole).toEqual({ low: Math.min(...all), high: Math.max(...all) });
  });
  fc.assert(property);
});

test('100 percent are all numbers, to the width of a bin', () => {
  const histogram = new Histogram();
  histogram.add(Float32Array.of(-3, 0.25, 1, 7));
  const { low, high } = histogram.percentile(100);
  expect(low).toBeGreaterThanOrEqual(-3);
  expect(low).toBeLessThan(-2.99);
  expect(high).toBe(7);
});

test('a percentile cuts as many numbers off on either side', () => {
  const histogram = new Histogram();
  // 1000 numbers, of which 2 lie far out below and 3 above.
  const data = Float32Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (i / 1000));
  data.set([-100, -90, 50, 60, 70]);
  histogram.add(data);
  const tight = histogram.percentile(99.3);
  expect(tight.low).toBeGreaterThan(-1.1);
  expect(tight.high).toBeLessThan(1.1);
  // 2 of either side: the third from above is the bound.
  const wide = histogram.percentile(99.6);
  expect(wide.low).toBeGreaterThan(-1.1);
  expect(wide.high).toBeGreaterThan(49);
  expect(wide.high).toBeLessThan(51);
});

test('numbers in another order, and growing ones, give the same bins', () => {
  const data = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i) * 1.01 ** (i / 10));
  const [once, parts] = [new Histogram(), new Histogram()];
  once.add(data);
  for (let i = 0; i < data.length; i += 50) parts.add(data.subarray(i, i + 50));
  for (const percent of [90, 99, 99.9]) {
    const [a, b] = [once.percentile(percent), parts.percentile(percent)];
    expect(b.low).toBeCloseTo(a.low, 1);
    expect(b.high).toBeCloseTo(a.high, 1);
  }
});

test('zeros alone are a range of nothing', () => {
  const histogram = new Histogram();
  histogram.add(new Float32Array(10));
  expect(histogram.percentile(99)).toEqual({ low: 0, high: 0 });
  expect(histogram.whole).toEqual({ low: 0, high: 0 });
});

test('the union of ranges', () => {
  expect(union({ low: -1, high: 2 }, { low: -3, high: 1 })).toEqual({ low: -3, high: 2 });
});
