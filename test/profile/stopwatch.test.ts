import { expect, test } from 'vitest';
import { isSettled, median, quantile, spread } from '../../src/profile/statistics.ts';
import { Stopwatch } from '../../src/profile/stopwatch.ts';
import { FakeMachine } from './clock.ts';

test('a stopwatch finds what its clock tells apart, and the cost of reading it', () => {
  const coarse = new Stopwatch(new FakeMachine({ stepMs: 0.1 }));
  expect(coarse.resolutionMs).toBeCloseTo(0.1, 6);
  expect(coarse.overheadMs).toBeCloseTo(0, 6);
  const fine = new Stopwatch({ now: counter(), spin: () => undefined });
  expect(fine.resolutionMs).toBeCloseTo(1, 6);
  expect(fine.overheadMs).toBeCloseTo(1, 6);
  expect(fine.time(() => undefined)).toBe(0);

  function counter(): () => number {
    let reads = 0;
    return () => ++reads;
  }
});

test('time is what passes in the call', () => {
  const machine = new FakeMachine({ stepMs: 0.001 });
  const watch = new Stopwatch(machine);
  const ms = watch.time(() => {
    machine.time += 5;
  });
  expect(ms).toBeCloseTo(5, 2);
});

test('a slow calibration is a disturbance', () => {
  let slowness = 1;
  const watch = new Stopwatch(new FakeMachine({ stepMs: 0.001, slowness: () => slowness }));
  expect(watch.isQuiet()).toBe(true);
  slowness = 1.05;
  expect(watch.isQuiet()).toBe(true);
  slowness = 1.3;
  expect(watch.isQuiet()).toBe(false);
  slowness = 1;
  expect(watch.isQuiet()).toBe(true);
});

test('a machine that is slower for good becomes quiet again', () => {
  let slowness = 1;
  const watch = new Stopwatch(new FakeMachine({ stepMs: 0.001, slowness: () => slowness }));
  slowness = 1.5;
  let tries = 0;
  while (!watch.isQuiet() && tries < 5000) tries++;
  expect(tries).toBeGreaterThan(100);
  expect(tries).toBeLessThan(2000);
});

test('quantiles stand between samples', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(quantile([1, 2, 3, 4, 5], 0.25)).toBe(2);
  expect(spread([1, 2, 3, 4, 5])).toBeCloseTo(2 / 3);
  expect(median([])).toBeNaN();
});

test('samples that became faster are not settled', () => {
  expect(isSettled([1, 1, 1, 1.2, 1, 1.1], 0)).toBe(true);
  expect(isSettled([1, 1, 1, 9, 1, 1], 0)).toBe(true);
  expect(isSettled([3, 3, 3, 1, 1, 1], 0)).toBe(false);
  // Becoming slower is a disturbance, which is looked for elsewhere.
  expect(isSettled([1, 1, 1, 3, 3, 3], 0)).toBe(true);
  expect(isSettled([3, 3, 3, 1, 1, 1], 5)).toBe(true);
});
