import { DequantizeArgs, QuantizeArgs } from '../arguments';
import { Tail } from './tail';
import { ToU8 } from './toU8';

/**
 * output = clamp(roundHalfToEven(input / scale[c]) + zeroPoint[c], 0, 255), one parameter pair for
 * each row of `inner`. NaN becomes the zero point.
 *
 *   input       f32 [outer][channels][inner], up to 60 bytes beyond its end are read
 *   parameters  per channel: scale f32, zero point i32
 *   output      u8 [outer][channels][inner]
 */
export function quantize_f32u8(args: usize): void {
  let input = load<usize>(args, QuantizeArgs.input);
  let output = load<usize>(args, QuantizeArgs.output);
  const parameters = load<usize>(args, QuantizeArgs.parameters);
  const end = parameters + (load<usize>(args, QuantizeArgs.channels) << 3);
  const inner = load<usize>(args, QuantizeArgs.inner);

  for (let i = load<usize>(args, QuantizeArgs.outer); i > 0; i--) {
    for (let channel = parameters; channel < end; channel += 8) {
      const scale = v128.load32_splat(channel);
      const zeroPoint = v128.load32_splat(channel, 4);
      const low = f32x4.neg(f32x4.convert_i32x4_s(zeroPoint));
      const high = f32x4.add(low, f32x4.splat(255));
      let left = inner;
      for (; left >= 16; left -= 16) {
        v128.store(output, ToU8.sixteen(input, scale, zeroPoint, low, high));
        input += 64;
        output += 16;
      }
      if (left) {
        Tail.storeBytes(output, ToU8.sixteen(input, scale, zeroPoint, low, high), left);
        input += left << 2;
        output += left;
      }
    }
  }
}

/**
 * The same where the channels are the last axis: inner = 1.
 *
 *   parameters  per 4 channels: scale f32[4], zero point i32[4]; scale 1 fills up the channels
 */
export function quantize_f32u8_1x4(args: usize): void {
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
      const q = ToU8.four(v128.load(input), v128.load(at), zeroPoint, low, high);
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

/**
 * output = f32(input - zeroPoint[c]) * scale[c], one parameter pair for each row of `inner`.
 *
 *   input       u8 [outer][channels][inner], up to 12 bytes beyond its end are read
 *   parameters  per channel: scale f32, zero point i32
 *   output      f32 [outer][channels][inner]
 */
export function dequantize_u8f32(args: usize): void {
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
      for (; left >= 16; left -= 16) {
        const bytes = v128.load(input);
        const low = i16x8.extend_low_i8x16_u(bytes);
        const high = i16x8.extend_high_i8x16_u(bytes);
        v128.store(output, ToF32.four(i32x4.extend_low_i16x8_u(low), zeroPoint, scale));
        v128.store(output, ToF32.four(i32x4.extend_high_i16x8_u(low), zeroPoint, scale), 16);
        v128.store(output, ToF32.four(i32x4.extend_low_i16x8_u(high), zeroPoint, scale), 32);
        v128.store(output, ToF32.four(i32x4.extend_high_i16x8_u(high), zeroPoint, scale), 48);
        input += 16;
        output += 64;
      }
      for (; left >= 4; left -= 4) {
        v128.store(output, ToF32.four(ToF32.loadU8(input), zeroPoint, scale));
        input += 4;
        output += 16;
      }
      Tail.storeF32(output, ToF32.four(ToF32.loadU8(input), zeroPoint, scale), left);
      input += left;
      output += left << 2;
    }
  }
}

/**
 * The same of int32: input - zeroPoint wraps around.
 */
export function dequantize_i32f32(args: usize): void {
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
        v128.store(output, ToF32.four(v128.load(input), zeroPoint, scale));
        input += 16;
        output += 16;
      }
      Tail.storeF32(output, ToF32.four(v128.load(input), zeroPoint, scale), left);
      input += left << 2;
      output += left << 2;
    }
  }
}

/**
 * dequantize_u8f32 where the channels are the last axis: inner = 1.
 *
 *   parameters  per 4 channels: scale f32[4], zero point i32[4]
 */
export function dequantize_u8f32_1x4(args: usize): void {
  let input = load<usize>(args, DequantizeArgs.input);
  let output = load<usize>(args, DequantizeArgs.output);
  const parameters = load<usize>(args, DequantizeArgs.parameters);
  const channels = load<usize>(args, DequantizeArgs.channels);

  for (let i = load<usize>(args, DequantizeArgs.outer); i > 0; i--) {
    let at = parameters;
    let left = channels;
    while (left > 0) {
      const value = ToF32.four(ToF32.loadU8(input), v128.load(at, 16), v128.load(at));
      if (left < 4) {
        Tail.storeF32(output, value, left);
        input += left;
        output += left << 2;
        break;
      }
      v128.store(output, value);
      input += 4;
      output += 16;
      at += 32;
      left -= 4;
    }
  }
}

/**
 * dequantize_i32f32 where the channels are the last axis: inner = 1; parameters as above.
 */
export function dequantize_i32f32_1x4(args: usize): void {
  let input = load<usize>(args, DequantizeArgs.input);
  let output = load<usize>(args, DequantizeArgs.output);
  const parameters = load<usize>(args, DequantizeArgs.parameters);
  const channels = load<usize>(args, DequantizeArgs.channels);

  for (let i = load<usize>(args, DequantizeArgs.outer); i > 0; i--) {
    let at = parameters;
    let left = channels;
    while (left > 0) {
      const value = ToF32.four(v128.load(input), v128.load(at, 16), v128.load(at));
      if (left < 4) {
        Tail.storeF32(output, value, left);
        input += left << 2;
        output += left << 2;
        break;
      }
      v128.store(output, value);
      input += 16;
      output += 16;
      at += 32;
      left -= 4;
    }
  }
}

class ToF32 {
  @inline
  static four(q: v128, zeroPoint: v128, scale: v128): v128 {
    return f32x4.mul(f32x4.convert_i32x4_s(i32x4.sub(q, zeroPoint)), scale);
  }

  @inline
  static loadU8(input: usize): v128 {
    return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(input)));
  }
}
