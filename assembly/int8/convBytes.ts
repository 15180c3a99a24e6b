import { ConvArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { Result } from '../simd/result';
import { BytePanel } from './bytePanel';

/**
 * output[pixel][n] = result(bias[n] + window[pixel][k] · weights[n][k]): convolution of any geometry
 * in one group, and the fully connected layer. Tile: 6 rows by 8 channels, k in fours, by dots of
 * unsigned with signed bytes.
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 15 bytes past it are read
 *   weights  per 8 channels: head (simd/result.ts), i8 [2 ceil(k / 8)][8][4], the weights less their
 *            zero points; zeros fill up n and k. The parameters stand at `parameters`. With `sums`
 *            (u8 only) uint8 weights less 128, and behind the head i32 [8]: 128 less the zero point
 *   output   T [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  u8 [blockRows][rowBytes] and 16 bytes: the windows, `inputZeroPoint` in padding
 *
 * k = kernelHeight * kernelWidth * inputChannels. bias holds -inputZeroPoint * sum(weights[n])
 * already, so the loop multiplies raw bytes. Weights less their zero points may not fit a byte:
 * Σ x (w - z) = Σ x (w - 128) + (128 - z) Σ x, and Σ x serves all channels. Sums wrap modulo 2^32 on the way and are right at the
 * end (src/kernels/packConvU8.ts checks their bound). Windows are taken in blocks that stay in L2
 * while all weights pass by; 1x1 windows are the input itself.
 */
class ConvBytes {
  @inline
  static run<T>(args: usize): void {
    const packed = load<usize>(args, ConvArgs.parameters);
    const scratch = load<usize>(args, ConvArgs.scratch);
    const n = load<usize>(args, ConvArgs.outputChannels);
    const rowBytes = load<usize>(args, ConvArgs.rowBytes);
    const blockRows = load<usize>(args, ConvArgs.blockRows);
    const isPointwise = load<i32>(args, ConvArgs.isPointwise) !== 0;
    const k =
      load<usize>(args, ConvArgs.kernelHeight) *
      load<usize>(args, ConvArgs.kernelWidth) *
      load<usize>(args, ConvArgs.inputChannels);
    const m =
      load<usize>(args, ConvArgs.batch) *
      load<usize>(args, ConvArgs.outputHeight) *
      load<usize>(args, ConvArgs.outputWidth);
    const sums = sizeof<T>() === 1 ? load<usize>(args, ConvArgs.sums) : 0;
    const head = Result.headBytes<T>() + (sums ? 32 : 0);
    const weightBytes = 8 * ((k + 7) & ~(<usize>7));
    const rowStride = n * sizeof<T>();

    for (let first: usize = 0; first < m; first += blockRows) {
      const rows = min(blockRows, m - first);
      let input = scratch;
      if (isPointwise) input = load<usize>(args, ConvArgs.input) + first * k;
      else BytePanel.gather(args, scratch, first, rows);
      if (sums) BytePanel.sum(sums, input, rowBytes, rows, load<usize>(args, ConvArgs.ones), k);
      let block = load<usize>(args, ConvArgs.weights);
      let output = load<usize>(args, ConvArgs.output) + first * rowStride;
      for (let channel: usize = 0; channel < n; channel += 8) {
        const count = min<usize>(8, n - channel);
        const bias0 = v128.load(block);
        const bias1 = v128.load(block, 16);
        const weights = block + head;
        const end = weights + weightBytes;
        let a0 = input;
        let to = output;
        let sum = sums;
        let row = rows;
        for (; row >= 6; row -= 6) {
          let a1 = a0 + rowBytes;
          let a2 = a1 + rowBytes;
          let a3 = a2 + rowBytes;
          let a4 = a3 + rowBytes;
          let a5 = a4 + rowBytes;
          const next = a5 + rowBytes;
          let acc00 = bias0;
          let acc01 = bias1;
          let acc10 = bias0;
          let acc11 = bias1;
          let acc20 = bias0;
          let acc21 = bias1;
          let acc30 = bias0;
          let acc31 = bias1;
          let acc40 = bias0;
          let acc41 = bias1;
          let acc50 = bias0;
          let acc51 = bias1;
          if (sums) {
            const d0 = v128.load(block + Result.headBytes<T>());
            const d1 = v128.load(block + Result.headBytes<T>(), 16);
            const s0 = v128.load32_splat(sum, 0);
            acc00 = i32x4.add(acc00, i32x4.mul(s0, d0));
            acc01 = i32x4.add(acc01, i32x4.mul(s0, d1));
            const s1 = v128.load32_splat(sum, 4);
            acc10 = i32x4.add(acc10, i32x4.mul(s1, d0));
            acc11 = i32x4.add(acc11, i32x4.mul(s1, d1));
            const s2 = v128.load32_splat(sum, 8);
            acc20 = i32x4.add(acc20, i32x4.mul(s2, d0));
            acc21 = i32x4.add(acc21, i32x4.mul(s2, d1));
            const s3 = v128.load32_splat(sum, 12);
            acc30 = i32x4.add(acc30, i32x4.mul(s3, d0));
            acc31 = i32x4.add(acc31, i32x4.mul(s3, d1));
            const s4 = v128.load32_splat(sum, 16);
            acc40 = i32x4.add(acc40, i32x4.mul(s4, d0));
            acc41 = i32x4.add(acc41, i32x4.mul(s4, d1));
            const s5 = v128.load32_splat(sum, 20);
            acc50 = i32x4.add(acc50, i32x4.mul(s5, d0));
            acc51 = i32x4.add(acc51, i32x4.mul(s5, d1));
            sum += 24;
          }
          for (let w = weights; w < end; w += 64) {
            let w0 = v128.load(w);
            let w1 = v128.load(w, 16);
            const x0 = v128.load32_splat(a0);
            acc00 = Dot.quads(acc00, w0, x0);
            acc01 = Dot.quads(acc01, w1, x0);
            const x1 = v128.load32_splat(a1);
            acc10 = Dot.quads(acc10, w0, x1);
            acc11 = Dot.quads(acc11, w1, x1);
            const x2 = v128.load32_splat(a2);
            acc20 = Dot.quads(acc20, w0, x2);
            acc21 = Dot.quads(acc21, w1, x2);
            const x3 = v128.load32_splat(a3);
            acc30 = Dot.quads(acc30, w0, x3);
            acc31 = Dot.quads(acc31, w1, x3);
            const x4 = v128.load32_splat(a4);
            acc40 = Dot.quads(acc40, w0, x4);
            acc41 = Dot.quads(acc41, w1, x4);
            const x5 = v128.load32_splat(a5);
            acc50 = Dot.quads(acc50, w0, x5);
            acc51 = Dot.quads(acc51, w1, x5);
            w0 = v128.load(w, 32);
            w1 = v128.load(w, 48);
            const y0 = v128.load32_splat(a0, 4);
            acc00 = Dot.quads(acc00, w0, y0);
            acc01 = Dot.quads(acc01, w1, y0);
            const y1 = v128.load32_splat(a1, 4);
            acc10 = Dot.quads(acc10, w0, y1);
            acc11 = Dot.quads(acc11, w1, y1);
            const y2 = v128.load32_splat(a2, 4);
            acc20 = Dot.quads(acc20, w0, y2);
            acc21 = Dot.quads(acc21, w1, y2);
            const y3 = v128.load32_splat(a3, 4);
            acc30 = Dot.quads(acc30, w0, y3);
            acc31 = Dot.quads(acc31, w1, y3);
            const y4 = v128.load32_splat(a4, 4);
            acc40 = Dot.quads(acc40, w0, y4);
            acc41 = Dot.quads(acc41, w1, y4);
            const y5 = v128.load32_splat(a5, 4);
            acc50 = Dot.quads(acc50, w0, y5);
            acc51 = Dot.quads(acc51, w1, y5);
            a0 += 8;
            a1 += 8;
            a2 += 8;
            a3 += 8;
            a4 += 8;
            a5 += 8;
          }
          Result.store<T>(to, count, acc00, acc01, block, packed);
          to += rowStride;
          Result.store<T>(to, count, acc10, acc11, block, packed);
          to += rowStride;
          Result.store<T>(to, count, acc20, acc21, block, packed);
          to += rowStride;
          Result.store<T>(to, count, acc30, acc31, block, packed);
          to += rowStride;
          Result.store<T>(to, count, acc40, acc41, block, packed);
          to += rowStride;
          Result.store<T>(to, count, acc50, acc51, block, packed);
          to += rowStride;
          a0 = next;
        }
        for (; row > 0; row--) {
          let a = a0;
          // Four sums, since one row alone would wait for each dot's result.
          let acc0 = bias0;
          let acc1 = bias1;
          let acc2 = i32x4.splat(0);
          let acc3 = acc2;
          if (sums) {
            const s0 = v128.load32_splat(sum);
            acc0 = i32x4.add(acc0, i32x4.mul(s0, v128.load(block + Result.headBytes<T>())));
            acc1 = i32x4.add(acc1, i32x4.mul(s0, v128.load(block + Result.headBytes<T>(), 16)));
            sum += 4;
          }
          for (let w = weights; w < end; w += 64, a += 8) {
            const x0 = v128.load32_splat(a);
            acc0 = Dot.quads(acc0, v128.load(w), x0);
            acc1 = Dot.quads(acc1, v128.load(w, 16), x0);
            const x1 = v128.load32_splat(a, 4);
            acc2 = Dot.quads(acc2, v128.load(w, 32), x1);
            acc3 = Dot.quads(acc3, v128.load(w, 48), x1);
          }
          const sum0 = i32x4.add(acc0, acc2);
          const sum1 = i32x4.add(acc1, acc3);
          Result.store<T>(to, count, sum0, sum1, block, packed);
          to += rowStride;
          a0 += rowBytes;
        }
        output += count * sizeof<T>();
        block = end;
      }
    }
  }
}

export function conv_u8u8_6x8c4(args: usize): void {
  ConvBytes.run<u8>(args);
}

export function conv_u8i32_6x8c4(args: usize): void {
  ConvBytes.run<i32>(args);
}

export function conv_u8f32_6x8c4(args: usize): void {
  ConvBytes.run<f32>(args);
}
