/** Dot products, the same numbers in both binaries. */
export class Dot {
  /** acc + a0 b0 + a1 b1 in each 32-bit lane, of 16-bit pairs. */
  @inline
  static pairs(acc: v128, a: v128, b: v128): v128 {
    return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
  }
}
