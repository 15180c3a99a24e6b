import { Count } from './count';
import { hasSignedBytes } from './machine';

/**
 * Dot products. Those of bytes differ between machines: src/kernels/probe.ts finds out what the
 * relaxed instructions compute, and a kernel that is made of them runs only where it is exact.
 */
export class Dot {
  /** acc + a0 b0 + a1 b1 in each 32-bit lane, of 16-bit pairs. */
  @inline
  static pairs(acc: v128, a: v128, b: v128): v128 {
    Count.macs(8);
    return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
  }

  /** acc + s0 + s1 in each 32-bit lane, of pairs of 16-bit sums; `ones` as in `quadsByPairs`. */
  @inline
  static sums(acc: v128, pairs: v128, ones: v128): v128 {
    return i32x4.add(acc, i32x4.dot_i16x8_s(pairs, ones));
  }

  /**
   * acc + Σ a b over the four bytes of each 32-bit lane, a signed. Where b is signed too, a pair of
   * products may wrap at 16 bits: those of (-128, -128) by itself, and no other.
   */
  @inline
  static quads(acc: v128, a: v128, b: v128): v128 {
    Count.macs(16);
    if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, acc);
    return Dot.emulatedQuads(acc, a, b);
  }

  /** a0 b0 + a1 b1 in each 16-bit lane, of pairs of bytes, a signed. */
  @inline
  static bytePairs(a: v128, b: v128): v128 {
    Count.macs(16);
    if (ASC_FEATURE_RELAXED_SIMD) return i16x8.relaxed_dot_i8x16_i7x16_s(a, b);
    return Dot.emulatedPairs(a, b);
  }

  /**
   * As `quads`, exact where each pair's sum fits 16 bits. `ones` has 1 in each 16-bit lane: loaded,
   * since V8 builds a constant anew at each use.
   */
  @inline
  static quadsByPairs(acc: v128, a: v128, b: v128, ones: v128): v128 {
    return Dot.sums(acc, Dot.bytePairs(a, b), ones);
  }

  /**
   * acc + Σ a b + Σ c d over four bytes each, exact where the sum of a pair of a b and one of c d fits
   * 16 bits.
   */
  @inline
  static eightsByPairs(acc: v128, a: v128, b: v128, c: v128, d: v128, ones: v128): v128 {
    const sums = i16x8.add(Dot.bytePairs(a, b), Dot.bytePairs(c, d));
    return Dot.sums(acc, sums, ones);
  }

  static emulatedQuads(acc: v128, a: v128, b: v128): v128 {
    const low = Dot.wrapped(Dot.emulatedLow(a, b));
    const high = Dot.wrapped(Dot.emulatedHigh(a, b));
    const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
    return i32x4.add(acc, i32x4.add(even, odd));
  }

  static emulatedPairs(a: v128, b: v128): v128 {
    return i16x8.narrow_i32x4_s(Dot.emulatedLow(a, b), Dot.emulatedHigh(a, b));
  }

  /** Sums of two products as V8 for Arm keeps them in its quick code, or without DOTPROD. */
  @inline
  static wrapped(sums: v128): v128 {
    return hasSignedBytes ? i32x4.shr_s(i32x4.shl(sums, 16), 16) : sums;
  }

  @inline
  static emulatedLow(a: v128, b: v128): v128 {
    const wide = hasSignedBytes ? i16x8.extend_low_i8x16_s(b) : i16x8.extend_low_i8x16_u(b);
    return i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), wide);
  }

  @inline
  static emulatedHigh(a: v128, b: v128): v128 {
    const wide = hasSignedBytes ? i16x8.extend_high_i8x16_s(b) : i16x8.extend_high_i8x16_u(b);
    return i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), wide);
  }
}
