import { ConvArgs } from '../arguments';
import { ConvResult } from './convResult';

/** What becomes of the accumulators of two pixels of a tile; see convResult.ts. */
export class ConvPair {
  /** Bytes by ConvResult.round. */
  @inline
  static store16(
    type: i32,
    output: usize,
    next: usize,
    acc00: v128,
    acc01: v128,
    acc02: v128,
    acc03: v128,
    acc10: v128,
    acc11: v128,
    acc12: v128,
    acc13: v128,
    head: usize,
    packed: usize,
  ): void {
    const magic = v128.load(packed, 64);
    const offset = v128.load(packed, 80);
    // Each scale is loaded once for both pixels.
    let scale = v128.load(head, 64);
    acc00 = ConvResult.round(acc00, scale, magic, offset);
    acc10 = ConvResult.round(acc10, scale, magic, offset);
    scale = v128.load(head, 80);
    acc01 = ConvResult.round(acc01, scale, magic, offset);
    acc11 = ConvResult.round(acc11, scale, magic, offset);
    const low0 = i16x8.narrow_i32x4_s(acc00, acc01);
    const low1 = i16x8.narrow_i32x4_s(acc10, acc11);
    scale = v128.load(head, 96);
    acc02 = ConvResult.round(acc02, scale, magic, offset);
    acc12 = ConvResult.round(acc12, scale, magic, offset);
    scale = v128.load(head, 112);
    acc03 = ConvResult.round(acc03, scale, magic, offset);
    acc13 = ConvResult.round(acc13, scale, magic, offset);
    let q0 = i8x16.narrow_i16x8_u(low0, i16x8.narrow_i32x4_s(acc02, acc03));
    let q1 = i8x16.narrow_i16x8_u(low1, i16x8.narrow_i32x4_s(acc12, acc13));
    if (type > 0) {
      q0 = ConvResult.clamp(q0, packed);
      q1 = ConvResult.clamp(q1, packed);
    }
    v128.store(next, q1);
    v128.store(output, q0);
  }

  /** The same of 8 channels. */
  @inline
  static store8(
    type: i32,
    output: usize,
    next: usize,
    acc00: v128,
    acc01: v128,
    acc10: v128,
    acc11: v128,
    head: usize,
    packed: usize,
  ): void {
    const magic = v128.load(packed, 64);
    const offset = v128.load(packed, 80);
    let scale = v128.load(head, 32);
    acc00 = ConvResult.round(acc00, scale, magic, offset);
    acc10 = ConvResult.round(acc10, scale, magic, offset);
    scale = v128.load(head, 48);
    acc01 = ConvResult.round(acc01, scale, magic, offset);
    acc11 = ConvResult.round(acc11, scale, magic, offset);
    const low0 = i16x8.narrow_i32x4_s(acc00, acc01);
    let q = i8x16.narrow_i16x8_u(low0, i16x8.narrow_i32x4_s(acc10, acc11));
    if (type > 0) q = ConvResult.clamp(q, packed);
    v128.store64_lane(output, q, 0);
    v128.store64_lane(next, q, 1);
  }

  /** Accumulators as they are: results of 4 bytes. */
  @inline
  static keep16(
    output: usize,
    next: usize,
    acc00: v128,
    acc01: v128,
    acc02: v128,
    acc03: v128,
    acc10: v128,
    acc11: v128,
    acc12: v128,
    acc13: v128,
  ): void {
    v128.store(output, acc00);
    v128.store(output, acc01, 16);
    v128.store(output, acc02, 32);
    v128.store(output, acc03, 48);
    v128.store(next, acc10);
    v128.store(next, acc11, 16);
    v128.store(next, acc12, 32);
    v128.store(next, acc13, 48);
  }

  /** Makes floats, where results are that, of the accumulators of a line's pixels, in place. */
  static finish16(args: usize, block: usize, pixels: usize, output: usize): void {
    if (load<i32>(args, ConvArgs.resultType) === ConvResult.wide) return;
    const packed = load<usize>(args, ConvArgs.parameters);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const scale = block + 80;
    const bias = block + 144;
    for (; pixels > 0; pixels--, output += outputStride) {
      for (let i: usize = 0; i < 64; i += 16) {
        const acc = v128.load(output + i);
        const real = ConvResult.toFloat(acc, v128.load(scale + i), v128.load(bias + i), packed);
        v128.store(output + i, real);
      }
    }
  }
}
