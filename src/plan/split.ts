import type { Work } from '../graph/work.ts';

/** A part of a piece of work, to be done beside the others. */
export interface Share {
  readonly work: Work;
  /** Where its operands begin, in bytes from those of the whole. */
  readonly inputOffsets: readonly number[];
  readonly outputOffsets: readonly number[];
  /** Kernels pack the same for all parts. */
  readonly packsAlike: boolean;
}

/** The work as shares for up to `threads` threads; as one where it is too small to be split. */
export function split(work: Work, _threads: number): readonly Share[] {
  return [{ work, inputOffsets: [], outputOffsets: [], packsAlike: true }];
}
