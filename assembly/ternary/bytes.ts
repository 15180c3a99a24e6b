import { ConvArgs } from '../arguments';
import { ConvResult } from '../int8/convResult';
import { Dot } from '../simd/dot';

/**
 * The tiles of int8/conv.ts for ternary weights, bytes -n, 0 and n: products are summed in 16 bits
 * over some steps, ConvArgs.sumSteps, and only then widened.
 *
 * A 16-bit lane takes two products a step, each within 255 n (128 n, where the dots take signed
 * bytes): with sumSteps <= 32767 / 510 n, 64 for weights of 1, sums are within 32,767, and no dot
 * saturates.
 */
export class TernaryBytes {
  @inline
  static add(sum: v128, weights: v128, input: v128): v128 {
    return i16x8.add(sum, Dot.bytePairs(weights, input));
  }

  /** What the two halves of each 32-bit lane sum up to, added to `acc`. */
  @inline
  static widen(acc: v128, sum: v128): v128 {
    return i32x4.add(acc, i32x4.extadd_pairwise_i16x8_s(sum));
  }

  /** Of one pixel, both of a tile's are the same. */
  static rows2x16(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const sumBytes = load<usize>(args, ConvArgs.sumSteps) * 64;
    const scratch = load<usize>(args, ConvArgs.scratch) - 128;
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    for (let x: usize = 0; x < pixels; x += 2) {
      // The last two pixels may begin with one of those before: it comes out the same.
      const at = pixels > 1 ? min(x, pixels - 2) : 0;
      const a0 = row + at * pixelBytes;
      const a1 = pixels > 1 ? a0 + pixelBytes : a0;
      let o = offsets;
      // What the sums before this one came to: at first the biases.
      let from0 = head;
      let from1 = head;
      let acc00: v128;
      let acc01: v128;
      let acc02: v128;
      let acc03: v128;
      let acc10: v128;
      let acc11: v128;
      let acc12: v128;
      let acc13: v128;
      for (let w = weights; ; ) {
        const stop = min(w + sumBytes, end);
        let sum00 = i16x8.splat(0);
        let sum01 = sum00;
        let sum02 = sum00;
        let sum03 = sum00;
        let sum10 = sum00;
        let sum11 = sum00;
        let sum12 = sum00;
        let sum13 = sum00;
        for (; w < stop; w += 64, o += 4) {
          const offset = load<usize>(o);
          const x0 = v128.load32_splat(a0 + offset);
          const x1 = v128.load32_splat(a1 + offset);
          const w0 = v128.load(w);
          sum00 = TernaryBytes.add(sum00, w0, x0);
          sum10 = TernaryBytes.add(sum10, w0, x1);
          const w1 = v128.load(w, 16);
          sum01 = TernaryBytes.add(sum01, w1, x0);
          sum11 = TernaryBytes.add(sum11, w1, x1);
          const w2 = v128.load(w, 32);
          sum02 = TernaryBytes.add(sum02, w2, x0);
          sum12 = TernaryBytes.add(sum12, w2, x1);
          const w3 = v128.load(w, 48);
          sum03 = TernaryBytes.add(sum03, w3, x0);
          sum13 = TernaryBytes.add(sum13, w3, x1);
        }
        acc00 = TernaryBytes.widen(v128.load(from0), sum00);
        acc01 = TernaryBytes.widen(v128.load(from0, 16), sum01);
        acc02 = TernaryBytes.widen(v128.load(from0, 32), sum02);
        acc03 = TernaryBytes.widen(v128.load(from0, 48), sum03);
        acc10 = TernaryBytes.widen(v128.load(from1), sum10);
        acc11 = TernaryBytes.widen(v128.load(from1, 16), sum11);
        acc12 = TernaryBytes.widen(v128.load(from1, 32), sum12);
        acc13 = TernaryBytes.widen(v128.load(from1, 48), sum13);
        from0 = scratch;
        from1 = scratch + 64;
        TernaryBytes.keep(from0, acc00, acc01, acc02, acc03);
        TernaryBytes.keep(from1, acc10, acc11, acc12, acc13);
        if (w >= end) break;
      }
      let to = output + at * outputStride;
      for (; from0 <= from1; from0 += 64, to += outputStride) {
        TernaryBytes.store(type, to, from0, head, packed);
        if (pixels === 1) break;
      }
    }
  }

