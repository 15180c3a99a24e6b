import { Count } from '../simd/count';
import { Lanes } from '../simd/lanes';

/** The inner loops of a float32 matrix product. */
export class Tile {
  /**
   * output[row][8 channels] = clamp(bias + panel[row][k] · weights[k][8]) for all rows. The sum runs
   * over k in order, whatever the tile, so that a row's bits do not depend on its neighbours.
   * Tile: 4 rows by 8 channels. Bias and bounds are loaded where they are used: the tile
   * leaves no registers to keep them in.
   *
   * @param weightsRow bytes from one k to the next, 32 where there are four rows
   * @param bias f32 [8]
   * @param bounds low f32, high f32
   * @param count of the 8 channels, how many are stored
   */
  @inline
  static multiply(
    panel: usize,
    panelRow: usize,
    rows: usize,
    weights: usize,
    weightsRow: usize,
    k: usize,
    bias: usize,
    bounds: usize,
    output: usize,
    outputRow: usize,
    count: usize,
  ): void {
    let row = rows;
    for (; row >= 4; row -= 4) {
      let a0 = panel;
      let a1 = a0 + panelRow;
      let a2 = a1 + panelRow;
      let a3 = a2 + panelRow;
      panel = a3 + panelRow;
      let acc00 = v128.load(bias);
      let acc01 = v128.load(bias, 16);
      let acc10 = acc00;
      let acc11 = acc01;
      let acc20 = acc00;
      let acc21 = acc01;
      let acc30 = acc00;
      let acc31 = acc01;
      let w = weights;
      for (let i = k; i > 0; i--) {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const x0 = v128.load32_splat(a0);
        acc00 = f32x4.add(acc00, f32x4.mul(w0, x0));
        acc01 = f32x4.add(acc01, f32x4.mul(w1, x0));
        const x1 = v128.load32_splat(a1);
        acc10 = f32x4.add(acc10, f32x4.mul(w0, x1));
        acc11 = f32x4.add(acc11, f32x4.mul(w1, x1));
        const x2 = v128.load32_splat(a2);
        acc20 = f32x4.add(acc20, f32x4.mul(w0, x2));
        acc21 = f32x4.add(acc21, f32x4.mul(w1, x2));
        const x3 = v128.load32_splat(a3);
        acc30 = f32x4.add(acc30, f32x4.mul(w0, x3));
        acc31 = f32x4.add(acc31, f32x4.mul(w1, x3));
        a0 += 4;
        a1 += 4;
        a2 += 4;
        a3 += 4;
        w += weightsRow;
        Count.macs(32);
      }
      const low = v128.load32_splat(bounds);
      const high = v128.load32_splat(bounds, 4);
      Tile.store(output, acc00, acc01, low, high, count);
      output += outputRow;
      Tile.store(output, acc10, acc11, low, high, count);
      output += outputRow;
      Tile.store(output, acc20, acc21, low, high, count);
      output += outputRow;
      Tile.store(output, acc30, acc31, low, high, count);
      output += outputRow;
    }
    for (; row > 0; row--) {
      let a0 = panel;
      panel += panelRow;
      let acc0 = v128.load(bias);
      let acc1 = v128.load(bias, 16);
      let w = weights;
      for (let i = k; i > 0; i--) {
        const x0 = v128.load32_splat(a0);
        acc0 = f32x4.add(acc0, f32x4.mul(v128.load(w), x0));
        acc1 = f32x4.add(acc1, f32x4.mul(v128.load(w, 16), x0));
        a0 += 4;
        w += weightsRow;
        Count.macs(8);
      }
      const low = v128.load32_splat(bounds);
      const high = v128.load32_splat(bounds, 4);
      Tile.store(output, acc0, acc1, low, high, count);
      output += outputRow;
    }
  }

  /** Bounds and stores the first `count` of 8 channels; NaN stays NaN. */
  @inline
  static store(output: usize, acc0: v128, acc1: v128, low: v128, high: v128, count: usize): void {
    const value0 = f32x4.min(f32x4.max(acc0, low), high);
    const value1 = f32x4.min(f32x4.max(acc1, low), high);
    Lanes.storeWords8(output, value0, value1, count);
  }
}
