import { DepthwiseCellsArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { Cells } from './depthwiseCells';

/**
 * output[pixel][c] = requantize(bias[c] + Σ over taps of input[tap][c] * weights[tap][c]): convolution
 * with one channel a group, down the columns of the kernel. Tile: 4 pixels by 8 channels.
 *
 *   input       u8 [batch][inputHeight][inputWidth][channels]; up to 15 bytes past it are read
 *   parameters  f32 magic[4], i32 offset[4] (the bits of magic, less the zero point), u8 min[16],
 *               u8 max[16], u8 inputZeroPoint[16], u8 flip[16], i16 ones[8]
 *   weights     per unit i32 first channel, i32 blocks, 8 bytes of nothing; per block of 8 channels
 *               i32 bias[8], f32 scale[8] and per phase i32 entries, i32 offsets[entries], to the next
 *               16 bytes, T [entries][8][rows]: a dot each with the cells `offset` from the output's
 *   output      u8 [batch][outputHeight][outputWidth][channels], nothing beyond it is written
 *   scratch     cells (depthwiseCells.ts), then the cell and the place of each pixel, i32 [2] by
 *               phase, band and column
 *
 * Output rows that lie in the same groups of rows differ in their weights alone: these are the
 * phases. bias holds -inputZeroPoint * sum(weights[c]) already. flip is 128 where the dots take the
 * cells' bytes as signed ones, whose zero point is then 128 lower.
 * |acc * scale| < 2^22, as src/kernels/depthwiseColumnsU8.ts has proved: adding magic, 1.5 * 2^23,
 * then rounds half to even, and what is beyond 16 bits saturates on its way to 8.
 */
class DepthwiseColumns {
  @inline
  static run<T>(args: usize): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const outputHeight = load<usize>(args, DepthwiseCellsArgs.outputHeight);
    const outputWidth = load<usize>(args, DepthwiseCellsArgs.outputWidth);
    const phases = load<usize>(args, DepthwiseCellsArgs.phases);
    const bands = load<usize>(args, DepthwiseCellsArgs.bands);
    const rowBytes = outputWidth * channels;
    const table = DepthwiseColumns.list(args);

    const imageBytes =
      load<usize>(args, DepthwiseCellsArgs.inputHeight) *
      load<usize>(args, DepthwiseCellsArgs.inputWidth) *
      channels;
    const height = load<usize>(args, DepthwiseCellsArgs.batch) * outputHeight;
    let image = load<usize>(args, DepthwiseCellsArgs.input);
    let output = load<usize>(args, DepthwiseCellsArgs.output);
    let y: usize = 0;
    for (let done: usize = 0; done < height; ) {
      const rows = min(bands * phases, outputHeight - y);
      let unit = load<usize>(args, DepthwiseCellsArgs.weights);
      for (let units = load<usize>(args, DepthwiseCellsArgs.units); units > 0; units--) {
        const first = load<usize>(unit);
        let blocks = load<usize>(unit, 4);
        unit += 16;
        Cells.fill<T>(args, image + first, y, (rows + phases - 1) / phases);
        for (let to = output + first; blocks > 0; blocks--, to += 8) {
          const block = unit;
          unit += 64;
          for (let phase: usize = 0; phase < phases; phase++) {
            const entries = load<usize>(unit);
            const offsets = unit + 4;
            const weights = (offsets + 4 * entries + 15) & ~15;
            unit = weights + 32 * entries;
            let pixel = table + 8 * phase * bands * outputWidth;
            const left = rows > phase ? ((rows - phase + phases - 1) / phases) * outputWidth : 0;
            for (const last = pixel + 8 * left; pixel < last; pixel += 32) {
              // Beyond the last pixel it is done again.
              const pixel1 = min(pixel + 8, last - 8);
              const pixel2 = min(pixel + 16, last - 8);
              const pixel3 = min(pixel + 24, last - 8);
              const cell0 = load<usize>(pixel);
              const cell1 = load<usize>(pixel1);
              const cell2 = load<usize>(pixel2);
              const cell3 = load<usize>(pixel3);
              const ones = v128.load(parameters, 96);
              let acc00 = v128.load(block);
              let acc01 = v128.load(block, 16);
              let acc10 = acc00;
              let acc11 = acc01;
              let acc20 = acc00;
              let acc21 = acc01;
              let acc30 = acc00;
              let acc31 = acc01;
              let offset = offsets;
              for (let w = weights; w < unit; w += 32, offset += 4) {
                const at = load<usize>(offset);
                const w0 = v128.load(w);
                const w1 = v128.load(w, 16);
                acc00 = DepthwiseColumns.dot<T>(acc00, w0, v128.load(cell0 + at), ones);
                acc01 = DepthwiseColumns.dot<T>(acc01, w1, v128.load(cell0 + at, 16), ones);
                acc10 = DepthwiseColumns.dot<T>(acc10, w0, v128.load(cell1 + at), ones);
                acc11 = DepthwiseColumns.dot<T>(acc11, w1, v128.load(cell1 + at, 16), ones);
                acc20 = DepthwiseColumns.dot<T>(acc20, w0, v128.load(cell2 + at), ones);
                acc21 = DepthwiseColumns.dot<T>(acc21, w1, v128.load(cell2 + at, 16), ones);
                acc30 = DepthwiseColumns.dot<T>(acc30, w0, v128.load(cell3 + at), ones);
                acc31 = DepthwiseColumns.dot<T>(acc31, w1, v128.load(cell3 + at, 16), ones);
              }
              const bytes01 = DepthwiseColumns.bytes(acc00, acc01, acc10, acc11, block, parameters);
              v128.store64_lane(to + load<usize>(pixel, 4), bytes01, 0);
              v128.store64_lane(to + load<usize>(pixel1, 4), bytes01, 1);
              const bytes23 = DepthwiseColumns.bytes(acc20, acc21, acc30, acc31, block, parameters);
              v128.store64_lane(to + load<usize>(pixel2, 4), bytes23, 0);
              v128.store64_lane(to + load<usize>(pixel3, 4), bytes23, 1);
            }
          }
        }
      }
      output += rows * rowBytes;
      done += rows;
      y += rows;
      if (y === outputHeight) {
        y = 0;
        image += imageBytes;
      }
    }
  }

  @inline
  static dot<T>(acc: v128, w: v128, x: v128, ones: v128): v128 {
    if (sizeof<T>() === 2) return Dot.pairs(acc, w, x);
    if (isSigned<T>()) return Dot.quads(acc, w, x);
    return Dot.quadsByPairs(acc, w, x, ones);
  }

  /** Cell and place in the output of each pixel, per phase. */
  @inline
  static list(args: usize): usize {
    const scratch = load<usize>(args, DepthwiseCellsArgs.scratch);
    const outputWidth = load<usize>(args, DepthwiseCellsArgs.outputWidth);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const phases = load<usize>(args, DepthwiseCellsArgs.phases);
    const bands = load<usize>(args, DepthwiseCellsArgs.bands);
    const step = load<usize>(args, DepthwiseCellsArgs.strideX) << 6;
    const bandBytes =
      (load<usize>(args, DepthwiseCellsArgs.groups) *
        load<usize>(args, DepthwiseCellsArgs.paddedWidth)) <<
      6;
    const table = scratch + bands * bandBytes;
    let at = table;
    for (let phase: usize = 0; phase < phases; phase++) {
      for (let band: usize = 0; band < bands; band++) {
        let cell = scratch + band * bandBytes;
        let place = (band * phases + phase) * outputWidth * channels;
        for (let x: usize = 0; x < outputWidth; x++, cell += step, place += channels, at += 8) {
          store<usize>(at, cell);
          store<usize>(at, place, 4);
        }
      }
    }
    return table;
  }

  @inline
  static bytes(
    acc00: v128,
    acc01: v128,
    acc10: v128,
    acc11: v128,
    block: usize,
    parameters: usize,
  ): v128 {
    const scale0 = v128.load(block, 32);
    const scale1 = v128.load(block, 48);
    const magic = v128.load(parameters);
    const offset = v128.load(parameters, 16);
    const q0 = i16x8.narrow_i32x4_s(
      DepthwiseColumns.round(acc00, scale0, magic, offset),
      DepthwiseColumns.round(acc01, scale1, magic, offset),
    );
    const q1 = i16x8.narrow_i32x4_s(
      DepthwiseColumns.round(acc10, scale0, magic, offset),
      DepthwiseColumns.round(acc11, scale1, magic, offset),
    );
    const q = i8x16.narrow_i16x8_u(q0, q1);
    return i8x16.min_u(i8x16.max_u(q, v128.load(parameters, 32)), v128.load(parameters, 48));
  }

  @inline
  static round(acc: v128, scale: v128, magic: v128, offset: v128): v128 {
    return i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(acc), scale), magic), offset);
  }
}

export function depthwise_u8u8_4x8r2(args: usize): void {
  DepthwiseColumns.run<i16>(args);
}

export function depthwise_u8u8_4x8r4(args: usize): void {
  DepthwiseColumns.run<i8>(args);
}

export function depthwise_u8u8_4x8r4p(args: usize): void {
  DepthwiseColumns.run<u8>(args);
}