  /** One pixel, the channels of two blocks. */
  static pixel32(args: usize, block: usize, row: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const sumBytes = load<usize>(args, ConvArgs.sumSteps) * 64;
    const scratch = load<usize>(args, ConvArgs.scratch) - 128;
    let head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    const blockBytes = end - block;
    const half: usize = type >= ConvResult.wide ? 64 : 16;
    let o = load<usize>(args, ConvArgs.offsets);
    let from0 = head;
    let from1 = head + blockBytes;
    let acc00: v128;
    let acc01: v128;
    let acc02: v128;
    let acc03: v128;
    let acc10: v128;
    let acc11: v128;
    let acc12: v128;
    let acc13: v128;
    for (let w = weights; ; ) {
      const stop = min(w + sumBytes, end);
      let sum00 = i16x8.splat(0);
      let sum01 = sum00;
      let sum02 = sum00;
      let sum03 = sum00;
      let sum10 = sum00;
      let sum11 = sum00;
      let sum12 = sum00;
      let sum13 = sum00;
      for (; w < stop; w += 64, o += 4) {
        const x = v128.load32_splat(row + load<usize>(o));
        const next = w + blockBytes;
        sum00 = TernaryBytes.add(sum00, v128.load(w), x);
        sum01 = TernaryBytes.add(sum01, v128.load(w, 16), x);
        sum02 = TernaryBytes.add(sum02, v128.load(w, 32), x);
        sum03 = TernaryBytes.add(sum03, v128.load(w, 48), x);
        sum10 = TernaryBytes.add(sum10, v128.load(next), x);
        sum11 = TernaryBytes.add(sum11, v128.load(next, 16), x);
        sum12 = TernaryBytes.add(sum12, v128.load(next, 32), x);
        sum13 = TernaryBytes.add(sum13, v128.load(next, 48), x);
      }
      acc00 = TernaryBytes.widen(v128.load(from0), sum00);
      acc01 = TernaryBytes.widen(v128.load(from0, 16), sum01);
      acc02 = TernaryBytes.widen(v128.load(from0, 32), sum02);
      acc03 = TernaryBytes.widen(v128.load(from0, 48), sum03);
      acc10 = TernaryBytes.widen(v128.load(from1), sum10);
      acc11 = TernaryBytes.widen(v128.load(from1, 16), sum11);
      acc12 = TernaryBytes.widen(v128.load(from1, 32), sum12);
      acc13 = TernaryBytes.widen(v128.load(from1, 48), sum13);
      from0 = scratch;
      from1 = scratch + 64;
      TernaryBytes.keep(from0, acc00, acc01, acc02, acc03);
      TernaryBytes.keep(from1, acc10, acc11, acc12, acc13);
      if (w >= end) break;
    }
    for (; from0 <= from1; from0 += 64) {
      TernaryBytes.store(type, output, from0, head, packed);
      head += blockBytes;
      output += half;
    }
  }

  @inline
  static keep(to: usize, acc0: v128, acc1: v128, acc2: v128, acc3: v128): void {
    v128.store(to, acc0);
    v128.store(to, acc1, 16);
    v128.store(to, acc2, 32);
    v128.store(to, acc3, 48);
  }

  /** The totals of 16 channels, from memory. */
  @inline
  static store(type: i32, output: usize, totals: usize, head: usize, packed: usize): void {
    ConvResult.store16(
      type,
      output,
      v128.load(totals),
      v128.load(totals, 16),
      v128.load(totals, 32),
      v128.load(totals, 48),
      head,
      packed,
    );
  }
}
