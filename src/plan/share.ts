import type { Work } from '../graph/work.ts';

/** A part of a piece of work, to be done beside the others. */
export interface Share {
  readonly work: Work;
  /** Where its operands begin, in bytes from those of the whole; 0 where nothing stands. */
  readonly inputOffsets: readonly number[];
  readonly outputOffsets: readonly number[];
  /** A kernel packs the same for this part as for the first. */
  readonly packsAlike: boolean;
}

export interface Range {
  readonly first: number;
  readonly count: number;
}

/** 0 to `total` in at most `parts` ranges of whole units, as even as can be; none is empty. */
export function ranges(total: number, parts: number, unit = 1): Range[] {
  const units = Math.ceil(total / unit);
  const count = Math.min(parts, units);
  const bound = (part: number): number =>
    Math.min(total, unit * Math.floor((part * units) / count));
  return Array.from({ length: count }, (_, part) => ({
    first: bound(part),
    count: bound(part + 1) - bound(part),
  }));
}

/** One element per channel, of which a part has some: those of its channels. */
export function slice<T extends { readonly length: number; subarray(from: number, to: number): T }>(
  perChannel: T,
  { first, count }: Range,
): T {
  return perChannel.subarray(first, first + count);
}
