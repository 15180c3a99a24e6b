import { ConvArgs, SumsArgs } from '../arguments';
import { ConvResult } from '../int8/convResult';
import { Rows } from '../int8/rows';
import { Count } from '../simd/count';
import { Planes } from './planes';
import { Tables } from './tables';

/**
 * output[pixel][n] = result(bias[n] + window[pixel] · weights[n]) for ternary weights, by additions
 * alone: lanes are pixels, 32, 24 or 16 at a time, one after the other in a band of rows. The windows
 * become planes, the planes tables of sums of a few inputs (ternary/tables.ts), and a channel adds and
 * subtracts the entries that its list names.
 *
 *   input    u8, as int8/conv.ts takes it
 *   weights  of each chunk of the window's numbers: i32 tuples, then for each list, in any order, u16
 *            plus, minus, list, 0 and 4 (plus + minus) u16: where in the tables the entries begin that
 *            are added, then those that are subtracted
 *   output   u8 [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written;
 *            before rounding results are within 2^22 (int8/convResult.ts, types 0 and 1)
 *
 * A channel has one list, or two, one of its positive and one of its negative weights, whose sums have
 * scales of their own. What becomes of the sums (SumsArgs.mode):
 *
 *   0  round(f32(sum + bias) * scale)
 *   1  round(f32(sum * factor + bias) * scale)
 *   2  round(f32(f32(sum + bias) * scale) + realBias)
 *   3  round(f32(f32(f32(sum + bias) * scale) + f32(f32(sum' + bias') * scale')) + realBias)
 *
 * Inputs are bytes less 128, which the bias makes up for. A list has 255 weights at most that are not
 * 0 in a chunk: its sum, within 128 * 255 = 32,640, fits 16 bits, and so do those of the added and of
 * the subtracted entries alone; in between they may wrap. Chunks are summed in 32 bits.
 */
class Sums {
  static run(args: usize): void {
    const scratch = load<usize>(args, ConvArgs.scratch);
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const bandHeight = load<usize>(args, ConvArgs.bandHeight);
    const isCopied = load<i32>(args, ConvArgs.isCopied) !== 0;
    const outputChannels = load<usize>(args, ConvArgs.outputChannels);
    let output = load<usize>(args, ConvArgs.output);
    for (let image: usize = 0; image < load<usize>(args, ConvArgs.batch); image++) {
      for (let y: usize = 0; y < outputHeight; y += bandHeight) {
        const height = min(bandHeight, outputHeight - y);
        const pixels = height * outputWidth;
        let rows = scratch;
        if (isCopied) Rows.copy<u8>(args, scratch, image, y, height, 0);
        else rows = Rows.pixels(args, y);
        for (let pixel: usize = 0; pixel < pixels; ) {
          const width = Sums.width(pixels - pixel);
          // The last tile may cover pixels of the one before: they come out the same.
          const count = min(width, pixels);
          const first = min(pixel, pixels - count);
          Sums.tile(args, rows, width, first, count, output + first * outputChannels);
          pixel += width;
        }
        output += pixels * outputChannels;
      }
    }
  }

  /** Pixels of the next tile, of those that are left: 36 are one of 24 and one of 16. */
  @inline
  static width(rest: usize): usize {
    return rest > 40 || rest - 25 < 8 ? 32 : rest > 16 ? 24 : 16;
  }

  /** 32, 24 or 16 pixels of a band, of which `count` exist, from the one numbered `first` on. */
  static tile(
    args: usize,
    rows: usize,
    width: usize,
    first: usize,
    count: usize,
    output: usize,
  ): void {
    const tables = load<usize>(args, SumsArgs.tables);
    const g = load<usize>(args, SumsArgs.tupleSize);
    const sums = load<usize>(args, SumsArgs.sums);
    const results = load<usize>(args, SumsArgs.results);
    const planeBytes: usize = width > 16 ? 32 : 16;
    let planes = load<usize>(args, SumsArgs.planes);
    // The sums come later.
    Planes.find(args, rows, first, count, width, sums);
    for (let pixel: usize = 0; pixel < width; pixel += 8)
      Planes.gather(args, sums + (pixel << 2), planes + pixel, planeBytes);
    let list = load<usize>(args, ConvArgs.weights);
    const lists = load<usize>(args, SumsArgs.lists);
    // A channel has one list or two.
    const mode = load<i32>(args, SumsArgs.mode);
    const isApart = mode === 3 ? 1 : 0;
    for (let chunk = load<usize>(args, SumsArgs.chunks), isFirst = true; chunk > 0; chunk--) {
      const tuples = load<usize>(list);
      list += 4;
      Tables.fill(g, planes, planeBytes, width, tables, tuples);
      planes += tuples * g * planeBytes;
      for (let channel: usize = 0; channel < lists; ) {
        const block = Sums.block(lists - channel);
        const listBytes = load<usize>(list);
        list += 4;
        if (width === 32) Sums.lists<u64>(tables, list, listBytes, sums);
        else if (width === 24) Sums.lists<u32>(tables, list, listBytes, sums);
        else Sums.lists<u16>(tables, list, listBytes, sums);
        list += listBytes;
        if (chunk > 1) {
          Sums.total(args, planeBytes, channel, block, isFirst);
        } else {
          if (mode > 1) Sums.finishReal(args, planeBytes, channel, block, isFirst);
          else Sums.finish(args, planeBytes, channel, block, isFirst);
          const to = output + (channel >> isApart);
          Planes.scatter(args, results, planeBytes, block >> isApart, count, to);
        }
        channel += block;
      }
      isFirst = false;
    }
  }

