import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { ConvPair } from './convPair';
import { ConvResult } from './convResult';

/**
 * The tiles of int8/conv.ts for words and for exact dots of bytes that are 8 channels wide: all pixels of
 * a line by a block's channels.
 * Loops over the steps are not unrolled: V8 before 13 hoists the loads of all steps, and spills.
 */
export class ConvTile8 {
  /** By words: four pixels or more of eight channels that all exist; bytes by ConvResult.round. */
  static rows4x8(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const end = weights + load<usize>(args, ConvArgs.steps) * 32;
    const isRun = load<i32>(args, ConvArgs.isPointwise) !== 0;
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
      if (isRun) {
        let b0 = a0;
        let b1 = a1;
        let b2 = a2;
        let b3 = a3;
        do {
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          const x0 = v128.load32_splat(b0);
          acc00 = Dot.pairs(acc00, w0, x0);
          acc01 = Dot.pairs(acc01, w1, x0);
          const x1 = v128.load32_splat(b1);
          acc10 = Dot.pairs(acc10, w0, x1);
          acc11 = Dot.pairs(acc11, w1, x1);
          const x2 = v128.load32_splat(b2);
          acc20 = Dot.pairs(acc20, w0, x2);
          acc21 = Dot.pairs(acc21, w1, x2);
          const x3 = v128.load32_splat(b3);
          acc30 = Dot.pairs(acc30, w0, x3);
          acc31 = Dot.pairs(acc31, w1, x3);
          w += 32;
          b0 += 4;
          b1 += 4;
          b2 += 4;
          b3 += 4;
        } while (w < end);
      } else {
        let o = offsets;
        do {
          const offset = load<usize>(o);
          const w0 = v128.load(w);
          const w1 = v128.load(w, 16);
          const x0 = v128.load32_splat(a0 + offset);
          acc00 = Dot.pairs(acc00, w0, x0);
          acc01 = Dot.pairs(acc01, w1, x0);
          const x1 = v128.load32_splat(a1 + offset);
          acc10 = Dot.pairs(acc10, w0, x1);
          acc11 = Dot.pairs(acc11, w1, x1);
          const x2 = v128.load32_splat(a2 + offset);
          acc20 = Dot.pairs(acc20, w0, x2);
          acc21 = Dot.pairs(acc21, w1, x2);
          const x3 = v128.load32_splat(a3 + offset);
          acc30 = Dot.pairs(acc30, w0, x3);
          acc31 = Dot.pairs(acc31, w1, x3);
          w += 32;
          o += 4;
        } while (w < end);
      }
      const to = output + at * outputStride;
      ConvPair.store8(type, to, to + outputStride, acc00, acc01, acc10, acc11, head, packed);
      const next = to + 2 * outputStride;
      ConvPair.store8(type, next, next + outputStride, acc20, acc21, acc30, acc31, head, packed);
    }
  }

  /** One pixel, `count` of whose 8 channels exist; any type of result. */
  static pixel8<T>(args: usize, block: usize, row: usize, output: usize, count: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const end = weights + load<usize>(args, ConvArgs.steps) * 32;
    const extra = end + load<usize>(block);
    let o = offsets;
    let acc0 = v128.load(head);
    let acc1 = v128.load(head, 16);
    for (let w = weights; w < end; w += 32, o += 4) {
      const x = v128.load32_splat(row + load<usize>(o));
      acc0 = ConvTile8.add<T>(acc0, v128.load(w), x);
      acc1 = ConvTile8.add<T>(acc1, v128.load(w, 16), x);
    }
    if (sizeof<T>() === 1) {
      for (let w = end; w < extra; w += 48) {
        const x = v128.load32_splat(row + load<usize>(w));
        acc0 = Dot.quads(acc0, v128.load(w, 16), x);
        acc1 = Dot.quads(acc1, v128.load(w, 32), x);
      }
    }
    ConvResult.store8(type, output, count, acc0, acc1, head, packed);
  }

  /** T as in int8/conv.ts. */
  @inline
  static add<T>(acc: v128, weights: v128, input: v128): v128 {
    return sizeof<T>() === 2 ? Dot.pairs(acc, weights, input) : Dot.quads(acc, weights, input);
  }

  /** Whether none of the next four blocks has extra steps: they are of one size then. */
  static areWhole(args: usize, block: usize): bool {
    const size = ConvTile8.blockBytes(args);
    const first = load<i32>(block) | load<i32>(block + size);
    const last = block + 2 * size;
    return (first | load<i32>(last) | load<i32>(last + size)) === 0;
  }

  /** Without extra steps. */
  @inline
  static blockBytes(args: usize): usize {
    return (
      16 + (load<usize>(args, ConvArgs.headBytes) << 3) + (load<usize>(args, ConvArgs.steps) << 5)
    );
  }

  /**
   * One pixel of four blocks by Dot.quads: eight sums, so that none waits for itself; any type of result.
   */
  static pixel32(args: usize, block: usize, row: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const eight: usize = type >= ConvResult.wide ? 32 : 8;
    const size = ConvTile8.blockBytes(args);
    const head0 = block + 16;
    const head1 = head0 + size;
    const head2 = head1 + size;
    const head3 = head2 + size;
    const end = block + size;
    const weights = end - (load<usize>(args, ConvArgs.steps) << 5);
    let acc0 = v128.load(head0);
    let acc1 = v128.load(head0, 16);
    let acc2 = v128.load(head1);
    let acc3 = v128.load(head1, 16);
    let acc4 = v128.load(head2);
    let acc5 = v128.load(head2, 16);
    let acc6 = v128.load(head3);
    let acc7 = v128.load(head3, 16);
    let o = offsets;
    for (let w = weights; w < end; w += 32, o += 4) {
      const x = v128.load32_splat(row + load<usize>(o));
      const w1 = w + size;
      const w2 = w1 + size;
      const w3 = w2 + size;
      acc0 = Dot.quads(acc0, v128.load(w), x);
      acc1 = Dot.quads(acc1, v128.load(w, 16), x);
      acc2 = Dot.quads(acc2, v128.load(w1), x);
      acc3 = Dot.quads(acc3, v128.load(w1, 16), x);
      acc4 = Dot.quads(acc4, v128.load(w2), x);
      acc5 = Dot.quads(acc5, v128.load(w2, 16), x);
      acc6 = Dot.quads(acc6, v128.load(w3), x);
      acc7 = Dot.quads(acc7, v128.load(w3, 16), x);
    }
    ConvResult.store8(type, output, 8, acc0, acc1, head0, packed);
    ConvResult.store8(type, output + eight, 8, acc2, acc3, head1, packed);
    ConvResult.store8(type, output + 2 * eight, 8, acc4, acc5, head2, packed);
    ConvResult.store8(type, output + 3 * eight, 8, acc6, acc7, head3, packed);
  }

  /**
   * Six pixels or more of eight channels that all exist; bytes by ConvResult.round. By Dot.quads, which
   * needs no temporary: twelve sums fit the registers.
   */
  static rows6x8(args: usize, block: usize, row: usize, pixels: usize, output: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const offsets = load<usize>(args, ConvArgs.offsets);
    const type = load<i32>(args, ConvArgs.resultType);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    const head = block + 16;
    const weights = head + load<usize>(args, ConvArgs.headBytes) * 8;
    const end = weights + load<usize>(args, ConvArgs.steps) * 32;
    const extra = end + load<usize>(block);
    for (let x: usize = 0; x < pixels; x += 6) {
      const at = min(x, pixels - 6);
      const a0 = row + at * pixelBytes;
      const a1 = a0 + pixelBytes;
      const a2 = a1 + pixelBytes;
      const a3 = a2 + pixelBytes;
      const a4 = a3 + pixelBytes;
      const a5 = a4 + pixelBytes;
      let acc00 = v128.load(head);
      let acc01 = v128.load(head, 16);
      let acc10 = acc00;
      let acc11 = acc01;
      let acc20 = acc00;
      let acc21 = acc01;
      let acc30 = acc00;
      let acc31 = acc01;
      let acc40 = acc00;
      let acc41 = acc01;
      let acc50 = acc00;
      let acc51 = acc01;
      let o = offsets;
      for (let w = weights; w < end; w += 32, o += 4) {
        const offset = load<usize>(o);
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        const x0 = v128.load32_splat(a0 + offset);
        acc00 = Dot.quads(acc00, w0, x0);
        acc01 = Dot.quads(acc01, w1, x0);
        const x1 = v128.load32_splat(a1 + offset);
        acc10 = Dot.quads(acc10, w0, x1);
        acc11 = Dot.quads(acc11, w1, x1);
        const x2 = v128.load32_splat(a2 + offset);
        acc20 = Dot.quads(acc20, w0, x2);
        acc21 = Dot.quads(acc21, w1, x2);
        const x3 = v128.load32_splat(a3 + offset);
        acc30 = Dot.quads(acc30, w0, x3);
        acc31 = Dot.quads(acc31, w1, x3);
        const x4 = v128.load32_splat(a4 + offset);
        acc40 = Dot.quads(acc40, w0, x4);
        acc41 = Dot.quads(acc41, w1, x4);
        const x5 = v128.load32_splat(a5 + offset);
        acc50 = Dot.quads(acc50, w0, x5);
        acc51 = Dot.quads(acc51, w1, x5);
      }
      for (let w = end; w < extra; w += 48) {
        const offset = load<usize>(w);
        const w0 = v128.load(w, 16);
        const w1 = v128.load(w, 32);
        const x0 = v128.load32_splat(a0 + offset);
        acc00 = Dot.quads(acc00, w0, x0);
        acc01 = Dot.quads(acc01, w1, x0);
        const x1 = v128.load32_splat(a1 + offset);
        acc10 = Dot.quads(acc10, w0, x1);
        acc11 = Dot.quads(acc11, w1, x1);
        const x2 = v128.load32_splat(a2 + offset);
        acc20 = Dot.quads(acc20, w0, x2);
        acc21 = Dot.quads(acc21, w1, x2);
        const x3 = v128.load32_splat(a3 + offset);
        acc30 = Dot.quads(acc30, w0, x3);
        acc31 = Dot.quads(acc31, w1, x3);
        const x4 = v128.load32_splat(a4 + offset);
        acc40 = Dot.quads(acc40, w0, x4);
        acc41 = Dot.quads(acc41, w1, x4);
        const x5 = v128.load32_splat(a5 + offset);
        acc50 = Dot.quads(acc50, w0, x5);
        acc51 = Dot.quads(acc51, w1, x5);
      }
      let to = output + at * outputStride;
      ConvPair.store8(type, to, to + outputStride, acc00, acc01, acc10, acc11, head, packed);
      to += 2 * outputStride;
      ConvPair.store8(type, to, to + outputStride, acc20, acc21, acc30, acc31, head, packed);
      to += 2 * outputStride;
      ConvPair.store8(type, to, to + outputStride, acc40, acc41, acc50, acc51, head, packed);
    }
  }
}
