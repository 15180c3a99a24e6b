import type { Work } from '../graph/work.ts';
import { nanosecondsOf } from './cost.ts';
import type { Share } from './share.ts';
import { splitBinary, splitCopy, splitMatMul } from './splitAxes.ts';
import { splitRows } from './splitRows.ts';
import { splitRun } from './splitRun.ts';

/** A part that takes less is not worth meeting for: a barrier costs a quarter of it. */
const leastNanoseconds = 1000;

/**
 * The work as shares that give the same bits, each in memory of its own.
 * @param threads how many shares there may be
 * @returns fewer where the work is small, and the whole where it cannot be split
 */
export function split(work: Work, threads: number): readonly Share[] {
  const worth = Math.floor(nanosecondsOf(work) / leastNanoseconds);
  return splitInto(work, Math.min(threads, worth));
}

/** The work in `parts` shares, or fewer, however small they are. */
export function splitInto(work: Work, parts: number): readonly Share[] {
  const shares = parts < 2 ? [] : sharesOf(work, parts);
  return shares.length > 1
    ? shares
    : [{ work, inputOffsets: [], outputOffsets: [], packsAlike: true }];
}

function sharesOf(work: Work, parts: number): readonly Share[] {
  switch (work.family) {
    case 'convU8':
    case 'ternaryU8':
    case 'convF32':
    case 'pool':
    case 'resizeLinear':
    case 'resizeNearest':
      return splitRows(work, parts);
    case 'binaryU8':
    case 'binaryF32':
      return splitBinary(work, parts);
    case 'copy':
      return splitCopy(work, parts);
    case 'matMulF32':
      return splitMatMul(work, parts);
    case 'dynamicQuantize':
      // The range of all numbers comes before the first of them is written.
      return [];
    default:
      return splitRun(work, parts);
  }
}
