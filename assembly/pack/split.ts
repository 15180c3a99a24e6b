import { Weights } from './weights';

/** How a kernel's dots take four bytes: the sums that they make on the way. */
export enum PackDot {
  /** Words, not bytes. */
  words = 0,
  /** Of two products, in 16 bits. */
  pairs = 1,
  /** Of four products, in 32 bits; none of two (-128) (-128), which signed dots may wrap. */
  quads = 2,
}

/** What bytes can hold of weights. */
export class Split {
  /** Of eight words what a dot can multiply exactly. */
  static take(words: v128, dot: i32): v128 {
    const bytes = i16x8.min_s(i16x8.max_s(words, i16x8.splat(-128)), i16x8.splat(127));
    if (dot === PackDot.quads) {
      const isLowest = i16x8.eq(Split.before(bytes), i16x8.splat(-128));
      return i16x8.max_s(bytes, i16x8.sub(i16x8.splat(-128), isLowest));
    }
    return Split.within(bytes);
  }

  /**
   * What fits 16 bits when it is multiplied by 255: of each pair the sum of the positive weights to 128
   * and that of the negative ones to -128.
   */
  static within(bytes: v128): v128 {
    const zero = i64x2.splat(0);
    const first = Split.before(bytes);
    const most = i16x8.sub(i16x8.splat(128), i16x8.max_s(first, zero));
    const least = i16x8.sub(i16x8.splat(-128), i16x8.min_s(first, zero));
    return i16x8.max_s(i16x8.min_s(bytes, most), least);
  }

  /** The first of each pair in the place of the second, 0 in its own. */
  @inline
  static before(words: v128): v128 {
    return i32x4.shl(words, 16);
  }

  /**
   * Sixteen weights as bytes that a dot can multiply exactly, two of one sign perhaps excepted; what is
   * left of them becomes `rest`, i16 [16]. Of words eight, and nothing is left.
   */
  static chunk(weights: v128, isUnsigned: bool, zero: v128, isWords: bool, rest: usize): v128 {
    const low = Weights.low(weights, isUnsigned, zero);
    if (isWords) return low;
    const high = Weights.high(weights, isUnsigned, zero);
    const first = Split.take(low, PackDot.quads);
    const last = Split.take(high, PackDot.quads);
    v128.store(rest, i16x8.sub(low, first));
    v128.store(rest, i16x8.sub(high, last), 16);
    return i8x16.narrow_i16x8_s(first, last);
  }
}
