import { ResizeLinearArgs, ResizeNearestArgs } from '../arguments';
import { Tail } from '../float32/tail';
import { Lanes } from '../simd/lanes';
import { Run } from './run';

/**
 * Bilinear over the height and width of an NHWC map of bytes, weights in 1/2048:
 *
 *   top = a * 2048 + (b - a) * weightX, bottom = c * 2048 + (d - c) * weightX,
 *   output = (top * 2048 + (bottom - top) * weightY + 2^21) >> 22
 *
 *   input   u8 [batch][inputHeight][inputWidth][channels]; up to 7 bytes past it are read
 *   y, x    per output row and column: byte offsets of both sources i32, weight of the second i32, 0
 *   output  u8 [batch][outputHeight][outputWidth][channels]
 *
 * |top * 2048| <= 255 * 2^22 < 2^30, and no sum leaves int32.
 */
export function resize_linear_u8_1x8(args: usize): void {
  let input = load<usize>(args, ResizeLinearArgs.input);
  let output = load<usize>(args, ResizeLinearArgs.output);
  const imageBytes = load<usize>(args, ResizeLinearArgs.imageBytes);
  const channels = load<usize>(args, ResizeLinearArgs.channels);
  const yBegin = load<usize>(args, ResizeLinearArgs.y);
  const yEnd = yBegin + (load<usize>(args, ResizeLinearArgs.outputHeight) << 4);
  const xBegin = load<usize>(args, ResizeLinearArgs.x);
  const xEnd = xBegin + (load<usize>(args, ResizeLinearArgs.outputWidth) << 4);

  for (let i = load<usize>(args, ResizeLinearArgs.batch); i > 0; i--) {
    for (let y = yBegin; y < yEnd; y += 16) {
      const upper = input + load<usize>(y);
      const lower = input + load<usize>(y, 4);
      const weightY = v128.load32_splat(y, 8);
      for (let x = xBegin; x < xEnd; x += 16) {
        const left = load<usize>(x);
        const right = load<usize>(x, 4);
        const weightX = v128.load32_splat(x, 8);
        for (let channel: usize = 0; channel < channels; channel += 8) {
          const a = v128.load_ext<u8>(upper + left + channel);
          const b = v128.load_ext<u8>(upper + right + channel);
          const c = v128.load_ext<u8>(lower + left + channel);
          const d = v128.load_ext<u8>(lower + right + channel);
          const words = i16x8.narrow_i32x4_s(
            Blend.fixed(
              i32x4.extend_low_i16x8_u(a),
              i32x4.extend_low_i16x8_u(b),
              i32x4.extend_low_i16x8_u(c),
              i32x4.extend_low_i16x8_u(d),
              weightX,
              weightY,
            ),
            Blend.fixed(
              i32x4.extend_high_i16x8_u(a),
              i32x4.extend_high_i16x8_u(b),
              i32x4.extend_high_i16x8_u(c),
              i32x4.extend_high_i16x8_u(d),
              weightX,
              weightY,
            ),
          );
          const count = min<usize>(8, channels - channel);
          Lanes.storeBytes8(output, i8x16.narrow_i16x8_u(words, words), count);
          output += count;
        }
      }
    }
    input += imageBytes;
  }
}

/**
 * The same of floats, in the order of onnxruntime's sum:
 *
 *   ((a * (farX * farY) + b * (nearX * farY)) + c * (farX * nearY)) + d * (nearX * nearY)
 *
 *   input   f32 [batch][inputHeight][inputWidth][channels]; up to 12 bytes past it are read
 *   y, x    per output row and column: byte offsets of both sources i32, far f32, near f32: the
 *           weights of the first and of the second
 *   output  f32 [batch][outputHeight][outputWidth][channels]
 */
