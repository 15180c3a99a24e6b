import { TernarySumsArgs } from '../arguments';
import { Tail } from '../float32/tail';
import { Result } from '../simd/result';

/**
 * The result of a ternary layer from its sums over the positive and the negative weights:
 *
 *   real = f32(f32(f32(f32(positive) * scale) - f32(f32(negative) * negativeScale)) + bias)
 *   u8   clamp(roundHalfToEven(real) + zeroPoint, min, max)
 *   f32  clamp(real, min, max)
 *
 *   positive, negative  i32 [rows][channels], up to 12 bytes beyond their ends are read
 *   parameters          f32 low, high: min and max, for u8 less the zero point; i32 offset: the bits of
 *                       magic less the zero point; f32 magic: 1.5 * 2^23; per 4 channels: f32
 *                       scale[4], negativeScale[4], bias[4]
 *   output              u8 or f32 [rows][channels]
 *
 * Where the two scales of every channel are the same, the sums come subtracted: `negative` is 0, an
 * address where no operand lies, and nothing is read there.
 */
export function ternary_sums_i32u8_1x4(args: usize): void {
  Sums.run<u8>(args);
}

export function ternary_sums_i32f32_1x4(args: usize): void {
  Sums.run<f32>(args);
}

class Sums {
  @inline
  static run<T>(args: usize): void {
    let positive = load<usize>(args, TernarySumsArgs.positive);
    let negative = load<usize>(args, TernarySumsArgs.negative);
    let output = load<usize>(args, TernarySumsArgs.output);
    const parameters = load<usize>(args, TernarySumsArgs.parameters);
    const channels = load<usize>(args, TernarySumsArgs.channels);
    const isApart = negative !== 0;
    const low = v128.load32_splat(parameters);
    const high = v128.load32_splat(parameters, 4);
    const offset = v128.load32_splat(parameters, 8);
    const magic = v128.load32_splat(parameters, 12);

    for (let row = load<usize>(args, TernarySumsArgs.rows); row > 0; row--) {
      let at = parameters + 16;
      for (let left = channels; left > 0; ) {
        let real = f32x4.mul(f32x4.convert_i32x4_s(v128.load(positive)), v128.load(at));
        if (isApart) {
          const other = f32x4.convert_i32x4_s(v128.load(negative));
          real = f32x4.sub(real, f32x4.mul(other, v128.load(at, 16)));
        }
        real = f32x4.add(real, v128.load(at, 32));
        const count = min<usize>(left, 4);
        Sums.store<T>(output, real, low, high, offset, magic, count);
        positive += count << 2;
        if (isApart) negative += count << 2;
        output += count * sizeof<T>();
        at += 48;
        left -= count;
      }
    }
  }

  @inline
  static store<T>(
    output: usize,
    real: v128,
    low: v128,
    high: v128,
    offset: v128,
    magic: v128,
    count: usize,
  ): void {
    if (isFloat<T>()) {
      const value = f32x4.min(f32x4.max(real, low), high);
      if (count === 4) v128.store(output, value);
      else Tail.storeF32(output, value, count);
    } else {
      const q = Result.round(real, low, high, magic, offset);
      const words = i16x8.narrow_i32x4_s(q, q);
      const bytes = i8x16.narrow_i16x8_u(words, words);
      if (count === 4) v128.store32_lane(output, bytes, 0);
      else Tail.storeBytes(output, bytes, count);
    }
  }
}
