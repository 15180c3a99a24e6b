import { alignUp } from './align.ts';

/** A block of memory that must exist from the step `first` to the step `last`, both included. */
export interface Lifetime {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Placement {
  /** In the order of the lifetimes. */
  readonly offsets: readonly number[];
  readonly bytes: number;
}

/**
 * Offsets such that blocks that live at the same time do not overlap: the largest first, each in
 * the smallest gap that takes it (greedy by size: Pisarchyk and Lee, Efficient Memory Management
 * for Deep Neural Net Inference, 2020, section 5.2).
 */
export function place(lifetimes: readonly Lifetime[]): Placement {
  const offsets = new Array<number>(lifetimes.length).fill(0);
  const order = [...lifetimes.keys()].sort((a, b) => lifetimes[b]!.bytes - lifetimes[a]!.bytes);
  /** Placed blocks by offset. */
  const placed: number[] = [];
  let total = 0;
  for (const i of order) {
    const { bytes, first, last } = lifetimes[i]!;
    const size = alignUp(bytes);
    let best = -1;
    let bestGap = Number.POSITIVE_INFINITY;
    let end = 0;
    for (const j of placed) {
      const other = lifetimes[j]!;
      if (other.first > last || other.last < first) continue;
      const gap = offsets[j]! - end;
      if (gap >= size && gap < bestGap) {
        best = end;
        bestGap = gap;
      }
      end = Math.max(end, offsets[j]! + alignUp(other.bytes));
    }
    const offset = best >= 0 ? best : end;
    offsets[i] = offset;
    total = Math.max(total, offset + size);
    const at = placed.findIndex((j) => offsets[j]! > offset);
    placed.splice(at < 0 ? placed.length : at, 0, i);
  }
  return { offsets, bytes: total };
}
