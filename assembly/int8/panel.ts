import { ConvArgs } from '../arguments';

/** The rows of a convolution's left operand: i16 [row][k], input less its zero point, 0 in padding. */
export class Panel {
  /** Widens bytes to i16; up to 7 elements beyond are read and written. */
  @inline
  static widen(to: usize, from: usize, count: usize, zeroPoint: v128): void {
    for (let i: usize = 0; i < count; i += 8) {
      v128.store(to + 2 * i, i16x8.sub(v128.load_ext<u8>(from + i), zeroPoint));
    }
  }

  /** Zeros; up to 7 elements beyond are written. */
  @inline
  static clear(to: usize, count: usize): void {
    for (let i: usize = 0; i < count; i += 8) v128.store(to + 2 * i, i16x8.splat(0));
  }

  /**
   * Collects the windows of the output pixels from `first` on, for one group. A row's last elements
   * spill into the next row, which overwrites them; what follows the k-th meets zero weights.
   */
  @inline
  static gather(
    args: usize,
    panel: usize,
    first: usize,
    rows: usize,
    group: usize,
    zeroPoint: v128,
  ): void {
    const inputHeight = load<i32>(args, ConvArgs.inputHeight);
    const inputWidth = load<i32>(args, ConvArgs.inputWidth);
    const inputChannels = load<usize>(args, ConvArgs.inputChannels);
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const kernelHeight = load<i32>(args, ConvArgs.kernelHeight);
    const kernelWidth = load<i32>(args, ConvArgs.kernelWidth);
    const strideY = load<i32>(args, ConvArgs.strideY);
    const strideX = load<i32>(args, ConvArgs.strideX);
    const dilationY = load<i32>(args, ConvArgs.dilationY);
    const dilationX = load<i32>(args, ConvArgs.dilationX);
    const padTop = load<i32>(args, ConvArgs.padTop);
    const padLeft = load<i32>(args, ConvArgs.padLeft);
    const rowBytes = load<usize>(args, ConvArgs.rowBytes);
    const groups = load<usize>(args, ConvArgs.groups);

    const channels = inputChannels / groups;
    const image = <usize>inputHeight * <usize>inputWidth * inputChannels;
    const line = first / outputWidth;
    let outputX = first % outputWidth;
    let outputY = line % outputHeight;
    let input =
      load<usize>(args, ConvArgs.input) + (line / outputHeight) * image + group * channels;
    // Neighbouring taps of a row lie together: one run instead of one per tap.
    const isDense = dilationX === 1 && groups === 1;

    for (; rows > 0; rows--, panel += rowBytes) {
      const left = <i32>outputX * strideX - padLeft;
      let y = <i32>outputY * strideY - padTop;
      let to = panel;
      for (let ky = 0; ky < kernelHeight; ky++, y += dilationY) {
        if (<u32>y >= <u32>inputHeight) {
          const count = <usize>kernelWidth * channels;
          Panel.clear(to, count);
          to += 2 * count;
        } else if (isDense) {
          const begin = min(max(-left, 0), kernelWidth);
          const end = max(begin, min(kernelWidth, inputWidth - left));
          Panel.clear(to, <usize>begin * channels);
          to += 2 * <usize>begin * channels;
          const count = <usize>(end - begin) * channels;
          const from = input + <usize>(y * inputWidth + left + begin) * channels;
          Panel.widen(to, from, count, zeroPoint);
          to += 2 * count;
          Panel.clear(to, <usize>(kernelWidth - end) * channels);
          to += 2 * <usize>(kernelWidth - end) * channels;
        } else {
          let x = left;
          for (let kx = 0; kx < kernelWidth; kx++, x += dilationX, to += 2 * channels) {
            if (<u32>x >= <u32>inputWidth) Panel.clear(to, channels);
            else {
              const from = input + <usize>(y * inputWidth + x) * inputChannels;
              Panel.widen(to, from, channels, zeroPoint);
            }
          }
        }
      }
      if (++outputX === outputWidth) {
        outputX = 0;
        if (++outputY === outputHeight) {
          outputY = 0;
          input += image;
        }
      }
    }
  }
}
