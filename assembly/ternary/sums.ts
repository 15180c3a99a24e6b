import { ConvArgs, SumsArgs } from '../arguments';
import { ConvResult } from '../int8/convResult';
import { Rows } from '../int8/rows';
import { Count } from '../simd/count';
import { Planes } from './planes';
import { Tables } from './tables';

/**
 * output[pixel][n] = result(bias[n] + window[pixel] · weights[n]) for ternary weights, by additions
 * alone: lanes are pixels, 16 or 8 at a time. The windows become planes, the planes tables of sums of
 * a few inputs (ternary/tables.ts), and a channel adds and subtracts the entries that its list names.
 *
 *   input    u8, as int8/conv.ts takes it
 *   weights  of each chunk of the window's numbers: i32 tuples, then for each output channel, in any
 *            order, u16 plus, minus, channel, 0 and 4 (plus + minus) u16: where in the tables the
 *            entries begin that are added, then those that are subtracted
 *   output   u8 [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written;
 *            for every accumulator |acc * scale| < 2^22 (int8/convResult.ts, types 0 and 1)
 *
 * Inputs are bytes less 128, which the bias makes up for. A channel has 255 weights at most that are
 * not 0 in a chunk: its sum, within 128 * 255 = 32,640, fits 16 bits, and so do those of the added
 * and of the subtracted entries alone; in between they may wrap. Chunks are summed in 32 bits.
 */
class Sums {
  static run(args: usize): void {
    const scratch = load<usize>(args, ConvArgs.scratch);
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const bandHeight = load<usize>(args, ConvArgs.bandHeight);
    const isUpright = load<i32>(args, ConvArgs.isUpright) !== 0;
    const isCopied = load<i32>(args, ConvArgs.isCopied) !== 0;
    const inputLineBytes = load<usize>(args, ConvArgs.inputLineBytes);
    const outputLineBytes = load<usize>(args, ConvArgs.outputLineBytes);
    const outputRowBytes = outputWidth * load<usize>(args, ConvArgs.outputChannels);
    let output = load<usize>(args, ConvArgs.output);
    for (let image: usize = 0; image < load<usize>(args, ConvArgs.batch); image++) {
      for (let y: usize = 0; y < outputHeight; y += bandHeight) {
        const height = min(bandHeight, outputHeight - y);
        const lines = isUpright ? outputWidth : height;
        const pixels = isUpright ? height : outputWidth;
        let from = scratch;
        if (isCopied) Rows.copy<u8>(args, scratch, image, y, height, 0);
        else from = Rows.pixels(args, y);
        let to = output;
        for (let line: usize = 0; line < lines; line++) {
          Sums.line(args, from, pixels, to);
          from += inputLineBytes;
          to += outputLineBytes;
        }
        output += height * outputRowBytes;
      }
    }
  }

  static line(args: usize, row: usize, pixels: usize, output: usize): void {
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    for (let x: usize = 0; x < pixels; ) {
      const rest = pixels - x;
      const width: usize = rest > 24 ? 32 : rest > 8 ? 16 : 8;
      // The last tile may cover pixels of the one before: they come out the same.
      const at = pixels < width ? 0 : min(x, pixels - width);
      const count = min(width, pixels);
      Sums.tile(args, row + at * pixelBytes, width, count, output + at * outputStride);
      x += width;
    }
  }

  /** 32, 16 or 8 pixels, of which `count` exist. */
  static tile(args: usize, row: usize, width: usize, count: usize, output: usize): void {
    const inputPixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const tables = load<usize>(args, SumsArgs.tables);
    const g = load<usize>(args, SumsArgs.tupleSize);
    const sums = load<usize>(args, SumsArgs.sums);
    const results = load<usize>(args, SumsArgs.results);
    const planeBytes = max<usize>(width, 16);
    let planes = load<usize>(args, SumsArgs.planes);
    for (let pixel: usize = 0; pixel < width; pixel += 8) {
      // Of pixels that do not exist the last one stands in for the first.
      const first = min(pixel, count - 1);
      Planes.gather(
        args,
        row + first * inputPixelBytes,
        min<usize>(8, count - first),
        planes + pixel,
        planeBytes,
      );
    }
    let list = load<usize>(args, ConvArgs.weights);
    const channels = load<usize>(args, ConvArgs.outputChannels);
    for (let chunk = load<usize>(args, SumsArgs.chunks), isFirst = true; chunk > 0; chunk--) {
      const tuples = load<usize>(list);
      list += 4;
      Tables.fill(g, planes, planeBytes, width, tables, tuples);
      planes += tuples * g * planeBytes;
      for (let channel: usize = 0; channel < channels; ) {
        const block = Sums.block(channels - channel);
        const listBytes = load<usize>(list);
        list += 4;
        if (width === 32) Sums.lists<u32>(tables, list, listBytes, sums);
        else if (width === 16) Sums.lists<u16>(tables, list, listBytes, sums);
        else Sums.lists<u8>(tables, list, listBytes, sums);
        list += listBytes;
        if (chunk > 1) {
          Sums.total(args, planeBytes, channel, block, isFirst);
        } else {
          Sums.finish(args, planeBytes, channel, block, isFirst);
          Planes.scatter(args, results, planeBytes, block, count, output + channel);
        }
        channel += block;
      }
      isFirst = false;
    }
  }

