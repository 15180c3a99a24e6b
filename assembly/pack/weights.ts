export class Weights {
  /** Eight weights less the zero point, as words. */
  @inline
  static load(from: usize, isUnsigned: bool, zero: v128): v128 {
    const words = isUnsigned ? v128.load_ext<u8>(from) : v128.load_ext<i8>(from);
    return i16x8.sub(words, zero);
  }

  /** The first `count` of eight words, 0 to 7; the rest zeros. */
  @inline
  static first(words: v128, count: usize): v128 {
    const lanes = i16x8(0, 1, 2, 3, 4, 5, 6, 7);
    return v128.and(words, i16x8.gt_s(i16x8.splat(<i16>count), lanes));
  }

  @inline
  static sum(lanes: v128): i32 {
    const pairs = i32x4.add(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 0, 1));
    return i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  }
}