export function resize_linear_f32_1x4(args: usize): void {
  let input = load<usize>(args, ResizeLinearArgs.input);
  let output = load<usize>(args, ResizeLinearArgs.output);
  const imageBytes = load<usize>(args, ResizeLinearArgs.imageBytes);
  const channels = load<usize>(args, ResizeLinearArgs.channels);
  const yBegin = load<usize>(args, ResizeLinearArgs.y);
  const yEnd = yBegin + (load<usize>(args, ResizeLinearArgs.outputHeight) << 4);
  const xBegin = load<usize>(args, ResizeLinearArgs.x);
  const xEnd = xBegin + (load<usize>(args, ResizeLinearArgs.outputWidth) << 4);

  for (let i = load<usize>(args, ResizeLinearArgs.batch); i > 0; i--) {
    for (let y = yBegin; y < yEnd; y += 16) {
      const upper = input + load<usize>(y);
      const lower = input + load<usize>(y, 4);
      const farY = v128.load32_splat(y, 8);
      const nearY = v128.load32_splat(y, 12);
      for (let x = xBegin; x < xEnd; x += 16) {
        const left = load<usize>(x);
        const right = load<usize>(x, 4);
        const farX = v128.load32_splat(x, 8);
        const nearX = v128.load32_splat(x, 12);
        const weightA = f32x4.mul(farX, farY);
        const weightB = f32x4.mul(nearX, farY);
        const weightC = f32x4.mul(farX, nearY);
        const weightD = f32x4.mul(nearX, nearY);
        for (let channel: usize = 0; channel < channels; channel += 4) {
          const offset = channel << 2;
          let sum = f32x4.mul(weightA, v128.load(upper + left + offset));
          sum = f32x4.add(sum, f32x4.mul(weightB, v128.load(upper + right + offset)));
          sum = f32x4.add(sum, f32x4.mul(weightC, v128.load(lower + left + offset)));
          sum = f32x4.add(sum, f32x4.mul(weightD, v128.load(lower + right + offset)));
          if (channel + 4 <= channels) {
            v128.store(output, sum);
            output += 16;
          } else {
            Tail.storeF32(output, sum, channels - channel);
            output += (channels - channel) << 2;
          }
        }
      }
    }
    input += imageBytes;
  }
}

class Blend {
  @inline
  static fixed(a: v128, b: v128, c: v128, d: v128, weightX: v128, weightY: v128): v128 {
    const top = i32x4.add(i32x4.shl(a, 11), i32x4.mul(i32x4.sub(b, a), weightX));
    const bottom = i32x4.add(i32x4.shl(c, 11), i32x4.mul(i32x4.sub(d, c), weightX));
    const sum = i32x4.add(i32x4.shl(top, 11), i32x4.mul(i32x4.sub(bottom, top), weightY));
    return i32x4.shr_s(i32x4.add(sum, i32x4.splat(1 << 21)), 22);
  }
}

/**
 * Copies whole pixels from the source row and column given for each output one.
 *
 *   input   u8 [batch][inputHeight][inputWidth][pixelBytes]
 *   y, x    per output row and column: its source's offset in bytes i32
 *   output  u8 [batch][outputHeight][outputWidth][pixelBytes]
 */
export function resize_nearest(args: usize): void {
  let input = load<usize>(args, ResizeNearestArgs.input);
  let output = load<usize>(args, ResizeNearestArgs.output);
  const imageBytes = load<usize>(args, ResizeNearestArgs.imageBytes);
  const pixelBytes = load<usize>(args, ResizeNearestArgs.pixelBytes);
  const yBegin = load<usize>(args, ResizeNearestArgs.y);
  const yEnd = yBegin + (load<usize>(args, ResizeNearestArgs.outputHeight) << 2);
  const xBegin = load<usize>(args, ResizeNearestArgs.x);
  const outputWidth = load<usize>(args, ResizeNearestArgs.outputWidth);
  const xEnd = xBegin + (outputWidth << 2);
  const rowBytes = outputWidth * pixelBytes;

  for (let i = load<usize>(args, ResizeNearestArgs.batch); i > 0; i--) {
    for (let y = yBegin; y < yEnd; y += 4) {
      const source = load<usize>(y);
      if (y > yBegin && source === load<usize>(y - 4)) {
        memory.copy(output, output - rowBytes, rowBytes);
        output += rowBytes;
        continue;
      }
      for (let x = xBegin; x < xEnd; x += 4) {
        Run.copy(output, input + source + load<usize>(x), pixelBytes);
        output += pixelBytes;
      }
    }
    input += imageBytes;
  }
}
