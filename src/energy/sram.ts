import type { MemoryCosts } from './costTable.ts';

/** Sizes that the tables have no figure for: below the smallest nothing gets cheaper. */
export const smallestSram = 8 * 1024;
export const largestSram = 1024 * 1024;

/**
 * Energy of a 64-bit access to an SRAM, by interpolation in logarithms of size and energy. Below the
 * smallest size of the table its figure; above the largest it grows with the square root of the size.
 * @param bytes of the memory
 * @returns picojoules
 */
export function sramPj({ sram }: MemoryCosts, bytes: number): number {
  const first = sram[0]!;
  const last = sram.at(-1)!;
  if (bytes <= first.bytes) return first.pj;
  if (bytes > last.bytes) return last.pj * Math.sqrt(bytes / last.bytes);
  const above = sram.findIndex((point) => point.bytes >= bytes);
  const [from, to] = [sram[above - 1]!, sram[above]!];
  if (bytes === to.bytes) return to.pj;
  const exponent = Math.log(to.pj / from.pj) / Math.log(to.bytes / from.bytes);
  return from.pj * (bytes / from.bytes) ** exponent;
}

/** The next power of two, at least the smallest SRAM of the tables. */
export function roundUpSram(bytes: number): number {
  return Math.max(smallestSram, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
}
