import { DepthwiseCellsArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { DepthwiseResult } from './depthwiseResult';

/**
 * Three columns, two phases, which share their cells: 2 by 2 pixels by 8 channels, at least 2 pixels
 * wide. The halves of the channels have loops of their own: in one, V8 of Node 20 loads all operands
 * before it multiplies, and has no registers left.
 */
export class Square {
  static run<T>(args: usize, block: usize, to: usize, rows: usize, half: usize): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const rowBytes = load<usize>(args, DepthwiseCellsArgs.outputWidth) * channels;
    const groupBytes = load<usize>(args, DepthwiseCellsArgs.paddedWidth) << 6;
    const isClamped = load<i32>(args, DepthwiseCellsArgs.isClamped);
    // Bytes of weights.
    const phase: usize = sizeof<T>() === 2 ? 192 : 96;
    let cells = load<usize>(args, DepthwiseCellsArgs.scratch) + half;
    for (let row: usize = 0; row < rows; row += 2) {
      // Below the last row is that row again.
      const down = row + 1 < rows ? rowBytes : 0;
      const last = to + rowBytes - 2 * channels;
      let cell = cells;
      let pixel = to;
      for (;;) {
        let acc00 = v128.load(block);
        let acc01 = v128.load(block, 16);
        let acc10 = acc00;
        let acc11 = acc01;
        let acc20 = acc00;
        let acc21 = acc01;
        let acc30 = acc00;
        let acc31 = acc01;
        let x0: v128;
        let x1: v128;
        let y: v128;
        for (let at: usize = 0, c = cell; at < phase; at += 96, c += groupBytes) {
          const w = block + at;
          const v = w + phase;
          x0 = v128.load(c, 0);
          x1 = v128.load(c, 64);
          y = v128.load(w, 64);
          acc00 = Square.dot<T>(acc00, y, x0);
          acc10 = Square.dot<T>(acc10, y, x1);
          y = v128.load(v, 64);
          acc20 = Square.dot<T>(acc20, y, x0);
          acc30 = Square.dot<T>(acc30, y, x1);
          x0 = v128.load(c, 128);
          y = v128.load(w, 96);
          acc00 = Square.dot<T>(acc00, y, x1);
          acc10 = Square.dot<T>(acc10, y, x0);
          y = v128.load(v, 96);
          acc20 = Square.dot<T>(acc20, y, x1);
          acc30 = Square.dot<T>(acc30, y, x0);
          x1 = v128.load(c, 192);
          y = v128.load(w, 128);
          acc00 = Square.dot<T>(acc00, y, x0);
          acc10 = Square.dot<T>(acc10, y, x1);
          y = v128.load(v, 128);
          acc20 = Square.dot<T>(acc20, y, x0);
          acc30 = Square.dot<T>(acc30, y, x1);
        }
        for (let at: usize = 0, c = cell; at < phase; at += 96, c += groupBytes) {
          const w = block + at;
          const v = w + phase;
          x0 = v128.load(c, 16);
          x1 = v128.load(c, 80);
          y = v128.load(w, 80);
          acc01 = Square.dot<T>(acc01, y, x0);
          acc11 = Square.dot<T>(acc11, y, x1);
          y = v128.load(v, 80);
          acc21 = Square.dot<T>(acc21, y, x0);
          acc31 = Square.dot<T>(acc31, y, x1);
          x0 = v128.load(c, 144);
          y = v128.load(w, 112);
          acc01 = Square.dot<T>(acc01, y, x1);
          acc11 = Square.dot<T>(acc11, y, x0);
          y = v128.load(v, 112);
          acc21 = Square.dot<T>(acc21, y, x1);
          acc31 = Square.dot<T>(acc31, y, x0);
          x1 = v128.load(c, 208);
          y = v128.load(w, 144);
          acc01 = Square.dot<T>(acc01, y, x0);
          acc11 = Square.dot<T>(acc11, y, x1);
          y = v128.load(v, 144);
          acc21 = Square.dot<T>(acc21, y, x0);
          acc31 = Square.dot<T>(acc31, y, x1);
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

  @inline
  static dot<T>(acc: v128, w: v128, x: v128): v128 {
    return sizeof<T>() === 2 ? Dot.pairs(acc, w, x) : Dot.quads(acc, w, x);
  }
}
