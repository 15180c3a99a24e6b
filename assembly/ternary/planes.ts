import { ConvArgs, SumsArgs } from '../arguments';
import { Bytes } from '../simd/bytes';

/** Between pixels of many channels, and planes of 16 or 32 pixels each: transpositions of bytes. */
export class Planes {
  /**
   * The windows of `count` pixels, 8 at most, as signed bytes: input - 128 of pixel i at byte i of each
   * plane. Where there are fewer than 8 the last one stands for the rest. Up to 15 planes beyond the
   * last are written.
   */
  static gather(args: usize, row: usize, count: usize, planes: usize, planeBytes: usize): void {
    const stride = load<usize>(args, ConvArgs.inputPixelBytes);
    const flip = i8x16.splat(-128);
    const a1 = min<usize>(1, count - 1) * stride;
    const a2 = min<usize>(2, count - 1) * stride;
    const a3 = min<usize>(3, count - 1) * stride;
    const a4 = min<usize>(4, count - 1) * stride;
    const a5 = min<usize>(5, count - 1) * stride;
    const a6 = min<usize>(6, count - 1) * stride;
    const a7 = min<usize>(7, count - 1) * stride;
    let run = load<usize>(args, SumsArgs.runs);
    for (let i = load<usize>(args, SumsArgs.runCount); i > 0; i--, run += 8) {
      const length = load<usize>(run, 4);
      let to = planes;
      let from = row + load<usize>(run);
      for (const end = from + length; from < end; from += 16, to += planeBytes << 4) {
        const a = v128.xor(flip, v128.load(from));
        const b = v128.xor(flip, v128.load(from + a1));
        const c = v128.xor(flip, v128.load(from + a2));
        const d = v128.xor(flip, v128.load(from + a3));
        const e = v128.xor(flip, v128.load(from + a4));
        const f = v128.xor(flip, v128.load(from + a5));
        const g = v128.xor(flip, v128.load(from + a6));
        const h = v128.xor(flip, v128.load(from + a7));
        Bytes.store16x8(to, planeBytes, a, b, c, d, e, f, g, h);
      }
      planes += length * planeBytes;
    }
  }

  /**
   * Planes to `count` pixels; 8 channels or more, the last 8 may overlap those before them. 128 bytes
   * behind the planes are overwritten.
   */
  static scatter(
    args: usize,
    planes: usize,
    planeBytes: usize,
    channels: usize,
    count: usize,
    output: usize,
  ): void {
    const stride = load<usize>(args, ConvArgs.outputPixelBytes);
    const spare = planes + channels * planeBytes;
    for (let pixel: usize = 0; pixel < count; pixel += 16) {
      // Pixels that do not exist go where no one reads them.
      const exist = count - pixel;
      const isWhole = exist >= 16;
      const step = isWhole ? stride : 8;
      for (let channel: usize = 0; channel < channels; channel += 8) {
        const first = min(channel, channels - 8);
        const from = planes + first * planeBytes + pixel;
        const from4 = from + (planeBytes << 2);
        const step3 = planeBytes * 3;
        Bytes.store16x8(
          isWhole ? output + first : spare,
          step,
          v128.load(from),
          v128.load(from + planeBytes),
          v128.load(from + (planeBytes << 1)),
          v128.load(from + step3),
          v128.load(from4),
          v128.load(from4 + planeBytes),
          v128.load(from4 + (planeBytes << 1)),
          v128.load(from4 + step3),
        );
        if (!isWhole) {
          for (let i: usize = 0; i < exist; i++)
            store<u64>(output + first + i * stride, load<u64>(spare + (i << 3)));
        }
      }
      output += stride << 4;
    }
  }
}
