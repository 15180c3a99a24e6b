import { ConvArgs } from '../arguments';
import { ConvResult } from '../int8/convResult';
import { Dot } from '../simd/dot';
import { TernaryBytes } from './bytes';

/**
 * The tiles of int8/conv.ts for weights -1, 0 and 1, by dots of 16 bits: a word holds a + 2^14 b, the
 * weights of two channels, so that a 32-bit lane sums both. A block has 32 channels, the second 16
 * of them in the upper parts, and two heads.
 *
 * A sum is low + 2^14 high + 2^13. Inputs are bytes less 128, and over sumSteps no channel has more
 * than 63 weights that are not 0: |low| <= 63 * 128 = 8,064 < 2^13, so that the lower 14 bits are
 * low + 2^13 and the upper ones high; 2^13 for each sum is taken off the bias. |high| is as small.
 *
 *   scratch  256 bytes before ConvArgs.scratch: for each pixel i32 low[16], high[16]
 */
export class TernaryWords {
  static rows2x32(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const sumBytes = load<usize>(args, ConvArgs.sumSteps) * 64;
    const scratch = load<usize>(args, ConvArgs.scratch) - 256;
    const head = block + 16;
    const headBytes = load<usize>(args, ConvArgs.headBytes) * 16;
    const weights = head + headBytes * 2;
    const end = weights + load<usize>(args, ConvArgs.steps) * 64;
    const half: usize = type >= ConvResult.wide ? 64 : 16;
    const center = i32x4.splat(8192);
    for (let x: usize = 0; x < pixels; x += 2) {
      // The last two pixels may begin with one of those before: it comes out the same.
      const at = pixels > 1 ? min(x, pixels - 2) : 0;
      const a0 = row + at * pixelBytes;
      const to = output + at * outputStride;
      let o = offsets;
      // What the sums before these came to: at first the biases.
      let from0 = head;
      let from1 = head;
      let step = headBytes;
      for (let w = weights; w < end; ) {
        const stop = min(w + sumBytes, end);
        let sum00 = center;
        let sum01 = center;
        let sum02 = center;
        let sum03 = center;
        if (pixels > 1) {
          const a1 = a0 + pixelBytes;
          let sum10 = center;
          let sum11 = center;
          let sum12 = center;
          let sum13 = center;
          for (; w < stop; w += 64, o += 4) {
            const offset = load<usize>(o);
            const x0 = v128.load32_splat(a0 + offset);
            const x1 = v128.load32_splat(a1 + offset);
            const w0 = v128.load(w);
            sum00 = Dot.pairs(sum00, w0, x0);
            sum10 = Dot.pairs(sum10, w0, x1);
            const w1 = v128.load(w, 16);
            sum01 = Dot.pairs(sum01, w1, x0);
            sum11 = Dot.pairs(sum11, w1, x1);
            const w2 = v128.load(w, 32);
            sum02 = Dot.pairs(sum02, w2, x0);
            sum12 = Dot.pairs(sum12, w2, x1);
            const w3 = v128.load(w, 48);
            sum03 = Dot.pairs(sum03, w3, x0);
            sum13 = Dot.pairs(sum13, w3, x1);
          }
          TernaryWords.add(scratch + 128, from1, step, sum10, sum11, sum12, sum13);
        } else {
          for (; w < stop; w += 64, o += 4) {
            const x0 = v128.load32_splat(a0 + load<usize>(o));
            sum00 = Dot.pairs(sum00, v128.load(w), x0);
            sum01 = Dot.pairs(sum01, v128.load(w, 16), x0);
            sum02 = Dot.pairs(sum02, v128.load(w, 32), x0);
            sum03 = Dot.pairs(sum03, v128.load(w, 48), x0);
          }
        }
        TernaryWords.add(scratch, from0, step, sum00, sum01, sum02, sum03);
        from0 = scratch;
        from1 = scratch + 128;
        step = 64;
      }
      // 16 channels of a pixel, the other 16, those of the next pixel.
      const count: usize = pixels > 1 ? 4 : 2;
      for (let i: usize = 0; i < count; i++) {
        const upper = i & 1;
        const place = to + (i >> 1) * outputStride + upper * half;
        const totals = scratch + (i << 6);
        TernaryBytes.store(type, place, totals, head + upper * headBytes, packed);
      }
    }
  }

  /** Takes the sums apart, and adds them to what stands at `from`, the upper parts `step` behind it. */
  static add(
    to: usize,
    from: usize,
    step: usize,
    sum0: v128,
    sum1: v128,
    sum2: v128,
    sum3: v128,
  ): void {
    const mask = i32x4.splat(16383);
    const upper = from + step;
    v128.store(to, i32x4.add(v128.load(from), v128.and(sum0, mask)));
    v128.store(to, i32x4.add(v128.load(from, 16), v128.and(sum1, mask)), 16);
    v128.store(to, i32x4.add(v128.load(from, 32), v128.and(sum2, mask)), 32);
    v128.store(to, i32x4.add(v128.load(from, 48), v128.and(sum3, mask)), 48);
    v128.store(to, i32x4.add(v128.load(upper), i32x4.shr_s(sum0, 14)), 64);
    v128.store(to, i32x4.add(v128.load(upper, 16), i32x4.shr_s(sum1, 14)), 80);
    v128.store(to, i32x4.add(v128.load(upper, 32), i32x4.shr_s(sum2, 14)), 96);
    v128.store(to, i32x4.add(v128.load(upper, 48), i32x4.shr_s(sum3, 14)), 112);
  }
}
