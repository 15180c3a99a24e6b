import { DepthwiseCellsArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { DepthwiseResult } from './depthwiseResult';

/**
 * As Square, of pairs of bytes: the products of three columns are summed in 16 bits and widened once.
 * Unrolled, sum beside sum: V8 keeps the order, and one sum's steps wait for each other.
 */
export class SquareSums {
  static run(args: usize, block: usize, to: usize, rows: usize, half: usize): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const rowBytes = load<usize>(args, DepthwiseCellsArgs.outputWidth) * channels;
    const groupBytes = load<usize>(args, DepthwiseCellsArgs.paddedWidth) << 6;
    const isClamped = load<i32>(args, DepthwiseCellsArgs.isClamped);
    let cells = load<usize>(args, DepthwiseCellsArgs.scratch) + half;
    for (let row: usize = 0; row < rows; row += 2) {
      // Below the last row is that row again.
      const down = row + 1 < rows ? rowBytes : 0;
      const last = to + rowBytes - 2 * channels;
      let cell = cells;
      let pixel = to;
      for (;;) {
        let x0: v128;
        let x1: v128;
        let w: v128;
        let v: v128;
        let s0: v128;
        let s1: v128;
        let s2: v128;
        let s3: v128;
        x0 = v128.load(cell, 0);
        x1 = v128.load(cell, 64);
        w = v128.load(block, 64);
        v = v128.load(block, 160);
        s0 = Dot.bytePairs(w, x0);
        s1 = Dot.bytePairs(w, x1);
        s2 = Dot.bytePairs(v, x0);
        s3 = Dot.bytePairs(v, x1);
        x0 = v128.load(cell, 128);
        w = v128.load(block, 96);
        v = v128.load(block, 192);
        s0 = i16x8.add(s0, Dot.bytePairs(w, x1));
        s1 = i16x8.add(s1, Dot.bytePairs(w, x0));
        s2 = i16x8.add(s2, Dot.bytePairs(v, x1));
        s3 = i16x8.add(s3, Dot.bytePairs(v, x0));
        x1 = v128.load(cell, 192);
        w = v128.load(block, 128);
        v = v128.load(block, 224);
        s0 = i16x8.add(s0, Dot.bytePairs(w, x0));
        s1 = i16x8.add(s1, Dot.bytePairs(w, x1));
        s2 = i16x8.add(s2, Dot.bytePairs(v, x0));
        s3 = i16x8.add(s3, Dot.bytePairs(v, x1));
        w = v128.load(parameters, 96);
        s0 = i32x4.dot_i16x8_s(s0, w);
        s1 = i32x4.dot_i16x8_s(s1, w);
        s2 = i32x4.dot_i16x8_s(s2, w);
        s3 = i32x4.dot_i16x8_s(s3, w);
        w = v128.load(block, 0);
        const acc00 = i32x4.add(s0, w);
        const acc10 = i32x4.add(s1, w);
        const acc20 = i32x4.add(s2, w);
        const acc30 = i32x4.add(s3, w);
        x0 = v128.load(cell, 16);
        x1 = v128.load(cell, 80);
        w = v128.load(block, 80);
        v = v128.load(block, 176);
        s0 = Dot.bytePairs(w, x0);
        s1 = Dot.bytePairs(w, x1);
        s2 = Dot.bytePairs(v, x0);
        s3 = Dot.bytePairs(v, x1);
        x0 = v128.load(cell, 144);
        w = v128.load(block, 112);
        v = v128.load(block, 208);
        s0 = i16x8.add(s0, Dot.bytePairs(w, x1));
        s1 = i16x8.add(s1, Dot.bytePairs(w, x0));
        s2 = i16x8.add(s2, Dot.bytePairs(v, x1));
        s3 = i16x8.add(s3, Dot.bytePairs(v, x0));
        x1 = v128.load(cell, 208);
        w = v128.load(block, 144);
        v = v128.load(block, 240);
        s0 = i16x8.add(s0, Dot.bytePairs(w, x0));
        s1 = i16x8.add(s1, Dot.bytePairs(w, x1));
        s2 = i16x8.add(s2, Dot.bytePairs(v, x0));
        s3 = i16x8.add(s3, Dot.bytePairs(v, x1));
        w = v128.load(parameters, 96);
        s0 = i32x4.dot_i16x8_s(s0, w);
        s1 = i32x4.dot_i16x8_s(s1, w);
        s2 = i32x4.dot_i16x8_s(s2, w);
        s3 = i32x4.dot_i16x8_s(s3, w);
        w = v128.load(block, 16);
        const acc01 = i32x4.add(s0, w);
        const acc11 = i32x4.add(s1, w);
        const acc21 = i32x4.add(s2, w);
        const acc31 = i32x4.add(s3, w);
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
          pixel,
          pixel + channels,
          pixel + down,
          pixel + down + channels,
        );
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
}
