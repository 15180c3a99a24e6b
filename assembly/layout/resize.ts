import { ResizeLinearArgs, ResizeNearestArgs } from '../arguments';
import { Lanes } from '../simd/lanes';
import { Run } from './run';

/*
 * Bilinear over the height and width of an NHWC map, in float32:
 *
 *   top = a + (b - a) * fractionX, bottom = c + (d - c) * fractionX,
 *   output = top + (bottom - top) * fractionY
 *
 *   input   T [batch][inputHeight][inputWidth][channels]; up to 28 bytes past it are read
 *   y, x    per output row and column: first source offset in bytes i32, second one i32, fraction f32
 *   output  T [batch][outputHeight][outputWidth][channels]; u8 rounds half up
 */

export function resize_linear_u8_1x8(args: usize): void {
  Linear.run<u8>(args);
}

export function resize_linear_f32_1x8(args: usize): void {
  Linear.run<f32>(args);
}

class Linear {
  @inline
  static run<T>(args: usize): void {
    let input = load<usize>(args, ResizeLinearArgs.input);
    let output = load<usize>(args, ResizeLinearArgs.output);
    const imageBytes = load<usize>(args, ResizeLinearArgs.imageBytes);
    const channels = load<usize>(args, ResizeLinearArgs.channels);
    const yBegin = load<usize>(args, ResizeLinearArgs.y);
    const yEnd = yBegin + load<usize>(args, ResizeLinearArgs.outputHeight) * 12;
    const xBegin = load<usize>(args, ResizeLinearArgs.x);
    const xEnd = xBegin + load<usize>(args, ResizeLinearArgs.outputWidth) * 12;

    for (let i = load<usize>(args, ResizeLinearArgs.batch); i > 0; i--) {
      for (let y = yBegin; y < yEnd; y += 12) {
        const upper = input + load<usize>(y);
        const lower = input + load<usize>(y, 4);
        const fractionY = v128.load32_splat(y, 8);
        for (let x = xBegin; x < xEnd; x += 12) {
          const left = load<usize>(x);
          const right = load<usize>(x, 4);
          const fractionX = v128.load32_splat(x, 8);
          for (let c: usize = 0; c < channels; c += 8) {
            const offset = c * sizeof<T>();
            const a = upper + left + offset;
            const b = upper + right + offset;
            const low = Linear.blend(
              Linear.blend(Linear.low<T>(a), Linear.low<T>(b), fractionX),
              Linear.blend(
                Linear.low<T>(lower + left + offset),
                Linear.low<T>(lower + right + offset),
                fractionX,
              ),
              fractionY,
            );
            const high = Linear.blend(
              Linear.blend(Linear.high<T>(a), Linear.high<T>(b), fractionX),
              Linear.blend(
                Linear.high<T>(lower + left + offset),
                Linear.high<T>(lower + right + offset),
                fractionX,
              ),
              fractionY,
            );
            const count = min<usize>(8, channels - c);
            Linear.store<T>(output, low, high, count);
            output += count * sizeof<T>();
          }
        }
      }
      input += imageBytes;
    }
  }

  @inline
  static blend(a: v128, b: v128, fraction: v128): v128 {
    return f32x4.add(a, f32x4.mul(f32x4.sub(b, a), fraction));
  }

  @inline
  static low<T>(address: usize): v128 {
    if (isFloat<T>()) return v128.load(address);
    return Linear.widen(v128.load32_zero(address));
  }

  @inline
  static high<T>(address: usize): v128 {
    if (isFloat<T>()) return v128.load(address, 16);
    return Linear.widen(v128.load32_zero(address, 4));
  }

  @inline
  static widen(bytes: v128): v128 {
    const words = i16x8.extend_low_i8x16_u(bytes);
    return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(words));
  }

  @inline
  static store<T>(output: usize, low: v128, high: v128, count: usize): void {
    if (isFloat<T>()) {
      Lanes.storeWords8(output, low, high, count);
    } else {
      // A blend of bytes is positive: adding a half and truncating rounds.
      const half = f32x4.splat(0.5);
      const words = i16x8.narrow_i32x4_s(
        i32x4.trunc_sat_f32x4_s(f32x4.add(low, half)),
        i32x4.trunc_sat_f32x4_s(f32x4.add(high, half)),
      );
      Lanes.storeBytes8(output, i8x16.narrow_i16x8_u(words, words), count);
    }
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
