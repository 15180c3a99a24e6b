import { PoolU8Args } from '../arguments';
import { Tail } from '../float32/tail';
import { Result } from '../simd/result';

/*
 * output[pixel][channel] = the maximum or the mean over the cells of the pixel's window that lie
 * within the map. 8 channels at a time.
 *
 *   input       u8 [batch][inputHeight][inputWidth][channels]; up to 7 bytes past it are read
 *   parameters  as each kernel says
 *   output      u8 [batch][outputHeight][outputWidth][channels], nothing beyond it is written
 */

/** clamp(max(cells), min, max); min where the window is empty. parameters: i32 min, max. */
export function max_pool_u8_1x8(args: usize): void {
  Windows.run(args, idof<Maximum>());
}

/**
 * clamp(mean(cells - sign) away from zero + sign, min, max), sign 128 for numbers that the file holds
 * as int8, else 0. parameters: i32 min, max, sign.
 */
export function average_pool_u8_integer_1x8(args: usize): void {
  Windows.run(args, idof<IntegerMean>());
}

/**
 * sum = f(sum + f(scale * (cell - inputZeroPoint))) cell by cell, then
 * rint(f(f(f(sum / n) / outputScale) + shift)) within the bounds, plus what `offset` adds.
 *
 *   parameters  f32 low, high, magic; i32 offset; f32 scale, outputScale, shift; i32 inputZeroPoint
 */
export function average_pool_u8_float_1x8(args: usize): void {
  Windows.run(args, idof<FloatMean>());
}

// The formulas as types, so that the loops over a window are compiled once for each.
class Maximum {}
class IntegerMean {}
class FloatMean {}

class Windows {
  /** The pixels of all formulas, `formula` the id of one; not inlined. */
  static run(args: usize, formula: u32): void {
    const inputHeight = load<i32>(args, PoolU8Args.inputHeight);
    const inputWidth = load<i32>(args, PoolU8Args.inputWidth);
    const channels = load<usize>(args, PoolU8Args.channels);
    const outputHeight = load<i32>(args, PoolU8Args.outputHeight);
    const outputWidth = load<i32>(args, PoolU8Args.outputWidth);
    const kernelHeight = load<i32>(args, PoolU8Args.kernelHeight);
    const kernelWidth = load<i32>(args, PoolU8Args.kernelWidth);
    const strideY = load<i32>(args, PoolU8Args.strideY);
    const strideX = load<i32>(args, PoolU8Args.strideX);
    const dilationY = load<i32>(args, PoolU8Args.dilationY);
    const dilationX = load<i32>(args, PoolU8Args.dilationX);
    const padTop = load<i32>(args, PoolU8Args.padTop);
    const padLeft = load<i32>(args, PoolU8Args.padLeft);
    const divisor = load<i32>(args, PoolU8Args.divisor);
    const parameters = load<usize>(args, PoolU8Args.parameters);
    let input = load<usize>(args, PoolU8Args.input);
    let output = load<usize>(args, PoolU8Args.output);

    for (let image = load<usize>(args, PoolU8Args.batch); image > 0; image--) {
      for (let y = 0; y < outputHeight; y++) {
        const top = y * strideY - padTop;
        const firstY = Windows.begin(top, dilationY);
        const endY = Windows.end(top, dilationY, kernelHeight, inputHeight, firstY);
        for (let x = 0; x < outputWidth; x++) {
          const left = x * strideX - padLeft;
          const firstX = Windows.begin(left, dilationX);
          const endX = Windows.end(left, dilationX, kernelWidth, inputWidth, firstX);
          const cells = divisor ? divisor : (endY - firstY) * (endX - firstX);
          const corner =
            input +
            <usize>((top + firstY * dilationY) * inputWidth + left + firstX * dilationX) * channels;
          const stepX = <usize>dilationX * channels;
          const stepY = <usize>(dilationY * inputWidth) * channels;
          const height = endY - firstY;
          const width = endX - firstX;
          if (formula === idof<Maximum>()) {
            Windows.pixel<Maximum>(
              corner,
              output,
              channels,
              height,
              width,
              stepY,
              stepX,
              cells,
              parameters,
            );
          } else if (formula === idof<IntegerMean>()) {
            Windows.pixel<IntegerMean>(
              corner,
              output,
              channels,
              height,
              width,
              stepY,
              stepX,
              cells,
              parameters,
            );
          } else {
            Windows.pixel<FloatMean>(
              corner,
              output,
              channels,
              height,
              width,
              stepY,
              stepX,
              cells,
              parameters,
            );
          }
          output += channels;
        }
      }
      input += <usize>inputHeight * <usize>inputWidth * channels;
    }
  }

