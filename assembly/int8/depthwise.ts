import { DepthwiseArgs, ResultType } from '../arguments';
import { Dot } from '../simd/dot';
import { Result } from '../simd/result';

/**
 * output[pixel][c] = result(bias[c] + Σ over taps of input[tap][c / multiplier] * weights[tap][c]):
 * convolution with one input channel a group. Tile: 1 pixel by 8 channels, taps in twos, one
 * above the other. For what int8/depthwiseColumns.ts leaves over.
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 7 bytes past it are read
 *   weights  per 8 channels: head (simd/result.ts), i16 [pairs][kernelWidth][8][2], the weights less
 *            their zero points; zeros fill up. The parameters stand at `parameters`.
 *   output   u8, i32 or f32, as `type` says, [batch][outputHeight][outputWidth][outputChannels],
 *            nothing beyond it is written
 *   scratch  i32 tags[ringRows], i32 rows[pairs], to the next 64 bytes; then the ring,
 *            i16 [ringRows][paddedWidth][channelBlock][2]
 *
 * Row r of the ring holds, side by side, rows r and r + dilationY of the padded input, widened, less
 * the zero point, 0 in padding; it stands in slot r % ringRows, which the slot's tag tells. Pair j
 * of the kernel's rows begins at row 2j, the last one at `lastStart`: an odd kernel's last pair has
 * a zero weight at one of its ends. Channels go in blocks that let the ring stay in L1.
 */
export function depthwise_u8_1x8(args: usize): void {
  const packed = load<usize>(args, DepthwiseArgs.parameters);
  const outputHeight = load<usize>(args, DepthwiseArgs.outputHeight);
  const outputWidth = load<usize>(args, DepthwiseArgs.outputWidth);
  const channels = load<usize>(args, DepthwiseArgs.outputChannels);
  const kernelWidth = load<usize>(args, DepthwiseArgs.kernelWidth);
  const strideY = load<usize>(args, DepthwiseArgs.strideY);
  const strideX = load<usize>(args, DepthwiseArgs.strideX);
  const dilationY = load<usize>(args, DepthwiseArgs.dilationY);
  const dilationX = load<usize>(args, DepthwiseArgs.dilationX);
  const pairs = load<usize>(args, DepthwiseArgs.pairs);
  const lastStart = load<usize>(args, DepthwiseArgs.lastStart);
  const ringRows = load<usize>(args, DepthwiseArgs.ringRows);
  const paddedWidth = load<usize>(args, DepthwiseArgs.paddedWidth);
  const channelBlock = load<usize>(args, DepthwiseArgs.channelBlock);
  const type = load<usize>(args, DepthwiseArgs.type);
  const tags = load<usize>(args, DepthwiseArgs.scratch);
  const rows = tags + 4 * ringRows;
  const ring = (rows + 4 * pairs + 63) & ~63;

  const elementBytes: usize = type === ResultType.u8 ? 1 : 4;
  const headBytes: usize = type === ResultType.i32 ? 32 : type === ResultType.u8 ? 64 : 96;
  const pixelBytes = channels * elementBytes;
  const blockBytes = headBytes + 32 * pairs * kernelWidth;
  for (let image: usize = 0; image < load<usize>(args, DepthwiseArgs.batch); image++) {
    let blocks = load<usize>(args, DepthwiseArgs.weights);
    for (let first: usize = 0; first < channels; first += channelBlock) {
      // Channels in the ring, a multiple of 8.
      const width = (min(channelBlock, channels - first) + 7) & ~7;
      const cellBytes = width << 2;
      const ringRowBytes = paddedWidth * cellBytes;
      const stepX = strideX * cellBytes;
      const stepTap = dilationX * cellBytes;
      memory.fill(tags, 0xff, 4 * ringRows);
      let output =
        load<usize>(args, DepthwiseArgs.output) +
        image * outputHeight * outputWidth * pixelBytes +
        first * elementBytes;
      for (let y: usize = 0; y < outputHeight; y++, output += outputWidth * pixelBytes) {
        for (let pair: usize = 0; pair < pairs; pair++) {
          const start = pair + 1 === pairs ? lastStart : 2 * pair;
          const row = y * strideY + start * dilationY;
          const slot = row % ringRows;
          const at = ring + slot * ringRowBytes;
          store<usize>(rows + 4 * pair, at);
          if (load<usize>(tags + 4 * slot) !== row) {
            store<usize>(tags + 4 * slot, row);
            Ring.fill(args, at, image, <i32>row, first, width);
          }
        }
        let block = blocks;
        for (let channel: usize = 0; channel < width; channel += 8, block += blockBytes) {
          const count = min<usize>(8, channels - first - channel);
          const weights = block + headBytes;
          let pixel = output + channel * elementBytes;
          let cells = channel << 2;
          for (let x: usize = 0; x < outputWidth; x++, cells += stepX, pixel += pixelBytes) {
            let acc0 = v128.load(block);
            let acc1 = v128.load(block, 16);
            let w = weights;
            for (let row = rows; row < rows + 4 * pairs; row += 4) {
              let cell = load<usize>(row) + cells;
              const end = w + 32 * kernelWidth;
              for (; w < end; w += 32, cell += stepTap) {
                acc0 = Dot.pairs(acc0, v128.load(w), v128.load(cell));
                acc1 = Dot.pairs(acc1, v128.load(w, 16), v128.load(cell, 16));
              }
            }
            if (type === ResultType.u8) Result.store<u8>(pixel, count, acc0, acc1, block, packed);
            else if (type === ResultType.i32)
              Result.store<i32>(pixel, count, acc0, acc1, block, packed);
            else Result.store<f32>(pixel, count, acc0, acc1, block, packed);
          }
        }
      }
      blocks += (width >> 3) * blockBytes;
    }
  }
}

