import { PoolF32Args } from '../arguments';
import { Lanes } from '../simd/lanes';

/*
 * Windows over an NHWC map, clamped to the bounds. Cells outside the input do not count.
 * Tile: 1 pixel by 8 channels.
 *
 *   input   f32 [batch][inputHeight][inputWidth][channels]; up to 28 bytes past it are read
 *   bounds  low f32, high f32
 *   output  f32 [batch][outputHeight][outputWidth][channels]
 */

/** Maximum, NaN where the window has one; -Infinity of a window without cells. */
export function max_pool_f32_1x8(args: usize): void {
  Pool.run<Max>(args);
}

/** Average, 0 of a window without cells; where `countIncludePad`, padding counts as zeros. */
export function average_pool_f32_1x8(args: usize): void {
  Pool.run<Average>(args);
}

class Max {}
class Average {}

class Pool {
  @inline
  static run<Op>(args: usize): void {
    let input = load<usize>(args, PoolF32Args.input);
    let output = load<usize>(args, PoolF32Args.output);
    const inputHeight = load<i32>(args, PoolF32Args.inputHeight);
    const inputWidth = load<i32>(args, PoolF32Args.inputWidth);
    const channels = load<usize>(args, PoolF32Args.channels);
    const outputHeight = load<i32>(args, PoolF32Args.outputHeight);
    const outputWidth = load<i32>(args, PoolF32Args.outputWidth);
    const kernelHeight = load<i32>(args, PoolF32Args.kernelHeight);
    const kernelWidth = load<i32>(args, PoolF32Args.kernelWidth);
    const strideY = load<i32>(args, PoolF32Args.strideY);
    const strideX = load<i32>(args, PoolF32Args.strideX);
    const dilationY = load<i32>(args, PoolF32Args.dilationY);
    const dilationX = load<i32>(args, PoolF32Args.dilationX);
    const padTop = load<i32>(args, PoolF32Args.padTop);
    const padLeft = load<i32>(args, PoolF32Args.padLeft);
    const bounds = load<usize>(args, PoolF32Args.bounds);
    const low = v128.load32_splat(bounds);
    const high = v128.load32_splat(bounds, 4);
    const pixelBytes = channels << 2;
    const isMax = idof<Op>() === idof<Max>();
    const start = f32x4.splat(isMax ? -f32.POSITIVE_INFINITY : 0);
    // Padding that counts: the window's cells above and left of the input, or none.
    const countIncludePad = load<i32>(args, PoolF32Args.countIncludePad) !== 0;
    const firstY = countIncludePad ? -padTop : 0;
    const firstX = countIncludePad ? -padLeft : 0;
    const endY = inputHeight + (countIncludePad ? load<i32>(args, PoolF32Args.padBottom) : 0);
    const endX = inputWidth + (countIncludePad ? load<i32>(args, PoolF32Args.padRight) : 0);

    for (let i = load<usize>(args, PoolF32Args.batch); i > 0; i--) {
      for (let outputY = 0; outputY < outputHeight; outputY++) {
        const top = outputY * strideY - padTop;
        const yBegin = Pool.firstTap(top, dilationY, 0, kernelHeight);
        const yEnd = Pool.firstTap(top, dilationY, inputHeight, kernelHeight);
        const counted =
          Pool.firstTap(top, dilationY, endY, kernelHeight) -
          Pool.firstTap(top, dilationY, firstY, kernelHeight);
        for (let outputX = 0; outputX < outputWidth; outputX++) {
          const left = outputX * strideX - padLeft;
          const xBegin = Pool.firstTap(left, dilationX, 0, kernelWidth);
          const xEnd = Pool.firstTap(left, dilationX, inputWidth, kernelWidth);
          const cells =
            counted *
            (Pool.firstTap(left, dilationX, endX, kernelWidth) -
              Pool.firstTap(left, dilationX, firstX, kernelWidth));
          const divisor = f32x4.splat(<f32>max(cells, 1));
          for (let channel: usize = 0; channel < channels; channel += 8) {
            let acc0 = start;
            let acc1 = start;
            for (let ky = yBegin; ky < yEnd; ky++) {
              const cell = (top + ky * dilationY) * inputWidth + left + xBegin * dilationX;
              let from = input + <usize>cell * pixelBytes + (channel << 2);
              // A sum per row of the window: long sums lose less.
              let row0 = start;
              let row1 = start;
              for (let kx = xBegin; kx < xEnd; kx++) {
                row0 = Pool.join<Op>(row0, v128.load(from));
                row1 = Pool.join<Op>(row1, v128.load(from, 16));
                from += <usize>dilationX * pixelBytes;
              }
              acc0 = Pool.join<Op>(acc0, row0);
              acc1 = Pool.join<Op>(acc1, row1);
            }
            if (!isMax) {
              acc0 = f32x4.div(acc0, divisor);
              acc1 = f32x4.div(acc1, divisor);
            }
            const value0 = f32x4.min(f32x4.max(acc0, low), high);
            const value1 = f32x4.min(f32x4.max(acc1, low), high);
            const count = min<usize>(8, channels - channel);
            Lanes.storeWords8(output, value0, value1, count);
            output += count << 2;
          }
        }
      }
      input += <usize>(inputHeight * inputWidth) * pixelBytes;
    }
  }

  @inline
  static join<Op>(a: v128, b: v128): v128 {
    return idof<Op>() === idof<Max>() ? f32x4.max(a, b) : f32x4.add(a, b);
  }

  /** The first of `taps` at or beyond `limit`: origin + tap * dilation >= limit. */
  @inline
  static firstTap(origin: i32, dilation: i32, limit: i32, taps: i32): i32 {
    const distance = limit - origin;
    return distance <= 0 ? 0 : min((distance + dilation - 1) / dilation, taps);
  }
}
