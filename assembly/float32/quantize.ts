import { DequantizeArgs, QuantizeArgs } from '../arguments';
import { Tail } from './tail';
import { ToU8 } from './toU8';

/*
 * output = clamp(roundHalfToEven(input / scale[c]) + zeroPoint[c], 0, 255), one parameter pair for
 * each row of `inner`; the `mul` forms multiply with the reciprocal of the scale, which rounds
 * differently. NaN becomes the zero point.
 *
 *   input       f32 [outer][channels][inner], up to 60 bytes beyond its end are read
 *   parameters  per channel: scale or its reciprocal f32, zero point i32
 *   output      u8 [outer][channels][inner]
 */

export function quantize_f32u8(args: usize): void {
  Rows.quantize(args, false);
}

export function quantize_f32u8_mul(args: usize): void {
  Rows.quantize(args, true);
}

/*
 * The same where the channels are the last axis: inner = 1.
 *
 *   parameters  per 4 channels: scale f32[4], zero point i32[4]; scale 1 fills up the channels
 */

export function quantize_f32u8_1x4(args: usize): void {
  Channels.quantize(args, false);
}

export function quantize_f32u8_mul_1x4(args: usize): void {
  Channels.quantize(args, true);
}

class Rows {
  /** Both forms; not inlined. */
  static quantize(args: usize, isProduct: bool): void {
    let input = load<usize>(args, QuantizeArgs.input);
    let output = load<usize>(args, QuantizeArgs.output);
    const parameters = load<usize>(args, QuantizeArgs.parameters);
    const end = parameters + (load<usize>(args, QuantizeArgs.channels) << 3);
    const inner = load<usize>(args, QuantizeArgs.inner);

    for (let i = load<usize>(args, QuantizeArgs.outer); i > 0; i--) {
      for (let channel = parameters; channel < end; channel += 8) {
        const scale = v128.load32_splat(channel);
        ToU8.row(isProduct, input, output, inner, scale, v128.load32_splat(channel, 4));
        input += inner << 2;
        output += inner;
      }
    }
  }
}

class Channels {
  /** Both forms; not inlined. */
  static quantize(args: usize, isProduct: bool): void {
    let input = load<usize>(args, QuantizeArgs.input);
    let output = load<usize>(args, QuantizeArgs.output);
    const parameters = load<usize>(args, QuantizeArgs.parameters);
    const channels = load<usize>(args, QuantizeArgs.channels);

    for (let i = load<usize>(args, QuantizeArgs.outer); i > 0; i--) {
      let at = parameters;
      let left = channels;
      while (left > 0) {
        const zeroPoint = v128.load(at, 16);
        const low = f32x4.neg(f32x4.convert_i32x4_s(zeroPoint));
        const high = f32x4.add(low, f32x4.splat(255));
        const q = ToU8.four(isProduct, v128.load(input), v128.load(at), zeroPoint, low, high);
        const words = i16x8.narrow_i32x4_s(q, q);
        const bytes = i8x16.narrow_i16x8_u(words, words);
        if (left < 4) {
          Tail.storeBytes(output, bytes, left);
          input += left << 2;
          output += left;
          break;
        }
        v128.store32_lane(output, bytes, 0);
        input += 16;
        output += 4;
        at += 32;
        left -= 4;
      }
    }
  }
}

/*
 * output = f32(input - zeroPoint[c]) * scale[c], one parameter pair for each row of `inner`; the
 * difference of int32 wraps around.
 *
 *   input       u8 or i32 [outer][channels][inner], up to 12 bytes beyond its end are read
 *   parameters  per channel: scale f32, zero point i32
 *   output      f32 [outer][channels][inner]
 */

export function dequantize_u8f32(args: usize): void {
  ToF32.rows<u8>(args);
}

export function dequantize_i32f32(args: usize): void {
  ToF32.rows<i32>(args);
}

/*
 * The same where the channels are the last axis: inner = 1.
 *
 *   parameters  per 4 channels: scale f32[4], zero point i32[4]
 */

export function dequantize_u8f32_1x4(args: usize): void {
  ToF32.channels<u8>(args);
}

export function dequantize_i32f32_1x4(args: usize): void {
  ToF32.channels<i32>(args);
}

class ToF32 {
  @inline
  static rows<T>(args: usize): void {
    let input = load<usize>(args, DequantizeArgs.input);
    let output = load<usize>(args, DequantizeArgs.output);
    const parameters = load<usize>(args, DequantizeArgs.parameters);
    const end = parameters + (load<usize>(args, DequantizeArgs.channels) << 3);
    const inner = load<usize>(args, DequantizeArgs.inner);

    for (let i = load<usize>(args, DequantizeArgs.outer); i > 0; i--) {
      for (let channel = parameters; channel < end; channel += 8) {
        const scale = v128.load32_splat(channel);
        const zeroPoint = v128.load32_splat(channel, 4);
        let left = inner;
        for (; left >= 4; left -= 4) {
          v128.store(output, ToF32.four<T>(input, zeroPoint, scale));
          input += 4 * sizeof<T>();
          output += 16;
        }
        if (left) Tail.inlineF32(output, ToF32.four<T>(input, zeroPoint, scale), left);
        input += left * sizeof<T>();
        output += left << 2;
      }
    }
  }

  @inline
  static channels<T>(args: usize): void {
    let input = load<usize>(args, DequantizeArgs.input);
    let output = load<usize>(args, DequantizeArgs.output);
    const parameters = load<usize>(args, DequantizeArgs.parameters);
    const channels = load<usize>(args, DequantizeArgs.channels);

    for (let i = load<usize>(args, DequantizeArgs.outer); i > 0; i--) {
      let at = parameters;
      let left = channels;
      for (; left >= 4; left -= 4, at += 32) {
        v128.store(output, ToF32.four<T>(input, v128.load(at, 16), v128.load(at)));
        input += 4 * sizeof<T>();
        output += 16;
      }
      if (left) {
        Tail.inlineF32(output, ToF32.four<T>(input, v128.load(at, 16), v128.load(at)), left);
      }
      input += left * sizeof<T>();
      output += left << 2;
    }
  }

  @inline
  static four<T>(input: usize, zeroPoint: v128, scale: v128): v128 {
    const q =
      sizeof<T>() === 1
        ? i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(input)))
        : v128.load(input);
    return f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(q, zeroPoint)), scale);
  }
}