class Ring {
  @inline
  static clear(to: usize, bytes: usize): void {
    for (const end = to + bytes; to < end; to += 32) {
      v128.store(to, i64x2.splat(0));
      v128.store(to, i64x2.splat(0), 16);
    }
  }

  /** Writes the padded rows `row` and `row + dilationY`, `width` channels of them from `first` on. */
  @inline
  static fill(args: usize, to: usize, image: usize, row: i32, first: usize, width: usize): void {
    const inputHeight = load<i32>(args, DepthwiseArgs.inputHeight);
    const inputWidth = load<usize>(args, DepthwiseArgs.inputWidth);
    const channels = load<usize>(args, DepthwiseArgs.inputChannels);
    const multiplier = load<usize>(args, DepthwiseArgs.outputChannels) / channels;
    const padLeft = load<usize>(args, DepthwiseArgs.padLeft);
    const paddedWidth = load<usize>(args, DepthwiseArgs.paddedWidth);
    const zero = <i16>load<u8>(load<usize>(args, DepthwiseArgs.inputZeroPoint));
    const zeroPoint = i16x8.splat(zero);

    const upper = row - load<i32>(args, DepthwiseArgs.padTop);
    const lower = upper + load<i32>(args, DepthwiseArgs.dilationY);
    const hasUpper = <u32>upper < <u32>inputHeight;
    const hasLower = <u32>lower < <u32>inputHeight;
    const cellBytes = width << 2;
    const before = hasUpper || hasLower ? min(padLeft, paddedWidth) : paddedWidth;
    Ring.clear(to, before * cellBytes);
    if (before === paddedWidth) return;

    const cells = min(inputWidth, paddedWidth - before);
    const after = paddedWidth - before - cells;
    to += before * cellBytes;
    Ring.clear(to + cells * cellBytes, after * cellBytes);
    const input =
      load<usize>(args, DepthwiseArgs.input) + image * <usize>inputHeight * inputWidth * channels;
    const rowBytes = inputWidth * channels;
    // A row that is all padding reads the other one, and keeps nothing of it.
    let from0 = input + <usize>(hasUpper ? upper : lower) * rowBytes;
    let from1 = input + <usize>(hasLower ? lower : upper) * rowBytes;
    const keep0 = i16x8.splat(hasUpper ? -1 : 0);
    const keep1 = i16x8.splat(hasLower ? -1 : 0);
    if (multiplier === 1) {
      from0 += first;
      from1 += first;
      for (let cell: usize = 0; cell < cells; cell++, from0 += channels, from1 += channels) {
        for (let channel: usize = 0; channel < width; channel += 8, to += 32) {
          const wide0 = i16x8.sub(v128.load_ext<u8>(from0 + channel), zeroPoint);
          const wide1 = i16x8.sub(v128.load_ext<u8>(from1 + channel), zeroPoint);
          const a = v128.and(wide0, keep0);
          const b = v128.and(wide1, keep1);
          v128.store(to, i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
          v128.store(to, i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
        }
      }
    } else {
      for (let cell: usize = 0; cell < cells; cell++, from0 += channels, from1 += channels) {
        for (let channel: usize = 0; channel < width; channel++, to += 4) {
          const at = (first + channel) / multiplier;
          store<i16>(to, hasUpper ? <i16>load<u8>(from0 + at) - zero : 0);
          store<i16>(to, hasLower ? <i16>load<u8>(from1 + at) - zero : 0, 2);
        }
      }
    }
  }
}
