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
        const blocks = load<usize>(unit, 4);
        unit += 16;
        Cells.fill<T>(args, image + first, y, (rows + phases - 1) / phases);
        for (let block: usize = 0; block < blocks; block++) {
          const to = output + first + 8 * block;
          const entries = load<usize>(unit);
          const isSquare = load<i32>(unit, 4);
          const offsets = unit + 8;
          unit += (23 + 4 * entries) & ~15;
          if (isSquare) {
            Columns.square<T>(args, unit, to, rows, 32 * block);
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

  /** Three columns, two phases, which share their cells: 2 by 2 pixels by 8 channels. */
  static square<T>(args: usize, block: usize, to: usize, rows: usize, half: usize): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const rowBytes = load<usize>(args, DepthwiseCellsArgs.outputWidth) * channels;
    const groupBytes = load<usize>(args, DepthwiseCellsArgs.paddedWidth) << 6;
    const isExact = load<i32>(args, DepthwiseCellsArgs.isExact);
    const isClamped = load<i32>(args, DepthwiseCellsArgs.isClamped);
    let cells = load<usize>(args, DepthwiseCellsArgs.scratch) + half;
    for (let row: usize = 0; row < rows; row += 2) {
      const down = row + 1 < rows ? rowBytes : 0;
      const last = to + rowBytes - 2 * channels;
      let cell = cells;
      let pixel = to;
      for (;;) {
        const ones = v128.load(parameters, 96);
        let acc00 = v128.load(block);
        let acc01 = v128.load(block, 16);
        let acc10 = acc00;
        let acc11 = acc01;
        let acc20 = acc00;
        let acc21 = acc01;
        let acc30 = acc00;
        let acc31 = acc01;
        let c = cell;
        let w = block + 64;
        let x0: v128;
        let x1: v128;
        let y: v128;
        if (sizeof<T>() === 2) {
          for (const end = w + 192; w < end; w += 96, c += groupBytes) {
            const v = w + 192;
            x0 = v128.load(c, 0);
            x1 = v128.load(c, 64);
            y = v128.load(w, 0);
            acc00 = Columns.dot<T>(acc00, y, x0);
            acc10 = Columns.dot<T>(acc10, y, x1);
            y = v128.load(v, 0);
            acc20 = Columns.dot<T>(acc20, y, x0);
            acc30 = Columns.dot<T>(acc30, y, x1);
            x0 = v128.load(c, 128);
            y = v128.load(w, 32);
            acc00 = Columns.dot<T>(acc00, y, x1);
            acc10 = Columns.dot<T>(acc10, y, x0);
            y = v128.load(v, 32);
            acc20 = Columns.dot<T>(acc20, y, x1);
            acc30 = Columns.dot<T>(acc30, y, x0);
            x1 = v128.load(c, 192);
            y = v128.load(w, 64);
            acc00 = Columns.dot<T>(acc00, y, x0);
            acc10 = Columns.dot<T>(acc10, y, x1);
            y = v128.load(v, 64);
            acc20 = Columns.dot<T>(acc20, y, x0);
            acc30 = Columns.dot<T>(acc30, y, x1);
            x0 = v128.load(c, 16);
            x1 = v128.load(c, 80);
            y = v128.load(w, 16);
            acc01 = Columns.dot<T>(acc01, y, x0);
            acc11 = Columns.dot<T>(acc11, y, x1);
            y = v128.load(v, 16);
            acc21 = Columns.dot<T>(acc21, y, x0);
            acc31 = Columns.dot<T>(acc31, y, x1);
            x0 = v128.load(c, 144);
            y = v128.load(w, 48);
            acc01 = Columns.dot<T>(acc01, y, x1);
            acc11 = Columns.dot<T>(acc11, y, x0);
            y = v128.load(v, 48);
            acc21 = Columns.dot<T>(acc21, y, x1);
            acc31 = Columns.dot<T>(acc31, y, x0);
            x1 = v128.load(c, 208);
            y = v128.load(w, 80);
            acc01 = Columns.dot<T>(acc01, y, x0);
            acc11 = Columns.dot<T>(acc11, y, x1);
            y = v128.load(v, 80);
            acc21 = Columns.dot<T>(acc21, y, x0);
            acc31 = Columns.dot<T>(acc31, y, x1);
          }
        } else if (isExact) {
          const v = w + 96;
          x0 = v128.load(c, 0);
          x1 = v128.load(c, 64);
          y = v128.load(w, 0);
          acc00 = Columns.dot<T>(acc00, y, x0);
          acc10 = Columns.dot<T>(acc10, y, x1);
          y = v128.load(v, 0);
          acc20 = Columns.dot<T>(acc20, y, x0);
          acc30 = Columns.dot<T>(acc30, y, x1);
          x0 = v128.load(c, 128);
          y = v128.load(w, 32);
          acc00 = Columns.dot<T>(acc00, y, x1);
          acc10 = Columns.dot<T>(acc10, y, x0);
          y = v128.load(v, 32);
          acc20 = Columns.dot<T>(acc20, y, x1);
          acc30 = Columns.dot<T>(acc30, y, x0);
          x1 = v128.load(c, 192);
          y = v128.load(w, 64);
          acc00 = Columns.dot<T>(acc00, y, x0);
          acc10 = Columns.dot<T>(acc10, y, x1);
          y = v128.load(v, 64);
          acc20 = Columns.dot<T>(acc20, y, x0);
          acc30 = Columns.dot<T>(acc30, y, x1);
          x0 = v128.load(c, 16);
          x1 = v128.load(c, 80);
          y = v128.load(w, 16);
          acc01 = Columns.dot<T>(acc01, y, x0);
          acc11 = Columns.dot<T>(acc11, y, x1);
          y = v128.load(v, 16);
          acc21 = Columns.dot<T>(acc21, y, x0);
          acc31 = Columns.dot<T>(acc31, y, x1);
          x0 = v128.load(c, 144);
          y = v128.load(w, 48);
          acc01 = Columns.dot<T>(acc01, y, x1);
          acc11 = Columns.dot<T>(acc11, y, x0);
          y = v128.load(v, 48);
          acc21 = Columns.dot<T>(acc21, y, x1);
          acc31 = Columns.dot<T>(acc31, y, x0);
          x1 = v128.load(c, 208);
          y = v128.load(w, 80);
          acc01 = Columns.dot<T>(acc01, y, x0);
          acc11 = Columns.dot<T>(acc11, y, x1);
          y = v128.load(v, 80);
          acc21 = Columns.dot<T>(acc21, y, x0);
          acc31 = Columns.dot<T>(acc31, y, x1);
        } else {
          const v = w + 96;
          let x2: v128;
          let x3: v128;
          let s0: v128;
          let s1: v128;
          x0 = v128.load(c, 0);
          x1 = v128.load(c, 64);
          x2 = v128.load(c, 128);
          x3 = v128.load(c, 192);
          y = v128.load(w, 0);
          s0 = Dot.bytePairs(y, x0);
          s1 = Dot.bytePairs(y, x1);
          y = v128.load(w, 32);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x1));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x2));
          y = v128.load(w, 64);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x2));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x3));
          acc00 = Dot.sums(acc00, s0, ones);
          acc10 = Dot.sums(acc10, s1, ones);
          y = v128.load(v, 0);
          s0 = Dot.bytePairs(y, x0);
          s1 = Dot.bytePairs(y, x1);
          y = v128.load(v, 32);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x1));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x2));
          y = v128.load(v, 64);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x2));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x3));
          acc20 = Dot.sums(acc20, s0, ones);
          acc30 = Dot.sums(acc30, s1, ones);
          x0 = v128.load(c, 16);
          x1 = v128.load(c, 80);
          x2 = v128.load(c, 144);
          x3 = v128.load(c, 208);
          y = v128.load(w, 16);
          s0 = Dot.bytePairs(y, x0);
          s1 = Dot.bytePairs(y, x1);
          y = v128.load(w, 48);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x1));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x2));
          y = v128.load(w, 80);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x2));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x3));
          acc01 = Dot.sums(acc01, s0, ones);
          acc11 = Dot.sums(acc11, s1, ones);
          y = v128.load(v, 16);
          s0 = Dot.bytePairs(y, x0);
          s1 = Dot.bytePairs(y, x1);
          y = v128.load(v, 48);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x1));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x2));
          y = v128.load(v, 80);
          s0 = i16x8.add(s0, Dot.bytePairs(y, x2));
          s1 = i16x8.add(s1, Dot.bytePairs(y, x3));
          acc21 = Dot.sums(acc21, s0, ones);
          acc31 = Dot.sums(acc31, s1, ones);
        }
        const scale0 = v128.load(block, 32);
        const scale1 = v128.load(block, 48);
        const magic = v128.load(parameters);
        const offset = v128.load(parameters, 16);
        let bytes23 = Columns.bytes(acc20, acc21, acc30, acc31, scale0, scale1, magic, offset);
        let bytes01 = Columns.bytes(acc00, acc01, acc10, acc11, scale0, scale1, magic, offset);
        if (isClamped) {
          const low = v128.load(parameters, 32);
          const high = v128.load(parameters, 48);
          bytes01 = i8x16.min_u(i8x16.max_u(bytes01, low), high);
          bytes23 = i8x16.min_u(i8x16.max_u(bytes23, low), high);
        }
        // In this order: below the last row is that row again.
        v128.store64_lane(pixel + down + channels, bytes23, 1);
        v128.store64_lane(pixel + down, bytes23, 0);
        v128.store64_lane(pixel + channels, bytes01, 1);
        v128.store64_lane(pixel, bytes01, 0);
        pixel += 2 * channels;
        cell += 128;
        if (pixel > last) {
          if (pixel !== last + channels) break;
          // One column is left: the one before it is done again.
          pixel -= channels;
          cell -= 64;
        }
      }
      cells += groupBytes;
      to += 2 * rowBytes;
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
          acc00 = Columns.dot<T>(acc00, w0, v128.load(cell0 + at));
          acc01 = Columns.dot<T>(acc01, w1, v128.load(cell0 + at, 16));
          acc10 = Columns.dot<T>(acc10, w0, v128.load(cell1 + at));
          acc11 = Columns.dot<T>(acc11, w1, v128.load(cell1 + at, 16));
          acc20 = Columns.dot<T>(acc20, w0, v128.load(cell2 + at));
          acc21 = Columns.dot<T>(acc21, w1, v128.load(cell2 + at, 16));
          acc30 = Columns.dot<T>(acc30, w0, v128.load(cell3 + at));
          acc31 = Columns.dot<T>(acc31, w1, v128.load(cell3 + at, 16));
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
      const scale0 = v128.load(block, 32);
      const scale1 = v128.load(block, 48);
      const magic = v128.load(parameters);
      const subtract = v128.load(parameters, 16);
      let bytes01 = Columns.bytes(acc00, acc01, acc10, acc11, scale0, scale1, magic, subtract);
      let bytes23 = Columns.bytes(acc20, acc21, acc30, acc31, scale0, scale1, magic, subtract);
      if (isClamped) {
        const low = v128.load(parameters, 32);
        const high = v128.load(parameters, 48);
        bytes01 = i8x16.min_u(i8x16.max_u(bytes01, low), high);
        bytes23 = i8x16.min_u(i8x16.max_u(bytes23, low), high);
      }
      v128.store64_lane(to + load<usize>(pixel, 4), bytes01, 0);
      v128.store64_lane(to + load<usize>(pixel1, 4), bytes01, 1);
      v128.store64_lane(to + load<usize>(pixel2, 4), bytes23, 0);
      v128.store64_lane(to + load<usize>(pixel3, 4), bytes23, 1);
    }
  }

  @inline
  static dot<T>(acc: v128, w: v128, x: v128): v128 {
    return sizeof<T>() === 2 ? Dot.pairs(acc, w, x) : Dot.quads(acc, w, x);
  }

  /** Two pixels of eight channels. */
  @inline
  static bytes(
    acc00: v128,
    acc01: v128,
    acc10: v128,
    acc11: v128,
    scale0: v128,
    scale1: v128,
    magic: v128,
    offset: v128,
  ): v128 {
    const q0 = i16x8.narrow_i32x4_s(
      Columns.round(acc00, scale0, magic, offset),
      Columns.round(acc01, scale1, magic, offset),
    );
    const q1 = i16x8.narrow_i32x4_s(
      Columns.round(acc10, scale0, magic, offset),
      Columns.round(acc11, scale1, magic, offset),
    );
    return i8x16.narrow_i16x8_u(q0, q1);
  }

  @inline
  static round(acc: v128, scale: v128, magic: v128, offset: v128): v128 {
    return i32x4.sub(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(acc), scale), magic), offset);
  }
}

export function depthwise_u8u8_4x8r2(args: usize): void {
  Columns.run<i16>(args);
}

/** The rows in fours, by dots of bytes. */
export function depthwise_u8u8_4x8r4(args: usize): void {
  Columns.run<u8>(args);
}
