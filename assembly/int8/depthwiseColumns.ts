import { DepthwiseCellsArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { Cells } from './depthwiseCells';
import { DepthwiseResult } from './depthwiseResult';
import { Square } from './depthwiseSquare';
import { SquareSums } from './depthwiseSquareSums';
import { Strided } from './depthwiseStrided';

/**
 * output[pixel][c] = requantize(bias[c] + Σ over taps of input[tap][c] * weights[tap][c]): convolution
 * with one channel a group, down the columns of the kernel. Tile: 4 pixels by 8 channels.
 *
 *   input       u8 [batch][inputHeight][inputWidth][channels]; up to 15 bytes past it are read
 *   parameters  f32 magic[4], i32 offset[4] (the bits of magic, less the zero point), u8 min[16],
 *               u8 max[16], u8 inputZeroPoint[16], 16 bytes of nothing, i16 ones[8]
 *   weights     per unit i32 first channel, i32 blocks, 8 bytes of nothing; per block of 8 channels
 *               i32 entries, i32 isSquare, i32 offsets[entries], to the next 16 bytes, i32 bias[8],
 *               f32 scale[8] and per phase T [entries][8][rows]: a dot each with the cells `offset`
 *               from the output's
 *   output      u8 [batch][outputHeight][outputWidth][channels], nothing beyond it is written
 *   scratch     cells (depthwiseCells.ts), then the cell and the place of each pixel, i32 [2] by
 *               phase, band and column; of one phase, what Strided keeps
 *
 * isSquare: three columns at stride 1, two phases (Square, SquareSums); or 3x3 at stride 2, where it
 * counts if both blocks of a unit are (Strided).
 * Output rows that lie in the same groups of rows differ in their weights alone: these are the
 * phases. bias holds -inputZeroPoint * sum(weights[c]) already. Where the dots take the cells' bytes
 * as signed ones, these are held 128 lower, and bias knows it.
 * |acc * scale| < 2^22, as src/kernels/depthwiseColumnsU8.ts has proved: adding magic, 1.5 * 2^23,
 * then rounds half to even, and what is beyond 16 bits saturates on its way to 8.
 */
class Columns {
  @inline
  static run<T>(args: usize): void {
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const outputHeight = load<usize>(args, DepthwiseCellsArgs.outputHeight);
    const outputWidth = load<usize>(args, DepthwiseCellsArgs.outputWidth);
    const phases = load<usize>(args, DepthwiseCellsArgs.phases);
    const bands = load<usize>(args, DepthwiseCellsArgs.bands);
    const rowBytes = outputWidth * channels;
    const table = Cells.list(args);
    const window = table + 8 * phases * bands * outputWidth;
    if (phases === 1) Strided.prepare(args, window);

    const imageBytes =
      load<usize>(args, DepthwiseCellsArgs.inputHeight) *
      load<usize>(args, DepthwiseCellsArgs.inputWidth) *
      channels;
    const height = load<usize>(args, DepthwiseCellsArgs.batch) * outputHeight;
    let image = load<usize>(args, DepthwiseCellsArgs.input);
    let output = load<usize>(args, DepthwiseCellsArgs.output);
    let y: usize = 0;
    let hasPads = false;
    for (let done: usize = 0; done < height; ) {
      const rows = min(bands * phases, outputHeight - y);
      let unit = load<usize>(args, DepthwiseCellsArgs.weights);
      for (let units = load<usize>(args, DepthwiseCellsArgs.units); units > 0; units--) {
        const first = load<usize>(unit);
        const blocks = load<usize>(unit, 4);
        unit += 16;
        if (phases === 1 && blocks === 2 && load<i32>(unit, 4)) {
          const bytes: usize = sizeof<T>() === 2 ? 288 : 192;
          if (load<i32>(unit + bytes, 4)) {
            Strided.run<T>(args, unit + 32, image + first, output + first, <i32>y, rows, window);
            unit += 2 * bytes;
            continue;
          }
        }
        Cells.fill<T>(args, image + first, y, (rows + phases - 1) / phases, hasPads);
        hasPads = true;
        for (let block: usize = 0; block < blocks; block++) {
          const to = output + first + 8 * block;
          const entries = load<usize>(unit);
          const isSquare = phases > 1 && load<i32>(unit, 4) !== 0;
          const offsets = unit + 8;
          unit += (23 + 4 * entries) & ~15;
          if (isSquare) {
            if (sizeof<T>() === 1 && !load<i32>(args, DepthwiseCellsArgs.isExact)) {
              SquareSums.run(args, unit, to, rows, 32 * block);
            } else Square.run<T>(args, unit, to, rows, 32 * block);
          } else {
            for (let phase: usize = 0; phase < min(phases, rows); phase++) {
              const pixel = table + 8 * phase * bands * outputWidth;
              const count = ((rows - phase + phases - 1) / phases) * outputWidth;
              const weights = unit + 64 + 32 * phase * entries;
              Columns.listed<T>(args, unit, weights, offsets, to, pixel, pixel + 8 * count);
            }
          }
          unit += 64 + 32 * phases * entries;
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

  /** One phase: four pixels of the list by 8 channels. */
  static listed<T>(
    args: usize,
    block: usize,
    weights: usize,
    offsets: usize,
    to: usize,
    pixel: usize,
    last: usize,
  ): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const isExact = load<i32>(args, DepthwiseCellsArgs.isExact);
    const isClamped = load<i32>(args, DepthwiseCellsArgs.isClamped);
    const end = weights + 32 * load<usize>(offsets - 8);
    for (; pixel < last; pixel += 32) {
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
      let w = weights;
      if (sizeof<T>() === 2 || isExact) {
        for (; w < end; w += 32, offset += 4) {
          const at = load<usize>(offset);
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          acc00 = Square.dot<T>(acc00, w0, v128.load(cell0 + at));
          acc01 = Square.dot<T>(acc01, w1, v128.load(cell0 + at, 16));
          acc10 = Square.dot<T>(acc10, w0, v128.load(cell1 + at));
          acc11 = Square.dot<T>(acc11, w1, v128.load(cell1 + at, 16));
          acc20 = Square.dot<T>(acc20, w0, v128.load(cell2 + at));
          acc21 = Square.dot<T>(acc21, w1, v128.load(cell2 + at, 16));
          acc30 = Square.dot<T>(acc30, w0, v128.load(cell3 + at));
          acc31 = Square.dot<T>(acc31, w1, v128.load(cell3 + at, 16));
        }
      } else {
        for (; w < end; w += 32, offset += 4) {
          const at = load<usize>(offset);
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          acc00 = Dot.quadsByPairs(acc00, w0, v128.load(cell0 + at), ones);
          acc01 = Dot.quadsByPairs(acc01, w1, v128.load(cell0 + at, 16), ones);
          acc10 = Dot.quadsByPairs(acc10, w0, v128.load(cell1 + at), ones);
          acc11 = Dot.quadsByPairs(acc11, w1, v128.load(cell1 + at, 16), ones);
          acc20 = Dot.quadsByPairs(acc20, w0, v128.load(cell2 + at), ones);
          acc21 = Dot.quadsByPairs(acc21, w1, v128.load(cell2 + at, 16), ones);
          acc30 = Dot.quadsByPairs(acc30, w0, v128.load(cell3 + at), ones);
          acc31 = Dot.quadsByPairs(acc31, w1, v128.load(cell3 + at, 16), ones);
        }
      }
      DepthwiseResult.store(
        acc00,
        acc01,
        acc10,
        acc11,
        acc20,
        acc21,
        acc30,
        acc31,
        block,
        parameters,
        isClamped,
        to + load<usize>(pixel, 4),
        to + load<usize>(pixel1, 4),
        to + load<usize>(pixel2, 4),
        to + load<usize>(pixel3, 4),
      );
    }
  }

  @inline
  static dot<T>(acc: v128, w: v128, x: v128): v128 {
    return sizeof<T>() === 2 ? Dot.pairs(acc, w, x) : Dot.quads(acc, w, x);
  }
}

export function depthwise_u8u8_4x8r2(args: usize): void {
  Columns.run<i16>(args);
}

/** The rows in fours, by dots of bytes. */
export function depthwise_u8u8_4x8r4(args: usize): void {
  Columns.run<u8>(args);
}
