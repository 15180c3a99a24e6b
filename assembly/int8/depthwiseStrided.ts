import { DepthwiseCellsArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { Cells } from './depthwiseCells';

/**
 * 3x3 at stride 2 from the map itself: a pixel by 16 channels, two blocks of 8. The outer rows make
 * pairs down each column, the middle row along itself: five products of a pair for nine taps.
 *
 *   scratch  u8 window[3][2][16], whose second column is padding; T weights [2][5][8][2], 16 bytes; then a row
 *            of zero points, as long as one of the map
 *
 * padLeft <= 1. T is i16, for any weights; or u8, where the sums of the outer rows' products and of
 * the middle row's fit 16 bits.
 */
export class Strided {
  static readonly weightsAt: usize = 96;
  static readonly zerosAt: usize = 432;

  /** Writes the zero points. */
  static prepare(args: usize, scratch: usize): void {
    const zero = v128.load(load<usize>(args, DepthwiseCellsArgs.parameters), 64);
    const rowBytes =
      load<usize>(args, DepthwiseCellsArgs.inputWidth) *
      load<usize>(args, DepthwiseCellsArgs.channels);
    const end = scratch + Strided.zerosAt + rowBytes;
    for (let to = scratch; to < end; to += 16) v128.store(to, zero);
  }

  /** `block` is the first of two; `image` and `to` are their first channels'. */
  static run<T>(
    args: usize,
    block: usize,
    image: usize,
    to: usize,
    y: i32,
    rows: usize,
    scratch: usize,
  ): void {
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const width = load<i32>(args, DepthwiseCellsArgs.inputWidth);
    const height = load<i32>(args, DepthwiseCellsArgs.inputHeight);
    const padLeft = load<i32>(args, DepthwiseCellsArgs.padLeft);
    const isClamped = load<i32>(args, DepthwiseCellsArgs.isClamped);
    const rowBytes = <usize>width * channels;
    const outputBytes = load<usize>(args, DepthwiseCellsArgs.outputWidth) * channels;
    const zeros = scratch + Strided.zerosAt;
    const w = scratch + Strided.weightsAt;
    // Two groups of entries of 32 bytes for words, one for bytes.
    const next = block + (sizeof<T>() === 2 ? 288 : 192);
    Strided.pack<T>(w, block);
    Strided.pack<T>(w + (sizeof<T>() === 2 ? 160 : 80), next);

    let row = 2 * y - load<i32>(args, DepthwiseCellsArgs.padTop);
    for (; rows > 0; rows--, row += 2) {
      let a = <u32>row < <u32>height ? image + <usize>row * rowBytes : zeros;
      let b = <u32>(row + 1) < <u32>height ? image + <usize>(row + 1) * rowBytes : zeros;
      let c = <u32>(row + 2) < <u32>height ? image + <usize>(row + 2) * rowBytes : zeros;
      // The first pixel's first column is padding, or in the map.
      const isPadded = padLeft > 0 || padLeft <= -width;
      const first = <usize>max(0, -padLeft) * channels;
      let middle = v128.load(isPadded ? zeros : b + first);
      const top = v128.load(isPadded ? zeros : a + first);
      const bottom = v128.load(isPadded ? zeros : c + first);
      let outer0 = Cells.zipLow8(top, bottom);
      let next0 = Cells.zipHigh8(top, bottom);
      let left = width - 1 + padLeft;
      const second = <usize>max(0, 1 - padLeft) * channels;
      a += second;
      b += second;
      c += second;
      let step = channels;
      const end = to + outputBytes;
      for (;;) {
        if (left < 2) {
          v128.store(scratch, v128.load(left > 0 ? a : zeros));
          v128.store(scratch, v128.load(left > 0 ? b : zeros), 32);
          v128.store(scratch, v128.load(left > 0 ? c : zeros), 64);
          a = scratch;
          b = scratch + 32;
          c = scratch + 64;
          step = 16;
        }
        let x = v128.load(a);
        let z = v128.load(c);
        const outer1 = Cells.zipLow8(x, z);
        const next1 = Cells.zipHigh8(x, z);
        x = v128.load(b);
        const middle01 = Cells.zipLow8(middle, x);
        const next01 = Cells.zipHigh8(middle, x);
        a += step;
        b += step;
        c += step;
        x = v128.load(a);
        z = v128.load(c);
        const outer2 = Cells.zipLow8(x, z);
        const next2 = Cells.zipHigh8(x, z);
        middle = v128.load(b);
        const middle2 = Cells.zipLow8(middle, middle);
        const nextMiddle2 = Cells.zipHigh8(middle, middle);
        a += step;
        b += step;
        c += step;
        const magic = v128.load(parameters);
        const offset = v128.load(parameters, 16);
        let acc0 = v128.load(block);
        let acc1 = v128.load(block, 16);
        if (sizeof<T>() === 2) {
          acc0 = Strided.low(acc0, w, outer0, outer1, outer2, middle01, middle2);
          acc1 = Strided.high(acc1, w, outer0, outer1, outer2, middle01, middle2);
        } else {
          const ones = v128.load(parameters, 96);
          const outer = Strided.outer(w, outer0, outer1, outer2);
          const inner = Strided.inner(w, middle01, middle2);
          acc0 = Dot.sums(acc0, Cells.zipLow16(outer, inner), ones);
          acc1 = Dot.sums(acc1, Cells.zipHigh16(outer, inner), ones);
        }
        acc0 = f32x4.mul(f32x4.convert_i32x4_s(acc0), v128.load(block, 32));
        acc1 = f32x4.mul(f32x4.convert_i32x4_s(acc1), v128.load(block, 48));
        acc0 = i32x4.sub(f32x4.add(acc0, magic), offset);
        acc1 = i32x4.sub(f32x4.add(acc1, magic), offset);
        let words = i16x8.narrow_i32x4_s(acc0, acc1);
        if (sizeof<T>() === 2) v128.store(scratch, words, 416);
        outer0 = outer2;
        acc0 = v128.load(next);
        acc1 = v128.load(next, 16);
        if (sizeof<T>() === 2) {
          const v = w + 160;
          acc0 = Strided.low(acc0, v, next0, next1, next2, next01, nextMiddle2);
          acc1 = Strided.high(acc1, v, next0, next1, next2, next01, nextMiddle2);
        } else {
          const ones = v128.load(parameters, 96);
          const outer = Strided.outer(w + 80, next0, next1, next2);
          const inner = Strided.inner(w + 80, next01, nextMiddle2);
          acc0 = Dot.sums(acc0, Cells.zipLow16(outer, inner), ones);
          acc1 = Dot.sums(acc1, Cells.zipHigh16(outer, inner), ones);
        }
        acc0 = f32x4.mul(f32x4.convert_i32x4_s(acc0), v128.load(next, 32));
        acc1 = f32x4.mul(f32x4.convert_i32x4_s(acc1), v128.load(next, 48));
        acc0 = i32x4.sub(f32x4.add(acc0, magic), offset);
        acc1 = i32x4.sub(f32x4.add(acc1, magic), offset);
        next0 = next2;
        if (sizeof<T>() === 2) words = v128.load(scratch, 416);
        let bytes = i8x16.narrow_i16x8_u(words, i16x8.narrow_i32x4_s(acc0, acc1));
        if (isClamped) {
          bytes = i8x16.max_u(bytes, v128.load(parameters, 32));
          bytes = i8x16.min_u(bytes, v128.load(parameters, 48));
        }
        v128.store(to, bytes);
        to += channels;
        if (to === end) break;
        left -= 2;
      }
    }
  }

  /** Of a block: the outer rows' weights by column, the middle row's first two, and its last. */
  static pack<T>(to: usize, block: usize): void {
    if (sizeof<T>() === 2) {
      for (const end = to + 32; to < end; to += 16, block += 16) {
        for (let i: usize = 0; i < 96; i += 32) {
          const a = v128.load(block + i, 64);
          const b = v128.load(block + i, 160);
          v128.store(to + i, i16x8.shuffle(a, b, 0, 8, 2, 10, 4, 12, 6, 14));
        }
        const a = v128.load(block, 64);
        const b = v128.load(block, 96);
        v128.store(to, i16x8.shuffle(a, b, 1, 9, 3, 11, 5, 13, 7, 15), 96);
        v128.store(to, i32x4.shr_u(v128.load(block, 128), 16), 128);
      }
    } else {
      for (let i: usize = 0; i < 3; i++) {
        const a = v128.load(block + 32 * i, 64);
        const b = v128.load(block + 32 * i, 80);
        v128.store(to + 16 * i, i16x8.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14));
      }
      const second = i16x8.shl(Strided.odd(block, 96), 8);
      v128.store(to, v128.or(Strided.odd(block, 64), second), 48);
      v128.store(to, Strided.odd(block, 128), 64);
    }
  }

  @inline
  static odd(block: usize, at: usize): v128 {
    const a = v128.load(block + at);
    return i16x8.shuffle(a, v128.load(block + at, 16), 1, 3, 5, 7, 9, 11, 13, 15);
  }

  @inline
  static outer(w: usize, x0: v128, x1: v128, x2: v128): v128 {
    const first = i16x8.add(Dot.bytePairs(v128.load(w), x0), Dot.bytePairs(v128.load(w, 16), x1));
    return i16x8.add(first, Dot.bytePairs(v128.load(w, 32), x2));
  }

  @inline
  static inner(w: usize, x01: v128, x2: v128): v128 {
    return i16x8.add(Dot.bytePairs(v128.load(w, 48), x01), Dot.bytePairs(v128.load(w, 64), x2));
  }

  /** The first four channels of a block. */
  @inline
  static low(acc: v128, w: usize, x0: v128, x1: v128, x2: v128, x01: v128, last: v128): v128 {
    acc = Dot.pairs(acc, v128.load(w), i16x8.extend_low_i8x16_u(x0));
    acc = Dot.pairs(acc, v128.load(w, 32), i16x8.extend_low_i8x16_u(x1));
    acc = Dot.pairs(acc, v128.load(w, 64), i16x8.extend_low_i8x16_u(x2));
    acc = Dot.pairs(acc, v128.load(w, 96), i16x8.extend_low_i8x16_u(x01));
    return Dot.pairs(acc, v128.load(w, 128), i16x8.extend_low_i8x16_u(last));
  }

  @inline
  static high(acc: v128, w: usize, x0: v128, x1: v128, x2: v128, x01: v128, last: v128): v128 {
    acc = Dot.pairs(acc, v128.load(w, 16), i16x8.extend_high_i8x16_u(x0));
    acc = Dot.pairs(acc, v128.load(w, 48), i16x8.extend_high_i8x16_u(x1));
    acc = Dot.pairs(acc, v128.load(w, 80), i16x8.extend_high_i8x16_u(x2));
    acc = Dot.pairs(acc, v128.load(w, 112), i16x8.extend_high_i8x16_u(x01));
    return Dot.pairs(acc, v128.load(w, 144), i16x8.extend_high_i8x16_u(last));
  }
}
