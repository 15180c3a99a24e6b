import { Lanes } from './lanes';

/**
 * What becomes of the int32 accumulators of eight channels, by the result's type T:
 *
 *   u8   clamp(roundHalfToEven(f32(f32(acc) * scale)) + zeroPoint, min, max)
 *   i32  acc
 *   f32  clamp(f32(f32(f32(acc) * scale) + bias), min, max)
 *
 * The packed operand begins with 64 bytes of parameters:
 *
 *   f32 low, f32 high   u8: min - zeroPoint and max - zeroPoint; f32: min and max
 *   f32 magic           1.5 * 2^23: adding it rounds half to even, into the low bits of the float
 *   i32 offset          the bits of magic, less zeroPoint
 *   u8 inputZeroPoint
 *
 * and each block of eight channels with i32 bias[8], for u8 and f32 f32 scale[8], for f32
 * f32 bias[8].
 */
export class Result {
  @inline
  static parameterBytes(): usize {
    return 64;
  }

  @inline
  static headBytes<T>(): usize {
    return isFloat<T>() ? 96 : sizeof<T>() === 1 ? 64 : 32;
  }

  /** round(acc * scale) + zeroPoint within the bounds; exact for every accumulator. */
  @inline
  static toByte(acc: v128, scale: v128, low: v128, high: v128, magic: v128, offset: v128): v128 {
    return Result.round(f32x4.mul(f32x4.convert_i32x4_s(acc), scale), low, high, magic, offset);
  }

  /** The nearest integer within the bounds, plus what `offset` lacks of the bits of `magic`. */
  @inline
  static round(real: v128, low: v128, high: v128, magic: v128, offset: v128): v128 {
    // The bounds are integers, so that clamping before rounding is the same as after; it keeps the
    // sum below 2^24, where the magic number works.
    const clamped = f32x4.pmin(f32x4.pmax(real, low), high);
    return i32x4.sub(f32x4.add(clamped, magic), offset);
  }

  /**
   * Stores eight channels of one pixel, of which `count` exist. Scales and bounds are loaded here:
   * the tiles leave no registers to keep them in.
   */
  @inline
  static store<T>(
    output: usize,
    count: usize,
    acc0: v128,
    acc1: v128,
    block: usize,
    packed: usize,
  ): void {
    if (isFloat<T>()) {
      Lanes.storeWords8(
        output,
        Result.toFloat(acc0, v128.load(block, 32), v128.load(block, 64), packed),
        Result.toFloat(acc1, v128.load(block, 48), v128.load(block, 80), packed),
        count,
      );
    } else if (sizeof<T>() === 1) {
      const low = v128.load32_splat(packed);
      const high = v128.load32_splat(packed, 4);
      const magic = v128.load32_splat(packed, 8);
      const offset = v128.load32_splat(packed, 12);
      const q0 = Result.toByte(acc0, v128.load(block, 32), low, high, magic, offset);
      const q1 = Result.toByte(acc1, v128.load(block, 48), low, high, magic, offset);
      const q = i16x8.narrow_i32x4_s(q0, q1);
      Lanes.storeBytes8(output, i8x16.narrow_i16x8_u(q, q), count);
    } else {
      Lanes.storeWords8(output, acc0, acc1, count);
    }
  }

  @inline
  static toFloat(acc: v128, scale: v128, bias: v128, packed: usize): v128 {
    const real = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(acc), scale), bias);
    return f32x4.min(f32x4.max(real, v128.load32_splat(packed)), v128.load32_splat(packed, 4));
  }
}
