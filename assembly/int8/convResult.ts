import { Lanes } from '../simd/lanes';

/**
 * What becomes of a convolution's int32 accumulators, by the result's type:
 *
 *   0  u8   clamp(roundHalfToEven(f32(f32(acc) * scale)) + zeroPoint, 0, 255), where for every
 *           accumulator |acc * scale| < 2^22
 *   1  u8   the same, clamped to min and max
 *   2  u8   the same for any accumulator
 *   3  i32  acc
 *   4  f32  clamp(f32(f32(f32(acc) * scale) + bias), min, max)
 *
 * The parameters, 128 bytes:
 *
 *   f32 low, f32 high   u8: min - zeroPoint and max - zeroPoint; f32: min and max
 *   u8 inputZeroPoint   at byte 16
 *   i16 ones[8]         at byte 32
 *   f32 magic[4]        at byte 64: 1.5 * 2^23, adding it rounds half to even, into the float's low bits
 *   i32 offset[4]       at byte 80: the bits of magic, less zeroPoint
 *   u8 min[16], max[16] at byte 96
 *
 * Constants are vectors: a load that splats costs an instruction more. A block's head: i32
 * bias[channels], for u8 and f32 f32 scale[channels], for f32 f32 bias[channels].
 */
export class ConvResult {
  /** Types below are bytes by `round`. */
  @inline
  static get large(): i32 {
    return 2;
  }

  /** Types from here on take 4 bytes an element. */
  @inline
  static get wide(): i32 {
    return 3;
  }

  @inline
  static get ones(): usize {
    return 32;
  }

  @inline
  static real(acc: v128, scale: v128): v128 {
    return f32x4.mul(f32x4.convert_i32x4_s(acc), scale);
  }

  @inline
  static round(acc: v128, scale: v128, magic: v128, offset: v128): v128 {
    const real = ConvResult.real(acc, scale);
    // |real| < 2^22: the sum keeps the integer in its low bits. Those beyond int16 stay beyond a
    // byte when they are narrowed, so that clamping bytes is enough.
    return i32x4.sub(f32x4.add(real, magic), offset);
  }

  @inline
  static clamp(bytes: v128, packed: usize): v128 {
    return i8x16.min_u(i8x16.max_u(bytes, v128.load(packed, 96)), v128.load(packed, 112));
  }

  /** One pixel of 16 channels. Scales and bounds are loaded here: the tiles leave no registers. */
  @inline
  static store16(
    type: i32,
    output: usize,
    acc0: v128,
    acc1: v128,
    acc2: v128,
    acc3: v128,
    head: usize,
    packed: usize,
  ): void {
    if (type < ConvResult.large) {
      const magic = v128.load(packed, 64);
      const offset = v128.load(packed, 80);
      const q0 = ConvResult.round(acc0, v128.load(head, 64), magic, offset);
      const q1 = ConvResult.round(acc1, v128.load(head, 80), magic, offset);
      const q2 = ConvResult.round(acc2, v128.load(head, 96), magic, offset);
      const q3 = ConvResult.round(acc3, v128.load(head, 112), magic, offset);
      const low = i16x8.narrow_i32x4_s(q0, q1);
      const high = i16x8.narrow_i32x4_s(q2, q3);
      let q = i8x16.narrow_i16x8_u(low, high);
      if (type > 0) q = ConvResult.clamp(q, packed);
      v128.store(output, q);
    } else {
      const next = output + (type >= ConvResult.wide ? 32 : 8);
      ConvResult.storeAny(type, output, 8, acc0, acc1, head + 64, head + 128, packed);
      ConvResult.storeAny(type, next, 8, acc2, acc3, head + 96, head + 160, packed);
    }
  }

  /** One pixel of 8 channels, of which `count` exist. */
  @inline
  static store8(
    type: i32,
    output: usize,
    count: usize,
    acc0: v128,
    acc1: v128,
    head: usize,
    packed: usize,
  ): void {
    if (type < ConvResult.large && count === 8) {
      const magic = v128.load(packed, 64);
      const offset = v128.load(packed, 80);
      const q0 = ConvResult.round(acc0, v128.load(head, 32), magic, offset);
      const q1 = ConvResult.round(acc1, v128.load(head, 48), magic, offset);
      const wide = i16x8.narrow_i32x4_s(q0, q1);
      let q = i8x16.narrow_i16x8_u(wide, wide);
      if (type > 0) q = ConvResult.clamp(q, packed);
      v128.store64_lane(output, q, 0);
    } else {
      ConvResult.storeAny(type, output, count, acc0, acc1, head + 32, head + 64, packed);
    }
  }

  /** Eight channels of any type, of which `count` exist; not inlined, tiles would hold four copies. */
  static storeAny(
    type: i32,
    output: usize,
    count: usize,
    acc0: v128,
    acc1: v128,
    scale: usize,
    bias: usize,
    packed: usize,
  ): void {
    if (type < ConvResult.wide) {
      const q = i16x8.narrow_i32x4_s(
        ConvResult.toByte(acc0, v128.load(scale), packed),
        ConvResult.toByte(acc1, v128.load(scale, 16), packed),
      );
      Lanes.storeBytes8(output, i8x16.narrow_i16x8_u(q, q), count);
      return;
    }
    if (type > ConvResult.wide) {
      acc0 = ConvResult.toFloat(acc0, v128.load(scale), v128.load(bias), packed);
      acc1 = ConvResult.toFloat(acc1, v128.load(scale, 16), v128.load(bias, 16), packed);
    }
    Lanes.storeWords8(output, acc0, acc1, count);
  }

  @inline
  static toByte(acc: v128, scale: v128, packed: usize): v128 {
    const real = ConvResult.real(acc, scale);
    // The bounds are integers, so that clamping before rounding is the same as after; it keeps the
    // sum below 2^24, where the magic number works.
    const above = f32x4.pmax(real, v128.load32_splat(packed));
    const clamped = f32x4.pmin(above, v128.load32_splat(packed, 4));
    return i32x4.sub(f32x4.add(clamped, v128.load(packed, 64)), v128.load(packed, 80));
  }

  @inline
  static toFloat(acc: v128, scale: v128, bias: v128, packed: usize): v128 {
    const real = f32x4.add(ConvResult.real(acc, scale), bias);
    return f32x4.min(f32x4.max(real, v128.load32_splat(packed)), v128.load32_splat(packed, 4));
  }
}
