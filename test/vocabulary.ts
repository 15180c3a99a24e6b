/** The cases that every kernel test draws from. */
import type { Model } from '../src/run/model.ts';

/** Sizes around a tile of `t`. */
export function around(t: number): number[] {
  return [...new Set([1, t - 1, t, t + 1, 2 * t - 1, 2 * t, 3 * t + 1])].filter((n) => n > 0);
}

/** Every combination of the rows' values. */
export function product<T extends Record<string, readonly unknown[]>>(
  rows: T,
): { [K in keyof T]: T[K][number] }[] {
  let result: Record<string, unknown>[] = [{}];
  for (const [key, values] of Object.entries(rows)) {
    result = result.flatMap((row) => values.map((value) => ({ ...row, [key]: value })));
  }
  return result as { [K in keyof T]: T[K][number] }[];
}

/** Uniform in [0, 1), reproducible: mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const maps = [
  [1, 1],
  [1, 9],
  [9, 1],
  [2, 2],
  [5, 7],
  [15, 7],
  [32, 32],
] as const;

export const fills = [
  'random',
  'lowest',
  'highest',
  'alternating',
  'zeros',
  'ramp',
  'one',
] as const;
export type Fill = (typeof fills)[number];

/** Integers from `low` to `high` in the manner of `fill`. */
export function fillIntegers(
  target: Uint8Array | Int8Array,
  fill: Fill,
  seed: number,
  low: number,
  high: number,
): void {
  const next = random(seed);
  const middle = Math.max(low, Math.min(high, 0));
  for (let i = 0; i < target.length; i++) {
    switch (fill) {
      case 'random':
        target[i] = low + Math.floor(next() * (high - low + 1));
        break;
      case 'lowest':
        target[i] = low;
        break;
      case 'highest':
        target[i] = high;
        break;
      case 'alternating':
        target[i] = i % 2 === 0 ? low : high;
        break;
      case 'zeros':
        target[i] = middle;
        break;
      case 'ramp':
        target[i] = low + (i % (high - low + 1));
        break;
      case 'one':
        target[i] = i === Math.floor(target.length / 2) ? middle + 1 : middle;
        break;
    }
  }
}

/** Random pixels for one of our own networks, which take bytes or real numbers around 0. */
export function randomInput(model: Model, seed: number): Uint8Array | Float32Array {
  const next = random(seed);
  const { shape, dtype } = model.inputs[0]!;
  const length = shape.reduce((a, b) => a * b);
  return dtype === 'uint8'
    ? Uint8Array.from({ length }, () => 256 * next())
    : Float32Array.from({ length }, () => next() * 4 - 2);
}