  /** Channels of a block, of those that are left: 64, or the last up to 71, since 8 are too few. */
  @inline
  static block(channels: usize): usize {
    return channels < 72 ? channels : 64;
  }

  /** The sums of all channels in 16 bits: T is u32 for 32 pixels, u16 for 16, u8 for 8. */
  static lists<T>(table: usize, list: usize, listBytes: usize, sums: usize): void {
    const pixelBytes: usize = sizeof<T>() === 4 ? 64 : 32;
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
        if (sizeof<T>() > 1) s1 = i16x8.add(s1, v128.load(a, 16));
        if (sizeof<T>() > 2) s2 = i16x8.add(s2, v128.load(a, 32));
        if (sizeof<T>() > 2) s3 = i16x8.add(s3, v128.load(a, 48));
        if (sizeof<T>() > 2) s0 = i16x8.add(s0, v128.load(b));
        else s2 = i16x8.add(s2, v128.load(b));
        if (sizeof<T>() > 2) s1 = i16x8.add(s1, v128.load(b, 16));
        else if (sizeof<T>() > 1) s3 = i16x8.add(s3, v128.load(b, 16));
        if (sizeof<T>() > 2) s2 = i16x8.add(s2, v128.load(b, 32));
        if (sizeof<T>() > 2) s3 = i16x8.add(s3, v128.load(b, 48));
        Count.macs(<f64>(16 * sizeof<T>()));
      }
      for (; list < end; list += 4) {
        const a = table + ((<usize>load<u16>(list)) << 3);
        const b = table + ((<usize>load<u16>(list, 2)) << 3);
        s0 = i16x8.sub(s0, v128.load(a));
        if (sizeof<T>() > 1) s1 = i16x8.sub(s1, v128.load(a, 16));
        if (sizeof<T>() > 2) s2 = i16x8.sub(s2, v128.load(a, 32));
        if (sizeof<T>() > 2) s3 = i16x8.sub(s3, v128.load(a, 48));
        if (sizeof<T>() > 2) s0 = i16x8.sub(s0, v128.load(b));
        else s2 = i16x8.sub(s2, v128.load(b));
        if (sizeof<T>() > 2) s1 = i16x8.sub(s1, v128.load(b, 16));
        else if (sizeof<T>() > 1) s3 = i16x8.sub(s3, v128.load(b, 16));
        if (sizeof<T>() > 2) s2 = i16x8.sub(s2, v128.load(b, 32));
        if (sizeof<T>() > 2) s3 = i16x8.sub(s3, v128.load(b, 48));
        Count.macs(<f64>(16 * sizeof<T>()));
      }
      if (sizeof<T>() > 2) {
        v128.store(to, s0);
        v128.store(to, s1, 16);
        v128.store(to, s2, 32);
        v128.store(to, s3, 48);
      } else {
        v128.store(to, i16x8.add(s0, s2));
        if (sizeof<T>() > 1) v128.store(to, i16x8.add(s1, s3), 16);
      }
    }
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
  static finish(args: usize, planeBytes: usize, channel: usize, block: usize, isOnly: bool): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const headBytes = load<usize>(args, ConvArgs.outputChannels) << 2;
    const isScaled = load<i32>(args, SumsArgs.isScaled) !== 0;
    let head = load<usize>(args, SumsArgs.heads) + (channel << 2);
    let sums = load<usize>(args, SumsArgs.sums);
    let totals = load<usize>(args, SumsArgs.totals) + channel * (planeBytes << 2);
    let results = load<usize>(args, SumsArgs.results);
    const magic = v128.load(packed, 64);
    const offset = v128.load(packed, 80);
    for (const end = head + (block << 2); head < end; head += 4) {
      const bias = v128.load32_splat(head);
      const scale = v128.load32_splat(head + headBytes);
      for (let i: usize = 0; i < planeBytes; i += 16, sums += 32, totals += 64, results += 16) {
        const low = v128.load(sums);
        const high = v128.load(sums, 16);
        let acc0 = i32x4.extend_low_i16x8_s(low);
        let acc1 = i32x4.extend_high_i16x8_s(low);
        let acc2 = i32x4.extend_low_i16x8_s(high);
        let acc3 = i32x4.extend_high_i16x8_s(high);
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
        acc0 = i32x4.add(acc0, bias);
        acc1 = i32x4.add(acc1, bias);
        acc2 = i32x4.add(acc2, bias);
        acc3 = i32x4.add(acc3, bias);
        acc0 = ConvResult.round(acc0, scale, magic, offset);
        acc1 = ConvResult.round(acc1, scale, magic, offset);
        acc2 = ConvResult.round(acc2, scale, magic, offset);
        acc3 = ConvResult.round(acc3, scale, magic, offset);
        const q = i8x16.narrow_i16x8_u(
          i16x8.narrow_i32x4_s(acc0, acc1),
          i16x8.narrow_i32x4_s(acc2, acc3),
        );
        v128.store(results, ConvResult.clamp(q, packed));
      }
    }
  }
}

export function conv_u8t2_sums_32(args: usize): void {
  Sums.run(args);
}
