import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';

/** The rows of a convolution's left operand as bytes: u8 [row][k], the zero point in padding. */
export class BytePanel {
  /** Copies; up to 15 bytes beyond are read and written. */
  @inline
  static copy(to: usize, from: usize, count: usize): void {
    for (let i: usize = 0; i < count; i += 16) v128.store(to + i, v128.load(from + i));
  }

  /** Fills; up to 15 bytes beyond are written. */
  @inline
  static fill(to: usize, value: v128, count: usize): void {
    for (let i: usize = 0; i < count; i += 16) v128.store(to + i, value);
  }

  /** The sum of each row's first k bytes, i32; `ones` as in ConvArgs. */
  static sum(sums: usize, panel: usize, rowBytes: usize, rows: usize, ones: usize, k: usize): void {
    for (; rows > 0; rows--, panel += rowBytes, sums += 4) {
      let acc = i32x4.splat(0);
      for (let i: usize = 0; i < k; i += 16) {
        acc = Dot.quads(acc, v128.load(ones + i), v128.load(panel + i));
      }
      const low = i32x4.extract_lane(acc, 0) + i32x4.extract_lane(acc, 1);
      store<i32>(sums, low + i32x4.extract_lane(acc, 2) + i32x4.extract_lane(acc, 3));
    }
  }

  /**
   * Collects the windows of the output pixels from `first` on. A row's last bytes spill into the
   * next row, which overwrites them; what follows the k-th meets zero weights. Not inlined: each
   * result type of the convolution would hold a copy.
   */
  static gather(args: usize, panel: usize, first: usize, rows: usize): void {
    const inputHeight = load<i32>(args, ConvArgs.inputHeight);
    const inputWidth = load<i32>(args, ConvArgs.inputWidth);
    const channels = load<usize>(args, ConvArgs.inputChannels);
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
    const zero = i8x16.splat(<i8>load<u8>(load<usize>(args, ConvArgs.inputZeroPoint)));

    const image = <usize>inputHeight * <usize>inputWidth * channels;
    const line = first / outputWidth;
    let outputX = first % outputWidth;
    let outputY = line % outputHeight;
    let input = load<usize>(args, ConvArgs.input) + (line / outputHeight) * image;
    for (; rows > 0; rows--, panel += rowBytes) {
      const left = <i32>outputX * strideX - padLeft;
      let y = <i32>outputY * strideY - padTop;
      let to = panel;
      for (let ky = 0; ky < kernelHeight; ky++, y += dilationY) {
        if (<u32>y >= <u32>inputHeight) {
          const count = <usize>kernelWidth * channels;
          BytePanel.fill(to, zero, count);
          to += count;
        } else if (dilationX === 1) {
          // Neighbouring taps of a row lie together: one run instead of one per tap.
          const begin = min(max(-left, 0), kernelWidth);
          const end = max(begin, min(kernelWidth, inputWidth - left));
          BytePanel.fill(to, zero, <usize>begin * channels);
          to += <usize>begin * channels;
          const count = <usize>(end - begin) * channels;
          BytePanel.copy(to, input + <usize>(y * inputWidth + left + begin) * channels, count);
          to += count;
          BytePanel.fill(to, zero, <usize>(kernelWidth - end) * channels);
          to += <usize>(kernelWidth - end) * channels;
        } else {
          let x = left;
          for (let kx = 0; kx < kernelWidth; kx++, x += dilationX, to += channels) {
            if (<u32>x >= <u32>inputWidth) BytePanel.fill(to, zero, channels);
            else BytePanel.copy(to, input + <usize>(y * inputWidth + x) * channels, channels);
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
