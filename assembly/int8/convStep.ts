import { Dot } from '../simd/dot';

/** The products of int8/conv.ts, by its T. `ones` has 1 in each 16-bit lane. */
export class ConvStep {
  /** acc and the products of four bytes in each 32-bit lane. */
  @inline
  static add<T>(acc: v128, weights: v128, input: v128, ones: v128): v128 {
    if (sizeof<T>() === 2) return Dot.pairs(acc, weights, input);
    if (isSigned<T>()) return Dot.quads(acc, weights, input);
    return Dot.quadsByPairs(acc, weights, input, ones);
  }
}