  /** Lists of a block, of those that are left: 64, or the last up to 79, since fewer than 16 are few. */
  @inline
  static block(lists: usize): usize {
    return lists < 80 ? lists : 64;
  }

  /** The sums of a block in 16 bits: T is u64 for 32 pixels, u32 for 24 of 32, u16 for 16. */
  static lists<T>(table: usize, list: usize, listBytes: usize, sums: usize): void {
    const pixelBytes: usize = sizeof<T>() > 2 ? 64 : 32;
    for (const last = list + listBytes; list < last; ) {
      const to = sums + <usize>load<u16>(list, 4) * pixelBytes;
      const middle = list + 8 + ((<usize>load<u16>(list)) << 2);
      const end = middle + ((<usize>load<u16>(list, 2)) << 2);
      list += 8;
      let s0 = i16x8.splat(0);
      let s1 = s0;
      let s2 = s0;
      let s3 = s0;
      for (; list < middle; list += 4) {
        const a = table + ((<usize>load<u16>(list)) << 3);
        const b = table + ((<usize>load<u16>(list, 2)) << 3);
        s0 = i16x8.add(s0, v128.load(a));
        s1 = i16x8.add(s1, v128.load(a, 16));
        if (sizeof<T>() > 2) s2 = i16x8.add(s2, v128.load(a, 32));
        if (sizeof<T>() > 4) s3 = i16x8.add(s3, v128.load(a, 48));
        s0 = i16x8.add(s0, v128.load(b));
        s1 = i16x8.add(s1, v128.load(b, 16));
        if (sizeof<T>() > 2) s2 = i16x8.add(s2, v128.load(b, 32));
        if (sizeof<T>() > 4) s3 = i16x8.add(s3, v128.load(b, 48));
        Sums.count<T>();
      }
      for (; list < end; list += 4) {
        const a = table + ((<usize>load<u16>(list)) << 3);
        const b = table + ((<usize>load<u16>(list, 2)) << 3);
        s0 = i16x8.sub(s0, v128.load(a));
        s1 = i16x8.sub(s1, v128.load(a, 16));
        if (sizeof<T>() > 2) s2 = i16x8.sub(s2, v128.load(a, 32));
        if (sizeof<T>() > 4) s3 = i16x8.sub(s3, v128.load(a, 48));
        s0 = i16x8.sub(s0, v128.load(b));
        s1 = i16x8.sub(s1, v128.load(b, 16));
        if (sizeof<T>() > 2) s2 = i16x8.sub(s2, v128.load(b, 32));
        if (sizeof<T>() > 4) s3 = i16x8.sub(s3, v128.load(b, 48));
        Sums.count<T>();
      }
      v128.store(to, s0);
      v128.store(to, s1, 16);
      if (sizeof<T>() > 2) v128.store(to, s2, 32);
      if (sizeof<T>() > 4) v128.store(to, s3, 48);
    }
  }

  /** Two entries of the pixels that count. */
  @inline
  static count<T>(): void {
    Count.macs(sizeof<T>() === 2 ? 32 : sizeof<T>() === 4 ? 48 : 64);
  }

  /** The sums of a block in a chunk, added to those before them in 32 bits. */
  static total(args: usize, planeBytes: usize, channel: usize, block: usize, isFirst: bool): void {
    let sums = load<usize>(args, SumsArgs.sums);
    let totals = load<usize>(args, SumsArgs.totals) + channel * (planeBytes << 2);
    const end = sums + block * (planeBytes << 1);
    if (isFirst) memory.fill(totals, 0, (end - sums) << 1);
    for (; sums < end; sums += 16, totals += 32) {
      const sum = v128.load(sums);
      v128.store(totals, i32x4.add(v128.load(totals), i32x4.extend_low_i16x8_s(sum)));
      v128.store(totals, i32x4.add(v128.load(totals, 16), i32x4.extend_high_i16x8_s(sum)), 16);
    }
  }

