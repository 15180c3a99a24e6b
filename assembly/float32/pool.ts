import { PoolF32Args } from '../arguments';
import { Tile } from './tile';

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
  Pool.run(args, true);
}

/** Average, 0 of a window without cells; where `countIncludePad`, padding counts as zeros. */
export function average_pool_f32_1x8(args: usize): void {
  Pool.run(args, false);
}

// The operations as types, so that the loops over a window are compiled once for each.
class Max {}
class Average {}

class Pool {
  /** The pixels of both operations; not inlined. */
  static run(args: usize, isMax: bool): void {
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
    const stepX = <usize>dilationX * pixelBytes;
    const stepY = <usize>(dilationY * inputWidth) * pixelBytes;
    // Padding that counts: the window's cells above and left of the input, or none.
    const countIncludePad = load<i32>(args, PoolF32Args.countIncludePad) !== 0;
    const endY = inputHeight + load<i32>(args, PoolF32Args.padBottom);
    const endX = inputWidth + load<i32>(args, PoolF32Args.padRight);

    for (let i = load<usize>(args, PoolF32Args.batch); i > 0; i--) {
      for (let outputY = 0; outputY < outputHeight; outputY++) {
        const top = outputY * strideY - padTop;
        const yBegin = Pool.firstTap(top, dilationY, 0, kernelHeight);
        const yEnd = Pool.firstTap(top, dilationY, inputHeight, kernelHeight);
        for (let outputX = 0; outputX < outputWidth; outputX++) {
          const left = outputX * strideX - padLeft;
          const xBegin = Pool.firstTap(left, dilationX, 0, kernelWidth);
          const xEnd = Pool.firstTap(left, dilationX, inputWidth, kernelWidth);
          const cell = (top + yBegin * dilationY) * inputWidth + left + xBegin * dilationX;
          const corner = input + <usize>cell * pixelBytes;
          let cells = (yEnd - yBegin) * (xEnd - xBegin);
          if (countIncludePad) {
            // No window begins before the padding.
            cells =
              Pool.firstTap(top, dilationY, endY, kernelHeight) *
              Pool.firstTap(left, dilationX, endX, kernelWidth);
          }
          const divisor = f32x4.splat(<f32>max(cells, 1));
          for (let channel: usize = 0; channel < pixelBytes; channel += 32) {
            const from = corner + channel;
            const to = output + channel;
            const count = (pixelBytes - channel) >> 2;
            const height = yEnd - yBegin;
            const width = xEnd - xBegin;
            if (isMax) {
              Pool.window<Max>(from, to, height, width, stepY, stepX, divisor, low, high, count);
            } else {
              Pool.window<Average>(
                from,
                to,
                height,
                width,
                stepY,
                stepX,
                divisor,
                low,
                high,
                count,
              );
            }
          }
          output += pixelBytes;
        }
      }
      input += <usize>(inputHeight * inputWidth) * pixelBytes;
    }
  }

  /** Eight channels of a window, of which `count` exist. */
  @inline
  static window<Op>(
    from: usize,
    to: usize,
    height: i32,
    width: i32,
    stepY: usize,
    stepX: usize,
    divisor: v128,
    low: v128,
    high: v128,
    count: usize,
  ): void {
    const isMax = idof<Op>() === idof<Max>();
    const start = f32x4.splat(isMax ? -f32.POSITIVE_INFINITY : 0);
    let acc0 = start;
    let acc1 = start;
    let line = from;
    for (let y = height; y > 0; y--, line += stepY) {
      // A sum per row of the window: long sums lose less.
      let row0 = start;
      let row1 = start;
      let cell = line;
      for (let x = width; x > 0; x--, cell += stepX) {
        row0 = Pool.join<Op>(row0, v128.load(cell));
        row1 = Pool.join<Op>(row1, v128.load(cell, 16));
      }
      acc0 = Pool.join<Op>(acc0, row0);
      acc1 = Pool.join<Op>(acc1, row1);
    }
    if (!isMax) {
      acc0 = f32x4.div(acc0, divisor);
      acc1 = f32x4.div(acc1, divisor);
    }
    Tile.store(to, acc0, acc1, low, high, count);
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
