import { isQuantized, type Tensor } from '../graph/tensor.ts';
import type { Counts } from './operator.ts';

/** What it takes to make `count` results of 8-bit operands' sums: 8 bits again, or real numbers. */
export function epilogueCounts(input: Tensor, output: Tensor, count: number): Counts {
  if (isQuantized(output)) return { requantizations: count };
  return isQuantized(input) ? { multiplications: count, additions: count } : {};
}

/** Of a mean: its sums are scaled, to 8 bits or as real numbers. */
export function meanCounts(output: Tensor, additions: number, outputs: number): Counts {
  return isQuantized(output)
    ? { additions, requantizations: outputs }
    : { additions, multiplications: outputs };
}