  @inline
  static pixel<Formula>(
    corner: usize,
    output: usize,
    channels: usize,
    height: i32,
    width: i32,
    stepY: usize,
    stepX: usize,
    cells: i32,
    parameters: usize,
  ): void {
    let bytes = i32x4.splat(0);
    let left = channels;
    for (; left > 0; left -= 8) {
      let acc0 = i32x4.splat(0);
      let acc1 = i32x4.splat(0);
      let row = corner;
      for (let y = height; y > 0; y--, row += stepY) {
        let cell = row;
        for (let x = width; x > 0; x--, cell += stepX) {
          const value = v128.load_ext<u8>(cell);
          if (idof<Formula>() === idof<Maximum>()) {
            acc0 = i16x8.max_u(acc0, value);
          } else if (idof<Formula>() === idof<IntegerMean>()) {
            acc0 = i32x4.add(acc0, i32x4.extend_low_i16x8_u(value));
            acc1 = i32x4.add(acc1, i32x4.extend_high_i16x8_u(value));
          } else {
            const scale = v128.load32_splat(parameters, 16);
            const real = i16x8.sub(value, v128.load16_splat(parameters, 28));
            const real0 = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(real));
            const real1 = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(real));
            acc0 = f32x4.add(acc0, f32x4.mul(scale, real0));
            acc1 = f32x4.add(acc1, f32x4.mul(scale, real1));
          }
        }
      }
      let q: v128;
      if (idof<Formula>() === idof<Maximum>()) {
        const low = v128.load16_splat(parameters);
        q = i16x8.min_u(i16x8.max_u(acc0, low), v128.load16_splat(parameters, 4));
      } else if (idof<Formula>() === idof<IntegerMean>()) {
        const low = v128.load32_splat(parameters);
        const high = v128.load32_splat(parameters, 4);
        const mean0 = Mean.away(acc0, cells, load<i32>(parameters, 8));
        const mean1 = Mean.away(acc1, cells, load<i32>(parameters, 8));
        q = i16x8.narrow_i32x4_s(
          i32x4.min_s(i32x4.max_s(mean0, low), high),
          i32x4.min_s(i32x4.max_s(mean1, low), high),
        );
      } else {
        q = i16x8.narrow_i32x4_s(
          Mean.real(acc0, cells, parameters),
          Mean.real(acc1, cells, parameters),
        );
      }
      bytes = i8x16.narrow_i16x8_u(q, q);
      if (left < 8) break;
      v128.store64_lane(output, bytes, 0);
      output += 8;
      corner += 8;
    }
    if (left) Tail.storeBytes(output, bytes, left);
  }

  /** The first tap at or after cell 0. */
  @inline
  static begin(first: i32, dilation: i32): i32 {
    return first >= 0 ? 0 : (dilation - 1 - first) / dilation;
  }

  /** The tap after the last one before cell `size`; `begin` where there is none. */
  @inline
  static end(first: i32, dilation: i32, kernel: i32, size: i32, begin: i32): i32 {
    const room = size - first;
    return max(begin, room <= 0 ? 0 : min(kernel, (room + dilation - 1) / dilation));
  }
}

class Mean {
  /** sums / n - sign to the nearest integer, halves away from zero, plus sign. */
  @inline
  static away(sums: v128, n: i32, sign: i32): v128 {
    const raw = i32x4.sub(sums, i32x4.splat(n * sign));
    const low = Mean.awayLow(raw, n);
    const high = Mean.awayLow(i64x2.shuffle(raw, raw, 1, 1), n);
    return i32x4.add(i64x2.shuffle(low, high, 0, 2), i32x4.splat(sign));
  }

  /** Of the two lower lanes. Halves are exact in double, and nothing else rounds to a half. */
  @inline
  static awayLow(sums: v128, n: i32): v128 {
    const mean = f64x2.div(f64x2.convert_low_i32x4_s(sums), f64x2.splat(<f64>max(n, 1)));
    const half = v128.or(v128.and(mean, f64x2.splat(-0.0)), f64x2.splat(0.5));
    return i32x4.trunc_sat_f64x2_s_zero(f64x2.add(mean, half));
  }

  @inline
  static real(sums: v128, n: i32, parameters: usize): v128 {
    const mean = f32x4.div(sums, f32x4.splat(<f32>max(n, 1)));
    const scaled = f32x4.div(mean, v128.load32_splat(parameters, 20));
    return Result.round(
      f32x4.add(scaled, v128.load32_splat(parameters, 24)),
      v128.load32_splat(parameters),
      v128.load32_splat(parameters, 4),
      v128.load32_splat(parameters, 8),
      v128.load32_splat(parameters, 12),
    );
  }
}
