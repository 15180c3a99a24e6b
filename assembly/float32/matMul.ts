import { MatMulF32Args } from '../arguments';
import { Walk } from '../layout/walk';
import { Tile } from './tile';

/**
 * output[...][m][n] = a[...][m][k] · b[...][k][n], float32. Tile: 4 rows by 8 columns.
 *
 *   a        f32 [m][k] for each combination of the batch axes
 *   b        f32 [k][n] likewise; up to 28 bytes past it are read
 *   axes     the batch axes for Walk, steps of a and of b
 *   output   f32 [count][m][n]
 *   scratch  state of Walk, then at `panel` 48 bytes for the tile's bounds and bias, and f32 [k][8]
 *            where m >= 4: b's columns in one piece
 */
export function matmul_f32_4x8(args: usize): void {
  const axes = load<usize>(args, MatMulF32Args.axes);
  const state = load<usize>(args, MatMulF32Args.state);
  const panel = load<usize>(args, MatMulF32Args.panel);
  const axisCount = load<usize>(args, MatMulF32Args.axisCount);
  let output = load<usize>(args, MatMulF32Args.output);
  const m = load<usize>(args, MatMulF32Args.m);
  const n = load<usize>(args, MatMulF32Args.n);
  const k = load<usize>(args, MatMulF32Args.k);
  store<f32>(panel, -f32.POSITIVE_INFINITY);
  store<f32>(panel, f32.POSITIVE_INFINITY, 4);
  v128.store(panel, f32x4.splat(0), 16);
  v128.store(panel, f32x4.splat(0), 32);
  const packed = panel + 48;

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, MatMulF32Args.count); i > 0; i--) {
    const a = load<usize>(args, MatMulF32Args.a) + Walk.first(state);
    const b = load<usize>(args, MatMulF32Args.b) + Walk.second(state);
    for (let column: usize = 0; column < n; column += 8) {
      let weights = b + (column << 2);
      let weightsRow = n << 2;
      if (m >= 4) {
        let to = packed;
        for (let j = k; j > 0; j--) {
          v128.store(to, v128.load(weights));
          v128.store(to, v128.load(weights, 16), 16);
          to += 32;
          weights += weightsRow;
        }
        weights = packed;
        weightsRow = 32;
      }
      Tile.multiply(
        a,
        k << 2,
        m,
        weights,
        weightsRow,
        k,
        panel + 16,
        panel,
        output + (column << 2),
        n << 2,
        min<usize>(8, n - column),
      );
    }
    output += (m * n) << 2;
    Walk.next(state, axes, axisCount);
  }
}
