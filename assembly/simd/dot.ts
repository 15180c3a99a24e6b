/** Dot products, the same numbers in both binaries. */
export class Dot {
  /** acc + a0 b0 + a1 b1 in each 32-bit lane, of 16-bit pairs. */
  @inline
  static pairs(acc: v128, a: v128, b: v128): v128 {
    return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
  }

  /**
   * acc + Σ a b over the four bytes of each 32-bit lane, a signed and b unsigned. The relaxed
   * instruction gives this on some machines only: src/kernels/probe.ts finds out.
   */
  @inline
  static quads(acc: v128, a: v128, b: v128): v128 {
    if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, acc);
    return Dot.quadsOfBaseline(acc, a, b);
  }

  /** Not inlined: no plan chooses a kernel of quads on the baseline, it stands there to be tested. */
  static quadsOfBaseline(acc: v128, a: v128, b: v128): v128 {
    const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_u(b));
    const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), i16x8.extend_high_i8x16_u(b));
    const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
    return i32x4.add(acc, i32x4.add(even, odd));
  }
}
