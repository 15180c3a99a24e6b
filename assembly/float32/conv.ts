import { ConvF32Args } from '../arguments';
import { Tile } from './tile';

/**
 * output[pixel][n] = clamp(bias[n] + window[pixel][k] · weights[n][k], low, high): convolution of any
 * geometry and groups, and the fully connected layer as its 1x1 case. Tile: 4 rows by 8 channels.
 *
 *   input    f32 [batch][inputHeight][inputWidth][inputChannels]; up to 12 bytes past it are read
 *   weights  low f32, high f32, 8 bytes of nothing, then per group and 8 channels:
 *            bias f32[8], f32 [k][8]; zeros fill up n
 *   output   f32 [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  f32 [blockRows][k] and 12 bytes, where windows are gathered, with 0 for padding
 *
 * k = kernelHeight * kernelWidth * inputChannels / groups. Where `isPointwise`, the windows are the
 * pixels of the input, and lie there already.
 */
export function conv_f32_4x8(args: usize): void {
  const scratch = load<usize>(args, ConvF32Args.scratch);
  const inputChannels = load<usize>(args, ConvF32Args.inputChannels);
  const outputChannels = load<usize>(args, ConvF32Args.outputChannels);
  const groups = load<usize>(args, ConvF32Args.groups);
  const k = load<usize>(args, ConvF32Args.k);
  const blockRows = load<usize>(args, ConvF32Args.blockRows);
  const isPointwise = load<i32>(args, ConvF32Args.isPointwise) !== 0;
  const weights = load<usize>(args, ConvF32Args.weights);

  const n = outputChannels / groups;
  const panelRow = (isPointwise ? inputChannels : k) << 2;
  const outputRow = outputChannels << 2;
  const pixels =
    load<usize>(args, ConvF32Args.batch) *
    load<usize>(args, ConvF32Args.outputHeight) *
    load<usize>(args, ConvF32Args.outputWidth);
  for (let first: usize = 0; first < pixels; first += blockRows) {
    const rows = min(blockRows, pixels - first);
    let block = weights + 16;
    let output = load<usize>(args, ConvF32Args.output) + first * outputRow;
    for (let group: usize = 0; group < groups; group++) {
      let panel = scratch;
      if (isPointwise) {
        panel = load<usize>(args, ConvF32Args.input) + first * panelRow + ((group * k) << 2);
      } else {
        Windows.gather(args, scratch, first, rows, group);
      }
      for (let channel: usize = 0; channel < n; channel += 8) {
        const count = min<usize>(8, n - channel);
        const taps = block + 32;
        Tile.multiply(panel, panelRow, rows, taps, 32, k, block, weights, output, outputRow, count);
        block = taps + (k << 5);
        output += count << 2;
      }
    }
  }
}

class Windows {
  /** Copies floats; up to 3 beyond are read and written. */
  @inline
  static copy(to: usize, from: usize, count: usize): void {
    for (let i: usize = 0; i < count; i += 4) v128.store(to + (i << 2), v128.load(from + (i << 2)));
  }

  /** Zeros; up to 3 elements beyond are written. Not inlined. */
  static clear(to: usize, count: usize): void {
    for (let i: usize = 0; i < count; i += 4) v128.store(to + (i << 2), f32x4.splat(0));
  }

  /**
   * Collects the windows of the output pixels from `first` on, for one group. What a run writes
   * beyond its end is overwritten by the next one.
   */
  @inline
  static gather(args: usize, panel: usize, first: usize, rows: usize, group: usize): void {
    const inputHeight = load<i32>(args, ConvF32Args.inputHeight);
    const inputWidth = load<i32>(args, ConvF32Args.inputWidth);
    const inputChannels = load<usize>(args, ConvF32Args.inputChannels);
    const outputHeight = load<usize>(args, ConvF32Args.outputHeight);
    const outputWidth = load<usize>(args, ConvF32Args.outputWidth);
    const kernelHeight = load<i32>(args, ConvF32Args.kernelHeight);
    const kernelWidth = load<i32>(args, ConvF32Args.kernelWidth);
    const strideY = load<i32>(args, ConvF32Args.strideY);
    const strideX = load<i32>(args, ConvF32Args.strideX);
    const dilationY = load<i32>(args, ConvF32Args.dilationY);
    const dilationX = load<i32>(args, ConvF32Args.dilationX);
    const padTop = load<i32>(args, ConvF32Args.padTop);
    const padLeft = load<i32>(args, ConvF32Args.padLeft);
    const groups = load<usize>(args, ConvF32Args.groups);

    const channels = inputChannels / groups;
    const channelBytes = channels << 2;
    const image = (<usize>inputHeight * <usize>inputWidth * inputChannels) << 2;
    const line = first / outputWidth;
    let outputX = first % outputWidth;
    let outputY = line % outputHeight;
    let input =
      load<usize>(args, ConvF32Args.input) + (line / outputHeight) * image + group * channelBytes;
    // Neighbouring taps of a row lie together: one run instead of one per tap.
    const isDense = dilationX === 1 && groups === 1;

    let to = panel;
    for (; rows > 0; rows--) {
      const left = <i32>outputX * strideX - padLeft;
      let y = <i32>outputY * strideY - padTop;
      for (let ky = 0; ky < kernelHeight; ky++, y += dilationY) {
        if (<u32>y >= <u32>inputHeight) {
          Windows.clear(to, <usize>kernelWidth * channels);
          to += <usize>kernelWidth * channelBytes;
        } else if (isDense) {
          const begin = min(max(-left, 0), kernelWidth);
          const end = max(begin, min(kernelWidth, inputWidth - left));
          if (begin > 0) Windows.clear(to, <usize>begin * channels);
          to += <usize>begin * channelBytes;
          const from = input + <usize>(y * inputWidth + left + begin) * channelBytes;
          Windows.copy(to, from, <usize>(end - begin) * channels);
          to += <usize>(end - begin) * channelBytes;
          if (end < kernelWidth) Windows.clear(to, <usize>(kernelWidth - end) * channels);
          to += <usize>(kernelWidth - end) * channelBytes;
        } else {
          let x = left;
          for (let kx = 0; kx < kernelWidth; kx++, x += dilationX, to += channelBytes) {
            if (<u32>x >= <u32>inputWidth) Windows.clear(to, channels);
            else {
              const from = input + ((<usize>(y * inputWidth + x) * inputChannels) << 2);
              Windows.copy(to, from, channels);
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