  /** The sums of a block in the last chunk, and its totals where there are more: to results. */
  static finish(args: usize, planeBytes: usize, list: usize, block: usize, isOnly: bool): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const headBytes = load<usize>(args, SumsArgs.lists) << 2;
    const isScaled = load<i32>(args, SumsArgs.mode) !== 0;
    let head = load<usize>(args, SumsArgs.heads) + (list << 2);
    let sums = load<usize>(args, SumsArgs.sums);
    let totals = load<usize>(args, SumsArgs.totals) + list * (planeBytes << 2);
    let results = load<usize>(args, SumsArgs.results);
    const magic = v128.load(packed, 64);
    const offset = v128.load(packed, 80);
    for (const end = head + (block << 2); head < end; head += 4) {
      const bias = v128.load32_splat(head);
      const scale = v128.load32_splat(head + headBytes);
      for (let i: usize = 0; i < planeBytes; i += 16, sums += 32, totals += 64, results += 16) {
        let acc0 = v128.load_ext<i16>(sums);
        let acc1 = v128.load_ext<i16>(sums, 8);
        let acc2 = v128.load_ext<i16>(sums, 16);
        let acc3 = v128.load_ext<i16>(sums, 24);
        if (!isOnly) {
          acc0 = i32x4.add(acc0, v128.load(totals));
          acc1 = i32x4.add(acc1, v128.load(totals, 16));
          acc2 = i32x4.add(acc2, v128.load(totals, 32));
          acc3 = i32x4.add(acc3, v128.load(totals, 48));
        }
        if (isScaled) {
          const factor = v128.load32_splat(head + (headBytes << 1));
          acc0 = i32x4.mul(acc0, factor);
          acc1 = i32x4.mul(acc1, factor);
          acc2 = i32x4.mul(acc2, factor);
          acc3 = i32x4.mul(acc3, factor);
        }
        acc0 = ConvResult.round(i32x4.add(acc0, bias), scale, magic, offset);
        acc1 = ConvResult.round(i32x4.add(acc1, bias), scale, magic, offset);
        acc2 = ConvResult.round(i32x4.add(acc2, bias), scale, magic, offset);
        acc3 = ConvResult.round(i32x4.add(acc3, bias), scale, magic, offset);
        Sums.narrow(results, acc0, acc1, acc2, acc3, packed);
      }
    }
  }

  /** The same where biases are real numbers, and a channel may have two sums. */
  static finishReal(args: usize, planeBytes: usize, list: usize, block: usize, isOnly: bool): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const headBytes = load<usize>(args, SumsArgs.lists) << 2;
    const isApart = load<i32>(args, SumsArgs.mode) === 3;
    let head = load<usize>(args, SumsArgs.heads) + (list << 2);
    let sums = load<usize>(args, SumsArgs.sums);
    let totals = load<usize>(args, SumsArgs.totals) + list * (planeBytes << 2);
    let results = load<usize>(args, SumsArgs.results);
    const next = isApart ? planeBytes << 1 : 0;
    for (const end = head + (block << 2); head < end; head += isApart ? 8 : 4) {
      const realBias = v128.load32_splat(head + (headBytes << 1));
      for (let i: usize = 0; i < planeBytes; i += 16, sums += 32, totals += 64, results += 16) {
        let bias = v128.load32_splat(head);
        let scale = v128.load32_splat(head + headBytes);
        let real0 = Sums.real(sums, totals, isOnly, bias, scale);
        let real1 = Sums.real(sums + 8, totals + 16, isOnly, bias, scale);
        let real2 = Sums.real(sums + 16, totals + 32, isOnly, bias, scale);
        let real3 = Sums.real(sums + 24, totals + 48, isOnly, bias, scale);
        if (isApart) {
          const other = sums + next;
          const total = totals + (next << 1);
          bias = v128.load32_splat(head + 4);
          scale = v128.load32_splat(head + headBytes + 4);
          real0 = f32x4.add(real0, Sums.real(other, total, isOnly, bias, scale));
          real1 = f32x4.add(real1, Sums.real(other + 8, total + 16, isOnly, bias, scale));
          real2 = f32x4.add(real2, Sums.real(other + 16, total + 32, isOnly, bias, scale));
          real3 = f32x4.add(real3, Sums.real(other + 24, total + 48, isOnly, bias, scale));
        }
        real0 = Sums.round(f32x4.add(real0, realBias), packed);
        real1 = Sums.round(f32x4.add(real1, realBias), packed);
        real2 = Sums.round(f32x4.add(real2, realBias), packed);
        real3 = Sums.round(f32x4.add(real3, realBias), packed);
        Sums.narrow(results, real0, real1, real2, real3, packed);
      }
      sums += next;
      totals += next << 1;
    }
  }

  @inline
  static real(sums: usize, totals: usize, isOnly: bool, bias: v128, scale: v128): v128 {
    let acc = i32x4.add(v128.load_ext<i16>(sums), bias);
    if (!isOnly) acc = i32x4.add(acc, v128.load(totals));
    return ConvResult.real(acc, scale);
  }

  @inline
  static round(real: v128, packed: usize): v128 {
    return i32x4.sub(f32x4.add(real, v128.load(packed, 64)), v128.load(packed, 80));
  }

  @inline
  static narrow(to: usize, q0: v128, q1: v128, q2: v128, q3: v128, packed: usize): void {
    const low = i16x8.narrow_i32x4_s(q0, q1);
    const high = i16x8.narrow_i32x4_s(q2, q3);
    v128.store(to, ConvResult.clamp(i8x16.narrow_i16x8_u(low, high), packed));
  }
}

export function conv_u8t2_sums_32(args: usize): void {
  Sums.run(args);
}
