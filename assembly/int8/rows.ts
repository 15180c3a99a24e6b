import { ConvArgs } from '../arguments';

/**
 * The input rows that a band of output rows sees, [rows][paddedWidth][channels of a group], padded.
 * T = i16: the bytes less the zero point, 0 in padding. Bytes: as they are, the zero point in
 * padding, all xor `flip`.
 */
export class Rows {
  /** Copies the rows below output row `y`, for `height` output rows. Up to 30 bytes beyond are written. */
  static copy<T>(
    args: usize,
    to: usize,
    image: usize,
    y: usize,
    height: usize,
    group: usize,
  ): void {
    const inputHeight = load<i32>(args, ConvArgs.inputHeight);
    const inputWidth = load<i32>(args, ConvArgs.inputWidth);
    const inputChannels = load<usize>(args, ConvArgs.inputChannels);
    const strideY = load<i32>(args, ConvArgs.strideY);
    const groups = load<usize>(args, ConvArgs.groups);
    const left = load<i32>(args, ConvArgs.padLeft);
    const paddedWidth = load<i32>(args, ConvArgs.paddedWidth);
    const byte = load<u8>(load<usize>(args, ConvArgs.inputZeroPoint));
    const flip = i8x16.splat(<i8>load<u32>(args, ConvArgs.flip));
    const isWord = sizeof<T>() === 2;
    const zeroPoint = isWord ? i16x8.splat(<i16>byte) : v128.xor(i8x16.splat(<i8>byte), flip);
    const zero = isWord ? i16x8.splat(0) : zeroPoint;

    const channels = inputChannels / groups;
    const pixelBytes = isWord ? 2 * channels : channels;
    const lineBytes = <usize>inputWidth * inputChannels;
    const input =
      load<usize>(args, ConvArgs.input) + image * <usize>inputHeight * lineBytes + group * channels;
    // Columns of the padded row that lie in the map.
    const begin = min(max(left, 0), paddedWidth);
    const end = max(begin, min(paddedWidth, inputWidth + left));
    const first = input + <usize>(begin - left) * inputChannels;
    let row = <i32>y * strideY - load<i32>(args, ConvArgs.padTop);
    // Between the windows of two output rows lie rows that none sees, where the stride is large.
    const kernelRows =
      (load<i32>(args, ConvArgs.kernelHeight) - 1) * load<i32>(args, ConvArgs.dilationY) + 1;
    const last = row + (<i32>height - 1) * strideY + kernelRows;
    for (; row < last; row++) {
      if (<u32>row >= <u32>inputHeight) {
        to = Rows.fill(to, zero, <usize>paddedWidth * pixelBytes);
        continue;
      }
      to = Rows.fill(to, zero, <usize>begin * pixelBytes);
      const from = first + <usize>row * lineBytes;
      const count = <usize>(end - begin);
      if (groups === 1) {
        to = Rows.run<T>(to, from, count * channels, isWord ? zeroPoint : flip);
      } else {
        for (let i: usize = 0; i < count; i++)
          to = Rows.run<T>(to, from + i * inputChannels, channels, isWord ? zeroPoint : flip);
      }
      to = Rows.fill(to, zero, <usize>(paddedWidth - end) * pixelBytes);
    }
  }

  /** Where the pixel numbered `first` lies in the input. */
  @inline
  static pixels(args: usize, first: usize): usize {
    return load<usize>(args, ConvArgs.input) + first * load<usize>(args, ConvArgs.inputChannels);
  }

  /** Copies `count` pixels from the one numbered `first` on. Up to 30 bytes beyond are written. */
  static copyPixels<T>(args: usize, to: usize, first: usize, count: usize): void {
    const channels = load<usize>(args, ConvArgs.inputChannels);
    const byte = load<u8>(load<usize>(args, ConvArgs.inputZeroPoint));
    const flip = i8x16.splat(<i8>load<u32>(args, ConvArgs.flip));
    const value = sizeof<T>() === 2 ? i16x8.splat(<i16>byte) : flip;
    Rows.run<T>(to, Rows.pixels(args, first), count * channels, value);
  }

  /** @returns the address behind */
  @inline
  static fill(to: usize, value: v128, bytes: usize): usize {
    for (let i: usize = 0; i < bytes; i += 16) v128.store(to + i, value);
    return to + bytes;
  }

  /** @returns the address behind */
  @inline
  static run<T>(to: usize, from: usize, count: usize, value: v128): usize {
    if (sizeof<T>() === 2) {
      for (let i: usize = 0; i < count; i += 16) {
        v128.store(to + 2 * i, i16x8.sub(v128.load_ext<u8>(from + i), value));
        v128.store(to + 2 * i, i16x8.sub(v128.load_ext<u8>(from + i, 8), value), 16);
      }
    } else {
      for (let i: usize = 0; i < count; i += 16)
        v128.store(to + i, v128.xor(v128.load(from + i), value));
    }
    return to + count * (sizeof<T>() === 2 ? 2 : 1);
  }
}
