import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { ConvPair } from './convPair';
import { ConvResult } from './convResult';

/**
 * The tiles of int8/conv.ts for machines whose dots of bytes add pairs in 16 bits. The steps of a block
 * come in three kinds, one behind the other:
 *
 *   two by two, where the sums of a pair and of the other step's fit 16 bits: one widening for both
 *   alone, where those of a pair do
 *   masked, any: of two weights w, v of one sign that may leave 16 bits, one meets 255 less its input,
 *     which is its input xor 255: w a + v b = w a + (-v) (255 - b) + 255 v. Weights of two signs fit,
 *     and 255 v is in the bias
 *
 * A block is i32 bytes beyond the steps of the window, i32 ends of the three kinds, in steps; the head
 * (convResult.ts); i8 [steps][width][4]; u8 masks [masked steps][width][4]; i32 offset [steps].
 * Loops over the steps are not unrolled: V8 before 13 hoists the loads of all steps, and spills.
 */
export class ConvMixed {
  /**
   * Two pixels or more of 16 channels. R = u8: bytes by ConvResult.round; i32: results of 4 bytes. A call
   * at the end of a tile, for any other, would have V8 spill its sums.
   */
  static rows2x16<R>(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const plain = weights + (load<usize>(block, 8) << 6);
    const end = weights + (load<usize>(block, 12) << 6);
    // From a step's weights to its masks.
    const beyond = end - plain;
    const twos = weights + (load<usize>(block, 4) << 6);
    const ones = v128.load(packed, ConvResult.ones);
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
      let o = end + beyond;
      while (w < twos) {
        const offset = load<usize>(o);
        const next = load<usize>(o, 4);
        const x0 = v128.load32_splat(a0 + offset);
        const y0 = v128.load32_splat(a0 + next);
        const x1 = v128.load32_splat(a1 + offset);
        const y1 = v128.load32_splat(a1 + next);
        let wx = v128.load(w);
        let wy = v128.load(w, 64);
        acc00 = Dot.eightsByPairs(acc00, wx, x0, wy, y0, ones);
        acc10 = Dot.eightsByPairs(acc10, wx, x1, wy, y1, ones);
        wx = v128.load(w, 16);
        wy = v128.load(w, 80);
        acc01 = Dot.eightsByPairs(acc01, wx, x0, wy, y0, ones);
        acc11 = Dot.eightsByPairs(acc11, wx, x1, wy, y1, ones);
        wx = v128.load(w, 32);
        wy = v128.load(w, 96);
        acc02 = Dot.eightsByPairs(acc02, wx, x0, wy, y0, ones);
        acc12 = Dot.eightsByPairs(acc12, wx, x1, wy, y1, ones);
        wx = v128.load(w, 48);
        wy = v128.load(w, 112);
        acc03 = Dot.eightsByPairs(acc03, wx, x0, wy, y0, ones);
        acc13 = Dot.eightsByPairs(acc13, wx, x1, wy, y1, ones);
        w += 128;
        o += 8;
      }
      while (w < plain) {
        const offset = load<usize>(o);
        const x0 = v128.load32_splat(a0 + offset);
        const x1 = v128.load32_splat(a1 + offset);
        const w0 = v128.load(w);
        acc00 = Dot.quadsByPairs(acc00, w0, x0, ones);
        acc10 = Dot.quadsByPairs(acc10, w0, x1, ones);
        const w1 = v128.load(w, 16);
        acc01 = Dot.quadsByPairs(acc01, w1, x0, ones);
        acc11 = Dot.quadsByPairs(acc11, w1, x1, ones);
        const w2 = v128.load(w, 32);
        acc02 = Dot.quadsByPairs(acc02, w2, x0, ones);
        acc12 = Dot.quadsByPairs(acc12, w2, x1, ones);
        const w3 = v128.load(w, 48);
        acc03 = Dot.quadsByPairs(acc03, w3, x0, ones);
        acc13 = Dot.quadsByPairs(acc13, w3, x1, ones);
        w += 64;
        o += 4;
      }
      while (w < end) {
        const m = w + beyond;
        const offset = load<usize>(o);
        const x0 = v128.load32_splat(a0 + offset);
        const x1 = v128.load32_splat(a1 + offset);
        let weight = v128.load(w);
        let mask = v128.load(m);
        acc00 = Dot.quadsByPairs(acc00, weight, v128.xor(x0, mask), ones);
        acc10 = Dot.quadsByPairs(acc10, weight, v128.xor(x1, mask), ones);
        weight = v128.load(w, 16);
        mask = v128.load(m, 16);
        acc01 = Dot.quadsByPairs(acc01, weight, v128.xor(x0, mask), ones);
        acc11 = Dot.quadsByPairs(acc11, weight, v128.xor(x1, mask), ones);
        weight = v128.load(w, 32);
        mask = v128.load(m, 32);
        acc02 = Dot.quadsByPairs(acc02, weight, v128.xor(x0, mask), ones);
        acc12 = Dot.quadsByPairs(acc12, weight, v128.xor(x1, mask), ones);
        weight = v128.load(w, 48);
        mask = v128.load(m, 48);
        acc03 = Dot.quadsByPairs(acc03, weight, v128.xor(x0, mask), ones);
        acc13 = Dot.quadsByPairs(acc13, weight, v128.xor(x1, mask), ones);
        w += 64;
        o += 4;
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
    const type = load<i32>(args, ConvArgs.resultType);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const plain = weights + (load<usize>(block, 8) << 6);
    const end = weights + (load<usize>(block, 12) << 6);
    // From a step's weights to its masks.
    const beyond = end - plain;
    const ones = v128.load(packed, ConvResult.ones);
    let acc0 = v128.load(head);
    let acc1 = v128.load(head, 16);
    let acc2 = v128.load(head, 32);
    let acc3 = v128.load(head, 48);
    let w = weights;
    let o = end + beyond;
    for (; w < plain; w += 64, o += 4) {
      const x = v128.load32_splat(row + load<usize>(o));
      acc0 = Dot.quadsByPairs(acc0, v128.load(w), x, ones);
      acc1 = Dot.quadsByPairs(acc1, v128.load(w, 16), x, ones);
      acc2 = Dot.quadsByPairs(acc2, v128.load(w, 32), x, ones);
      acc3 = Dot.quadsByPairs(acc3, v128.load(w, 48), x, ones);
    }
    for (; w < end; w += 64, o += 4) {
      const m = w + beyond;
      const x = v128.load32_splat(row + load<usize>(o));
      acc0 = Dot.quadsByPairs(acc0, v128.load(w), v128.xor(x, v128.load(m)), ones);
      acc1 = Dot.quadsByPairs(acc1, v128.load(w, 16), v128.xor(x, v128.load(m, 16)), ones);
      acc2 = Dot.quadsByPairs(acc2, v128.load(w, 32), v128.xor(x, v128.load(m, 32)), ones);
      acc3 = Dot.quadsByPairs(acc3, v128.load(w, 48), v128.xor(x, v128.load(m, 48)), ones);
    }
    ConvResult.store16(type, output, acc0, acc1, acc2, acc3, head, packed);
  }

  /** Four pixels or more of eight channels that all exist; bytes by ConvResult.round. */
  static rows4x8(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const plain = weights + (load<usize>(block, 8) << 5);
    const end = weights + (load<usize>(block, 12) << 5);
    // From a step's weights to its masks.
    const beyond = end - plain;
    const ones = v128.load(packed, ConvResult.ones);
    for (let x: usize = 0; x < pixels; x += 4) {
      // The last four pixels may begin with some of those before: they come out the same.
      const at = min(x, pixels - 4);
      const a0 = row + at * pixelBytes;
      const a1 = a0 + pixelBytes;
      const a2 = a1 + pixelBytes;
      const a3 = a2 + pixelBytes;
      let acc00 = v128.load(head);
      let acc01 = v128.load(head, 16);
      let acc10 = acc00;
      let acc11 = acc01;
      let acc20 = acc00;
      let acc21 = acc01;
      let acc30 = acc00;
      let acc31 = acc01;
      let w = weights;
      let o = end + beyond;
      for (; w < plain; w += 32, o += 4) {
        const offset = load<usize>(o);
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const x0 = v128.load32_splat(a0 + offset);
        acc00 = Dot.quadsByPairs(acc00, w0, x0, ones);
        acc01 = Dot.quadsByPairs(acc01, w1, x0, ones);
        const x1 = v128.load32_splat(a1 + offset);
        acc10 = Dot.quadsByPairs(acc10, w0, x1, ones);
        acc11 = Dot.quadsByPairs(acc11, w1, x1, ones);
        const x2 = v128.load32_splat(a2 + offset);
        acc20 = Dot.quadsByPairs(acc20, w0, x2, ones);
        acc21 = Dot.quadsByPairs(acc21, w1, x2, ones);
        const x3 = v128.load32_splat(a3 + offset);
        acc30 = Dot.quadsByPairs(acc30, w0, x3, ones);
        acc31 = Dot.quadsByPairs(acc31, w1, x3, ones);
      }
      for (; w < end; w += 32, o += 4) {
        const offset = load<usize>(o);
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const m0 = v128.load(w + beyond);
        const m1 = v128.load(w + beyond, 16);
        const x0 = v128.load32_splat(a0 + offset);
        acc00 = Dot.quadsByPairs(acc00, w0, v128.xor(x0, m0), ones);
        acc01 = Dot.quadsByPairs(acc01, w1, v128.xor(x0, m1), ones);
        const x1 = v128.load32_splat(a1 + offset);
        acc10 = Dot.quadsByPairs(acc10, w0, v128.xor(x1, m0), ones);
        acc11 = Dot.quadsByPairs(acc11, w1, v128.xor(x1, m1), ones);
        const x2 = v128.load32_splat(a2 + offset);
        acc20 = Dot.quadsByPairs(acc20, w0, v128.xor(x2, m0), ones);
        acc21 = Dot.quadsByPairs(acc21, w1, v128.xor(x2, m1), ones);
        const x3 = v128.load32_splat(a3 + offset);
        acc30 = Dot.quadsByPairs(acc30, w0, v128.xor(x3, m0), ones);
        acc31 = Dot.quadsByPairs(acc31, w1, v128.xor(x3, m1), ones);
      }
      const to = output + at * outputStride;
      ConvPair.store8(type, to, to + outputStride, acc00, acc01, acc10, acc11, head, packed);
      const next = to + 2 * outputStride;
      ConvPair.store8(type, next, next + outputStride, acc20, acc21, acc30, acc31, head, packed);
    }
  }

  /** One pixel, `count` of whose 8 channels exist; any type of result. */
  static pixel8(args: usize, block: usize, row: usize, output: usize, count: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const plain = weights + (load<usize>(block, 8) << 5);
    const end = weights + (load<usize>(block, 12) << 5);
    // From a step's weights to its masks.
    const beyond = end - plain;
    const ones = v128.load(packed, ConvResult.ones);
    let acc0 = v128.load(head);
    let acc1 = v128.load(head, 16);
    let w = weights;
    let o = end + beyond;
    for (; w < plain; w += 32, o += 4) {
      const x = v128.load32_splat(row + load<usize>(o));
      acc0 = Dot.quadsByPairs(acc0, v128.load(w), x, ones);
      acc1 = Dot.quadsByPairs(acc1, v128.load(w, 16), x, ones);
    }
    for (; w < end; w += 32, o += 4) {
      const m = w + beyond;
      const x = v128.load32_splat(row + load<usize>(o));
      acc0 = Dot.quadsByPairs(acc0, v128.load(w), v128.xor(x, v128.load(m)), ones);
      acc1 = Dot.quadsByPairs(acc1, v128.load(w, 16), v128.xor(x, v128.load(m, 16)), ones);
    }
    ConvResult.store8(type, output, count, acc0, acc1, head, packed);
  }
}
