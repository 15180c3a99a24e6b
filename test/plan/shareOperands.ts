import fc from 'fast-check';
import type { Work } from '../../src/graph/work.ts';
import { random } from '../vocabulary.ts';

/** A piece of work, the bytes of its operands, and how many bytes come out. */
export interface ShareCase {
  readonly work: Work;
  readonly inputs: readonly Uint8Array[];
  readonly outputBytes: number;
}

export const size = (max: number) => fc.integer({ min: 1, max });
export const seed = fc.nat();

export function bytes(count: number, from: number): Uint8Array {
  const next = random(from);
  return Uint8Array.from({ length: count }, () => 256 * next());
}

export function floats(count: number, from: number): Float32Array {
  const next = random(from);
  return Float32Array.from({ length: count }, () => 8 * next() - 4);
}

export function floatBytes(count: number, from: number): Uint8Array {
  return new Uint8Array(floats(count, from).buffer);
}

/** Positive, so that they can be scales. */
export function scales(count: number, from: number): Float32Array {
  return floats(count, from).map((x) => 0.01 + Math.abs(x) / 8);
}
