import type { ConvU8Work } from '../graph/work.ts';
import { windowSize } from './geometry.ts';

/*
 * How the lists of assembly/ternary/sums.ts are cut. It follows from the weights alone, which
 * threads share.
 */

/** Inputs whose sums are tabulated together. */
export type TupleSize = 1 | 2 | 3;

export interface SumsLayout {
  readonly tupleSize: TupleSize;
  /** The tuples of a chunk; the last may have fewer. */
  readonly chunkTuples: number;
  readonly chunkCount: number;
  readonly tableBytes: number;
}

/** Bytes of an entry of the tables. */
export const entryBytes = 64;
/** A channel's weights in a chunk that are not 0: 128 times as many fit 16 bits. */
const mostWeights = 255;
/**
 * Inputs of a chunk: tables of 34 kB, but for triples of 73 kB. Where they leave L1 the sums are slower,
 * but sums that are widened more often are slower still (Zen 4: 32 kB of L1, 1 MB of L2).
 */
const chunkInputs: Readonly<Record<TupleSize, number>> = { 1: 528, 2: 264, 3: 264 };

export function entriesOf(tupleSize: TupleSize): number {
  return (3 ** tupleSize - 1) / 2;
}

const known = new WeakMap<ConvU8Work['weights'], Map<TupleSize, SumsLayout>>();

export function sumsLayout(work: ConvU8Work, tupleSize: TupleSize): SumsLayout {
  const layouts = known.get(work.weights) ?? new Map<TupleSize, SumsLayout>();
  known.set(work.weights, layouts);
  const layout = layouts.get(tupleSize) ?? findLayout(work, tupleSize);
  layouts.set(tupleSize, layout);
  return layout;
}

function findLayout(work: ConvU8Work, tupleSize: TupleSize): SumsLayout {
  const tuples = Math.ceil(windowSize(work) / tupleSize);
  // Chunks as even as they can be.
  const wanted = Math.ceil(tuples / Math.ceil((tuples * tupleSize) / chunkInputs[tupleSize]));
  const safe = Math.floor(mostWeights / tupleSize);
  const chunkTuples = fitsSums(work, wanted * tupleSize)
    ? wanted
    : Math.ceil(tuples / Math.ceil(tuples / safe));
  return {
    tupleSize,
    chunkTuples,
    chunkCount: Math.ceil(tuples / chunkTuples),
    tableBytes: entryBytes * (1 + chunkTuples * entriesOf(tupleSize)),
  };
}

/** Whether no channel has more weights in a chunk than 16 bits hold the sum of. */
function fitsSums(work: ConvU8Work, inputs: number): boolean {
  const { weights } = work;
  const k = windowSize(work);
  for (let row = 0; row < weights.length; row += k) {
    for (let first = 0; first < k; first += inputs) {
      const end = row + Math.min(k, first + inputs);
      // So many must be 0: few are looked at.
      let missing = end - row - first - mostWeights;
      for (let i = row + first; missing > 0 && i < end; i++) if (weights[i] === 0) missing--;
      if (missing > 0) return false;
    }
  }
  return true;
}
