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

  /** Two pixels or more. */
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
      const at = min(x, pixels - 2);
      const a0 = row + at * pixelBytes;
      const a1 = a0 + pixelBytes;
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
        if (w >= end) break;
        from0 = scratch;
        from1 = scratch + 64;
        v128.store(scratch, acc00);
        v128.store(scratch, acc01, 16);
        v128.store(scratch, acc02, 32);
        v128.store(scratch, acc03, 48);
        v128.store(scratch, acc10, 64);
        v128.store(scratch, acc11, 80);
        v128.store(scratch, acc12, 96);
        v128.store(scratch, acc13, 112);
      }
      const to = output + at * outputStride;
      ConvResult.store16(type, to + outputStride, acc10, acc11, acc12, acc13, head, packed);
      ConvResult.store16(type, to, acc00, acc01, acc02, acc03, head, packed);
    }
  }

  /** One pixel. */
  static pixel16(args: usize, block: usize, row: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const sumBytes = load<usize>(args, ConvArgs.sumSteps) * 64;
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 16;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    let o = load<usize>(args, ConvArgs.offsets);
    let acc0 = v128.load(head);
    let acc1 = v128.load(head, 16);
    let acc2 = v128.load(head, 32);
    let acc3 = v128.load(head, 48);
    for (let w = weights; w < end; ) {
      const stop = min(w + sumBytes, end);
      let sum0 = i16x8.splat(0);
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      for (; w < stop; w += 64, o += 4) {
        const x = v128.load32_splat(row + load<usize>(o));
        sum0 = TernaryBytes.add(sum0, v128.load(w), x);
        sum1 = TernaryBytes.add(sum1, v128.load(w, 16), x);
        sum2 = TernaryBytes.add(sum2, v128.load(w, 32), x);
        sum3 = TernaryBytes.add(sum3, v128.load(w, 48), x);
      }
      acc0 = TernaryBytes.widen(acc0, sum0);
      acc1 = TernaryBytes.widen(acc1, sum1);
      acc2 = TernaryBytes.widen(acc2, sum2);
      acc3 = TernaryBytes.widen(acc3, sum3);
    }
    ConvResult.store16(type, output, acc0, acc1, acc2, acc3, head, packed);
  }

  /** `count` of the channels exist. */
  static rows4x8(
    args: usize,
    block: usize,
    row: usize,
    pixels: usize,
    output: usize,
    count: usize,
  ): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const sumBytes = load<usize>(args, ConvArgs.sumSteps) * 32;
    const scratch = load<usize>(args, ConvArgs.scratch) - 128;
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const end = weights + load<usize>(args, ConvArgs.steps) * 32;
    // Fewer pixels than four: some of the tile's are one and the same.
    const next1 = pixels > 1 ? pixelBytes : 0;
    const next2 = pixels > 2 ? pixelBytes : 0;
    const next3 = pixels > 3 ? pixelBytes : 0;
    for (let x: usize = 0; x < pixels; x += 4) {
      const at = pixels > 4 ? min(x, pixels - 4) : 0;
      const a0 = row + at * pixelBytes;
      const a1 = a0 + next1;
      const a2 = a1 + next2;
      const a3 = a2 + next3;
      let o = offsets;
      // As in the other tile.
      let from0 = head;
      let from1 = head;
      let from2 = head;
      let from3 = head;
      let acc00: v128;
      let acc01: v128;
      let acc10: v128;
      let acc11: v128;
      let acc20: v128;
      let acc21: v128;
      let acc30: v128;
      let acc31: v128;
      for (let w = weights; ; ) {
        const stop = min(w + sumBytes, end);
        let sum00 = i16x8.splat(0);
        let sum01 = sum00;
        let sum10 = sum00;
        let sum11 = sum00;
        let sum20 = sum00;
        let sum21 = sum00;
        let sum30 = sum00;
        let sum31 = sum00;
        for (; w < stop; w += 32, o += 4) {
          const offset = load<usize>(o);
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          const x0 = v128.load32_splat(a0 + offset);
          sum00 = TernaryBytes.add(sum00, w0, x0);
          sum01 = TernaryBytes.add(sum01, w1, x0);
          const x1 = v128.load32_splat(a1 + offset);
          sum10 = TernaryBytes.add(sum10, w0, x1);
          sum11 = TernaryBytes.add(sum11, w1, x1);
          const x2 = v128.load32_splat(a2 + offset);
          sum20 = TernaryBytes.add(sum20, w0, x2);
          sum21 = TernaryBytes.add(sum21, w1, x2);
          const x3 = v128.load32_splat(a3 + offset);
          sum30 = TernaryBytes.add(sum30, w0, x3);
          sum31 = TernaryBytes.add(sum31, w1, x3);
        }
        acc00 = TernaryBytes.widen(v128.load(from0), sum00);
        acc01 = TernaryBytes.widen(v128.load(from0, 16), sum01);
        acc10 = TernaryBytes.widen(v128.load(from1), sum10);
        acc11 = TernaryBytes.widen(v128.load(from1, 16), sum11);
        acc20 = TernaryBytes.widen(v128.load(from2), sum20);
        acc21 = TernaryBytes.widen(v128.load(from2, 16), sum21);
        acc30 = TernaryBytes.widen(v128.load(from3), sum30);
        acc31 = TernaryBytes.widen(v128.load(from3, 16), sum31);
        if (w >= end) break;
        from0 = scratch;
        from1 = scratch + 32;
        from2 = scratch + 64;
        from3 = scratch + 96;
        v128.store(scratch, acc00);
        v128.store(scratch, acc01, 16);
        v128.store(scratch, acc10, 32);
        v128.store(scratch, acc11, 48);
        v128.store(scratch, acc20, 64);
        v128.store(scratch, acc21, 80);
        v128.store(scratch, acc30, 96);
        v128.store(scratch, acc31, 112);
      }
      let to = output + at * outputStride;
      ConvResult.store8(type, to, count, acc00, acc01, head, packed);
      if (pixels > 1) {
        to += outputStride;
        ConvResult.store8(type, to, count, acc10, acc11, head, packed);
      }
      if (pixels > 2) {
        to += outputStride;
        ConvResult.store8(type, to, count, acc20, acc21, head, packed);
      }
      if (pixels > 3) {
        ConvResult.store8(type, to + outputStride, count, acc30, acc31, head, packed);
      }
    }
  }
}
