/** Bytes of weights, and what they are worth. */
export class Weights {
  /** The first eight of sixteen, less the zero point, as words. */
  @inline
  static low(bytes: v128, isUnsigned: bool, zero: v128): v128 {
    const words = isUnsigned ? i16x8.extend_low_i8x16_u(bytes) : i16x8.extend_low_i8x16_s(bytes);
    return i16x8.sub(words, zero);
  }

  /** The last eight. */
  @inline
  static high(bytes: v128, isUnsigned: bool, zero: v128): v128 {
    const words = isUnsigned ? i16x8.extend_high_i8x16_u(bytes) : i16x8.extend_high_i8x16_s(bytes);
    return i16x8.sub(words, zero);
  }

  /** The first `count` of sixteen bytes, 0 to 15, then those of `rest`. */
  @inline
  static first(bytes: v128, count: usize, rest: v128): v128 {
    const lanes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return v128.bitselect(bytes, rest, i8x16.gt_s(i8x16.splat(<i8>count), lanes));
  }

  /** Four sums of unsigned bytes. */
  @inline
  static sums(bytes: v128): v128 {
    return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes));
  }

  @inline
  static sum(lanes: v128): i32 {
    const pairs = i32x4.add(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1));
    return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  }
}
