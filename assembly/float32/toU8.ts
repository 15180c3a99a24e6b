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
    for (let left = count; left > 0; left -= 16) {
      let a = v128.load(input);
      let b = v128.load(input, 16);
      let c = v128.load(input, 32);
      let d = v128.load(input, 48);
      if (isProduct) {
        a = f32x4.mul(a, scale);
        b = f32x4.mul(b, scale);
        c = f32x4.mul(c, scale);
        d = f32x4.mul(d, scale);
      } else {
        a = f32x4.div(a, scale);
        b = f32x4.div(b, scale);
        c = f32x4.div(c, scale);
        d = f32x4.div(d, scale);
      }
      const bytes = i8x16.narrow_i16x8_u(
        i16x8.narrow_i32x4_s(
          ToU8.round(a, zeroPoint, low, high),
          ToU8.round(b, zeroPoint, low, high),
        ),
        i16x8.narrow_i32x4_s(
          ToU8.round(c, zeroPoint, low, high),
          ToU8.round(d, zeroPoint, low, high),
        ),
      );
      if (left < 16) {
        Tail.storeBytes(output, bytes, left);
        break;
      }
      v128.store(output, bytes);
      input += 64;
      output += 16;
    }
  }

  /**
   * Four integers; `low` = -zeroPoint, `high` = 255 - zeroPoint. The bounds come before the integers,
   * so that nothing overflows; NaN is 0 as an integer.
   */
  @inline
  static round(real: v128, zeroPoint: v128, low: v128, high: v128): v128 {
    const bounded = f32x4.pmin(f32x4.pmax(f32x4.nearest(real), low), high);
    return i32x4.add(i32x4.trunc_sat_f32x4_s(bounded), zeroPoint);
  }
}
