import { elementCount } from '../graph/shape.ts';
import { allocate, type DType, type TypedArray } from '../graph/tensor.ts';

/** Uniform in [0, 1), the same numbers for the same seed: mulberry32. */
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

/** Fills an array: bytes over their whole range, floats from -1 to 1, other integers small. */
export function fillRandom<A extends TypedArray>(array: A, next: () => number): A {
  if (array instanceof BigInt64Array) return array.map(() => BigInt(Math.floor(next() * 2))) as A;
  const [low, range] =
    array instanceof Float32Array
      ? [-1, 2]
      : array instanceof Int8Array
        ? [-128, 256]
        : array instanceof Uint8Array
          ? [0, 256]
          : [-1000, 2000];
  const isFloat = array instanceof Float32Array;
  for (let i = 0; i < array.length; i++) {
    const value = low + range * next();
    array[i] = isFloat ? value : Math.floor(value);
  }
  return array;
}

/** Random numbers for each input of a model, always the same. */
export function randomInputs(
  inputs: readonly { readonly dtype: DType; readonly shape: readonly number[] }[],
): TypedArray[] {
  const next = random(1);
  return inputs.map(({ dtype, shape }) => fillRandom(allocate(dtype, elementCount(shape)), next));
}
