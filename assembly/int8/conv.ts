import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { Result } from '../simd/result';
import { Panel } from './panel';

/**
 * output[pixel][n] = result(bias[n] + window[pixel][k] · weights[n][k]): convolution of any geometry
 * and groups, and the fully connected layer as its 1x1 case. Tile: 4 rows by 8 channels, k in twos.
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 7 bytes past it are read
 *   weights  per group and 8 channels: head (simd/result.ts), i16 [ceil(k / 2)][8][2], the weights
 *            less their zero points; zeros fill up n and k. The parameters stand at `parameters`.
 *   output   T [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  i16 [blockRows][rowBytes / 2] and 16 bytes: input less `inputZeroPoint`, 0 in padding
 *
 * k = kernelHeight * kernelWidth * inputChannels / groups; rowBytes = 4 * ceil(k / 2). A block of
 * pixels is widened, then multiplied with all weights, eight channels at a time: their weights stay
 * in L1, the block in L2. The sums of products fit int32: src/kernels/packConvU8.ts checks it for the
 * weights at hand; with the bias they may wrap.
 */
class Conv {
  @inline
  static run<T>(args: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const scratch = load<usize>(args, ConvArgs.scratch);
    const inputChannels = load<usize>(args, ConvArgs.inputChannels);
    const outputChannels = load<usize>(args, ConvArgs.outputChannels);
    const groups = load<usize>(args, ConvArgs.groups);
    const rowBytes = load<usize>(args, ConvArgs.rowBytes);
    const blockRows = load<usize>(args, ConvArgs.blockRows);
    const isPointwise = load<i32>(args, ConvArgs.isPointwise) !== 0;
    const zeroPoint = i16x8.splat(<i16>load<u8>(load<usize>(args, ConvArgs.inputZeroPoint)));

    const n = outputChannels / groups;
    const rowStride = outputChannels * sizeof<T>();
    const pixels =
      load<usize>(args, ConvArgs.batch) *
      load<usize>(args, ConvArgs.outputHeight) *
      load<usize>(args, ConvArgs.outputWidth);
    for (let first: usize = 0; first < pixels; first += blockRows) {
      const rows = min(blockRows, pixels - first);
      let block = load<usize>(args, ConvArgs.weights);
      let output = load<usize>(args, ConvArgs.output) + first * rowStride;
      for (let group: usize = 0; group < groups; group++) {
        if (isPointwise) {
          const from = load<usize>(args, ConvArgs.input) + first * inputChannels;
          Panel.widen(scratch, from, rows * inputChannels, zeroPoint);
        } else {
          Panel.gather(args, scratch, first, rows, group, zeroPoint);
        }
        for (let channel: usize = 0; channel < n; channel += 8) {
          const count = min<usize>(8, n - channel);
          const bias0 = v128.load(block);
          const bias1 = v128.load(block, 16);
          const weights = block + Result.headBytes<T>();
          const end = weights + 8 * rowBytes;
          let panel = scratch;
          let to = output;
          let row = rows;
          for (; row >= 4; row -= 4) {
            let a0 = panel;
            let a1 = a0 + rowBytes;
            let a2 = a1 + rowBytes;
            let a3 = a2 + rowBytes;
            panel = a3 + rowBytes;
            let acc00 = bias0;
            let acc01 = bias1;
            let acc10 = bias0;
            let acc11 = bias1;
            let acc20 = bias0;
            let acc21 = bias1;
            let acc30 = bias0;
            let acc31 = bias1;
            // Not unrolled: V8 before 13 hoists the loads of all steps, and spills.
            for (let w = weights; w < end; w += 32) {
              const w0 = v128.load(w);
              const w1 = v128.load(w, 16);
              const x0 = v128.load32_splat(a0);
              acc00 = Dot.pairs(acc00, w0, x0);
              acc01 = Dot.pairs(acc01, w1, x0);
              const x1 = v128.load32_splat(a1);
              acc10 = Dot.pairs(acc10, w0, x1);
              acc11 = Dot.pairs(acc11, w1, x1);
              const x2 = v128.load32_splat(a2);
              acc20 = Dot.pairs(acc20, w0, x2);
              acc21 = Dot.pairs(acc21, w1, x2);
              const x3 = v128.load32_splat(a3);
              acc30 = Dot.pairs(acc30, w0, x3);
              acc31 = Dot.pairs(acc31, w1, x3);
              a0 += 4;
              a1 += 4;
              a2 += 4;
              a3 += 4;
            }
            Result.store<T>(to, count, acc00, acc01, block, packed);
            to += rowStride;
            Result.store<T>(to, count, acc10, acc11, block, packed);
            to += rowStride;
            Result.store<T>(to, count, acc20, acc21, block, packed);
            to += rowStride;
            Result.store<T>(to, count, acc30, acc31, block, packed);
            to += rowStride;
          }
          if (row >= 2) {
            row -= 2;
            let a0 = panel;
            let a1 = a0 + rowBytes;
            panel = a1 + rowBytes;
            let acc00 = bias0;
            let acc01 = bias1;
            let acc10 = bias0;
            let acc11 = bias1;
            for (let w = weights; w < end; w += 32) {
              const w0 = v128.load(w);
              const w1 = v128.load(w, 16);
              const x0 = v128.load32_splat(a0);
              acc00 = Dot.pairs(acc00, w0, x0);
              acc01 = Dot.pairs(acc01, w1, x0);
              const x1 = v128.load32_splat(a1);
              acc10 = Dot.pairs(acc10, w0, x1);
              acc11 = Dot.pairs(acc11, w1, x1);
              a0 += 4;
              a1 += 4;
            }
            Result.store<T>(to, count, acc00, acc01, block, packed);
            to += rowStride;
            Result.store<T>(to, count, acc10, acc11, block, packed);
            to += rowStride;
          }
          if (row > 0) {
            let a0 = panel;
            let acc0 = bias0;
            let acc1 = bias1;
            for (let w = weights; w < end; w += 32) {
              const x0 = v128.load32_splat(a0);
              acc0 = Dot.pairs(acc0, v128.load(w), x0);
              acc1 = Dot.pairs(acc1, v128.load(w, 16), x0);
              a0 += 4;
            }
            Result.store<T>(to, count, acc0, acc1, block, packed);
          }
          output += count * sizeof<T>();
          block = end;
        }
      }
    }
  }
}

export function conv_u8u8_4x8(args: usize): void {
  Conv.run<u8>(args);
}

export function conv_u8i32_4x8(args: usize): void {
  Conv.run<i32>(args);
}

export function conv_u8f32_4x8(args: usize): void {
  Conv.run<f32>(args);
}
