/**
 * clamp(roundHalfToEven(real) + zeroPoint, 0, 255), real = x / scale or, where `isProduct`, x *
 * scale with the reciprocal as the scale; `low` = -zeroPoint, `high` = 255 - zeroPoint.
 */
export class ToU8 {
  /** The bounds come before the integers, so that nothing overflows; NaN is 0 as an integer. */
  @inline
  static four(isProduct: bool, x: v128, scale: v128, zeroPoint: v128, low: v128, high: v128): v128 {
    const rounded = f32x4.nearest(isProduct ? f32x4.mul(x, scale) : f32x4.div(x, scale));
    const bounded = f32x4.pmin(f32x4.pmax(rounded, low), high);
    return i32x4.add(i32x4.trunc_sat_f32x4_s(bounded), zeroPoint);
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
}
