import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { ConvPair } from './convPair';
import { ConvResult } from './convResult';

/**
 * The tiles of int8/conv.ts for words that are 16 channels wide: all pixels of a line by a block's
 * channels.
 * Loops over the steps are not unrolled: V8 before 13 hoists the loads of all steps, and spills.
 */
export class ConvTile16 {
  /**
   * Two pixels or more. R = u8: bytes by ConvResult.round; i32: results of 4 bytes. A call at the end of
   * a tile, for any other, would have V8 spill its sums; even a branch there costs a hundredth.
   */
  static rows2x16<R>(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    const isRun = load<i32>(args, ConvArgs.isPointwise) !== 0;
    // The last two pixels may begin with one of those before: it comes out the same.
    const last = row + (pixels - 2) * pixelBytes;
    let a0 = row;
    let to = output;
    for (;;) {
      let acc00 = v128.load(head);
      let acc01 = v128.load(head, 16);
      let acc02 = v128.load(head, 32);
      let acc03 = v128.load(head, 48);
      const a1 = a0 + pixelBytes;
      let acc10 = acc00;
      let acc11 = acc01;
      let acc12 = acc02;
      let acc13 = acc03;
      let w = weights;
      if (isRun) {
        let b0 = a0;
        let b1 = a1;
        do {
          const x0 = v128.load32_splat(b0);
          const x1 = v128.load32_splat(b1);
          const w0 = v128.load(w);
          acc00 = Dot.pairs(acc00, w0, x0);
          acc10 = Dot.pairs(acc10, w0, x1);
          const w1 = v128.load(w, 16);
          acc01 = Dot.pairs(acc01, w1, x0);
          acc11 = Dot.pairs(acc11, w1, x1);
          const w2 = v128.load(w, 32);
          acc02 = Dot.pairs(acc02, w2, x0);
          acc12 = Dot.pairs(acc12, w2, x1);
          const w3 = v128.load(w, 48);
          acc03 = Dot.pairs(acc03, w3, x0);
          acc13 = Dot.pairs(acc13, w3, x1);
          w += 64;
          b0 += 4;
          b1 += 4;
        } while (w < end);
      } else {
        let o = offsets;
        do {
          const offset = load<usize>(o);
          const x0 = v128.load32_splat(a0 + offset);
          const x1 = v128.load32_splat(a1 + offset);
          const w0 = v128.load(w);
          acc00 = Dot.pairs(acc00, w0, x0);
          acc10 = Dot.pairs(acc10, w0, x1);
          const w1 = v128.load(w, 16);
          acc01 = Dot.pairs(acc01, w1, x0);
          acc11 = Dot.pairs(acc11, w1, x1);
          const w2 = v128.load(w, 32);
          acc02 = Dot.pairs(acc02, w2, x0);
          acc12 = Dot.pairs(acc12, w2, x1);
          const w3 = v128.load(w, 48);
          acc03 = Dot.pairs(acc03, w3, x0);
          acc13 = Dot.pairs(acc13, w3, x1);
          w += 64;
          o += 4;
        } while (w < end);
      }
      // prettier-ignore
      const next = to + outputStride;
      if (sizeof<R>() === 1)
        ConvPair.store16(
          type,
          to,
          next,
          acc00,
          acc01,
          acc02,
          acc03,
          acc10,
          acc11,
          acc12,
          acc13,
          head,
          packed,
        );
      else ConvPair.keep16(to, next, acc00, acc01, acc02, acc03, acc10, acc11, acc12, acc13);
      if (a0 >= last) break;
      a0 = a1 + pixelBytes;
      to += 2 * outputStride;
      if (a0 > last) {
        a0 -= pixelBytes;
        to -= outputStride;
      }
    }
    if (sizeof<R>() > 1) ConvPair.finish16(args, block, pixels, output);
  }

  /** One pixel of 16 channels; any type of result. */
  static pixel16(args: usize, block: usize, row: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    let o = offsets;
    let acc00 = v128.load(head);
    let acc01 = v128.load(head, 16);
    let acc02 = v128.load(head, 32);
    let acc03 = v128.load(head, 48);
    for (let w = weights; w < end; w += 64, o += 4) {
      const x0 = v128.load32_splat(row + load<usize>(o));
      acc00 = Dot.pairs(acc00, v128.load(w), x0);
      acc01 = Dot.pairs(acc01, v128.load(w, 16), x0);
      acc02 = Dot.pairs(acc02, v128.load(w, 32), x0);
      acc03 = Dot.pairs(acc03, v128.load(w, 48), x0);
    }
    ConvResult.store16(type, output, acc00, acc01, acc02, acc03, head, packed);
  }
}
