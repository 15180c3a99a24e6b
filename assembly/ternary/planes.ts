import { ConvArgs, SumsArgs } from '../arguments';
import { Bytes } from '../simd/bytes';

/** Between pixels of many channels, and planes of 16 or 32 pixels each: transpositions of bytes. */
export class Planes {
  /**
   * Where the windows of `count` pixels of a band begin, from the one numbered `first` on: i32
   * [width], the last of them again where there are no more.
   */
  static find(
    args: usize,
    rows: usize,
    first: usize,
    count: usize,
    width: usize,
    windows: usize,
  ): void {
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const lineBytes = load<usize>(args, ConvArgs.inputLineBytes);
    let x = first % outputWidth;
    let line = rows + (first / outputWidth) * lineBytes;
    for (let pixel: usize = 0; pixel < width; pixel++, windows += 4) {
      store<usize>(windows, line + x * pixelBytes);
      if (pixel + 1 >= count) continue;
      if (++x === outputWidth) {
        x = 0;
        line += lineBytes;
      }
    }
  }

  /**
   * The windows of 8 pixels, which begin at `windows`, as signed bytes: input - 128 of pixel i at byte i
   * of each plane. Up to 15 planes beyond the last are written.
   */
  static gather(args: usize, windows: usize, planes: usize, planeBytes: usize): void {
    const a0 = load<usize>(windows);
    const a1 = load<usize>(windows, 4);
    const a2 = load<usize>(windows, 8);
    const a3 = load<usize>(windows, 12);
    const a4 = load<usize>(windows, 16);
    const a5 = load<usize>(windows, 20);
    const a6 = load<usize>(windows, 24);
    const a7 = load<usize>(windows, 28);
    const flip = i8x16.splat(-128);
    let run = load<usize>(args, SumsArgs.runs);
    for (let i = load<usize>(args, SumsArgs.runCount); i > 0; i--, run += 8) {
      const length = load<usize>(run, 4);
      let to = planes;
      let from = load<usize>(run);
      for (const end = from + length; from < end; from += 16, to += planeBytes << 4) {
        const a = v128.xor(flip, v128.load(a0 + from));
        const b = v128.xor(flip, v128.load(a1 + from));
        const c = v128.xor(flip, v128.load(a2 + from));
        const d = v128.xor(flip, v128.load(a3 + from));
        const e = v128.xor(flip, v128.load(a4 + from));
        const f = v128.xor(flip, v128.load(a5 + from));
        const g = v128.xor(flip, v128.load(a6 + from));
        const h = v128.xor(flip, v128.load(a7 + from));
        Bytes.store16x8(to, planeBytes, a, b, c, d, e, f, g, h);
      }
      planes += length * planeBytes;
    }
  }

  /**
   * Planes to `count` pixels; 8 channels or more, 80 at most, the last 8 may overlap those before them.
   * 1280 bytes behind the planes are overwritten.
   */
  static scatter(
    args: usize,
    planes: usize,
    planeBytes: usize,
    channels: usize,
    count: usize,
    output: usize,
  ): void {
    const stride = load<usize>(args, ConvArgs.outputChannels);
    const spare = planes + channels * planeBytes;
    const last = channels - 8;
    for (let pixel: usize = 0; pixel < count; pixel += 16, planes += 16) {
      // Pixels that do not exist go where no one reads them.
      const exist = count - pixel;
      const step = exist < 16 ? 80 : stride;
      const to = exist < 16 ? spare : output;
      Bytes.store16(to, step, planes, planeBytes, channels & ~7);
      if (channels & 7) Bytes.store16(to + last, step, planes + last * planeBytes, planeBytes, 8);
      for (let i: usize = 0; exist < 16 && i < exist; i++) {
        for (let channel: usize = 0; channel < channels; channel += 8) {
          const first = min(channel, last);
          store<u64>(output + i * stride + first, load<u64>(spare + i * 80 + first));
        }
      }
      output += stride << 4;
    }
  }
}
