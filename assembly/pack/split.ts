import { Weights } from './weights';

/** How a kernel's dots take four bytes: the sums that they make on the way. */
export enum PackDot {
  /** Words, not bytes. */
  words = 0,
  /** Of two products, in 16 bits. */
  pairs = 1,
  /** Of two and the two that lie four values on, in 16 bits. */
  eights = 2,
  /** Of four products, in 32 bits; none of two (-128) (-128), which signed dots may wrap. */
  quads = 3,
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
    const zero = i64x2.splat(0);
    const pairs = Split.within(bytes, zero, zero);
    if (dot === PackDot.pairs) return pairs;
    return Split.within(
      bytes,
      Split.passOn(i16x8.max_s(pairs, zero)),
      Split.passOn(i16x8.min_s(pairs, zero)),
    );
  }

  /**
   * What fits 16 bits when it is multiplied by 255: of each pair together with what is taken already,
   * the sum of the positive weights to 128 and that of the negative ones to -128.
   */
  static within(bytes: v128, positive: v128, negative: v128): v128 {
    const zero = i64x2.splat(0);
    const most = i16x8.sub(i16x8.splat(128), positive);
    const least = i16x8.sub(i16x8.splat(-128), negative);
    const part = i16x8.max_s(i16x8.min_s(bytes, most), least);
    const first = Split.before(part);
    const left = i16x8.sub(most, i16x8.max_s(first, zero));
    return i16x8.max_s(i16x8.min_s(part, left), i16x8.sub(least, i16x8.min_s(first, zero)));
  }

  /** The first of each pair in the place of the second, 0 in its own. */
  @inline
  static before(words: v128): v128 {
    return i32x4.shl(words, 16);
  }

  /** The sums of the first two pairs, in both places of the last two. */
  static passOn(words: v128): v128 {
    const sums = i16x8.add(words, i16x8.shuffle(words, words, 1, 0, 3, 2, 5, 4, 7, 6));
    return i64x2.shuffle(i64x2.splat(0), sums, 0, 2);
  }

  /** The same where no other four values follow, as in an extra step. */
  static takeAlone(words: v128, dot: i32): v128 {
    return Split.take(words, dot === PackDot.eights ? PackDot.pairs : dot);
  }

  /**
   * Sixteen weights as a dot can take them; what is left of them becomes `rest`, i16 [16]. Of words
   * eight, and nothing is left.
   */
  static chunk(weights: v128, isUnsigned: bool, zero: v128, dot: i32, rest: usize): v128 {
    const low = Weights.low(weights, isUnsigned, zero);
    if (dot === PackDot.words) return low;
    const high = Weights.high(weights, isUnsigned, zero);
    const first = Split.take(low, dot);
    const last = Split.take(high, dot);
    v128.store(rest, i16x8.sub(low, first));
    v128.store(rest, i16x8.sub(high, last), 16);
    return i8x16.narrow_i16x8_s(first, last);
  }
}
