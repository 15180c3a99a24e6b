import { Tail } from './tail';

/**
 * clamp(roundHalfToEven(real) + zeroPoint, 0, 255), real = x / scale or, where `isProduct`, x *
 * scale with the reciprocal as the scale; NaN is the zero point.
 */
export class ToU8 {
  /**
   * A row of one scale; up to 60 bytes beyond the input's end are read. Not inlined.
   *
   *   input   f32 [count]
   *   output  u8 [count]
   */
  static row(
    isProduct: bool,
    input: usize,
    output: usize,
    count: usize,
    scale: v128,
    zeroPoint: v128,
  ): void {
    const low = f32x4.neg(f32x4.convert_i32x4_s(zeroPoint));
    const high = f32x4.add(low, f32x4.splat(255));
    let left = count;
    if (isProduct) {
      for (; left >= 16; left -= 16) {
        v128.store(output, ToU8.sixteen(true, input, scale, zeroPoint, low, high));
        input += 64;
        output += 16;
      }
    } else {
      for (; left >= 16; left -= 16) {
        v128.store(output, ToU8.sixteen(false, input, scale, zeroPoint, low, high));
        input += 64;
        output += 16;
      }
    }
    for (; left > 0; left -= 4) {
      const q = ToU8.four(isProduct, v128.load(input), scale, zeroPoint, low, high);
      const words = i16x8.narrow_i32x4_s(q, q);
      const bytes = i8x16.narrow_i16x8_u(words, words);
      if (left < 4) {
        Tail.storeBytes(output, bytes, left);
        break;
      }
      v128.store32_lane(output, bytes, 0);
      input += 16;
      output += 4;
    }
  }

  @inline
  static sixteen(
    isProduct: bool,
    input: usize,
    scale: v128,
    zeroPoint: v128,
    low: v128,
    high: v128,
  ): v128 {
    return i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(
        ToU8.four(isProduct, v128.load(input), scale, zeroPoint, low, high),
        ToU8.four(isProduct, v128.load(input, 16), scale, zeroPoint, low, high),
      ),
      i16x8.narrow_i32x4_s(
        ToU8.four(isProduct, v128.load(input, 32), scale, zeroPoint, low, high),
        ToU8.four(isProduct, v128.load(input, 48), scale, zeroPoint, low, high),
      ),
    );
  }

  /**
   * Four integers; `low` = -zeroPoint, `high` = 255 - zeroPoint. The bounds come before the integers,
   * so that nothing overflows; NaN is 0 as an integer.
   */
  @inline
  static four(isProduct: bool, x: v128, scale: v128, zeroPoint: v128, low: v128, high: v128): v128 {
    const real = isProduct ? f32x4.mul(x, scale) : f32x4.div(x, scale);
    const bounded = f32x4.pmin(f32x4.pmax(f32x4.nearest(real), low), high);
    return i32x4.add(i32x4.trunc_sat_f32x4_s(bounded), zeroPoint);
  }
}
