import { ConvArgs } from '../arguments';
import { ConvResult } from './convResult';
import { ConvTile } from './convTile';
import { Rows } from './rows';

/**
 * output[pixel][n] = result(bias[n] + window[pixel][k] · weights[n][k]): convolution of any geometry,
 * and the fully connected layer as its 1x1 case.
 *
 * A window is read in steps of 4 bytes, from a copy of the rows that an output row sees:
 *
 *   T = i16  two numbers, less the zero point; any groups and weights. Dot.pairs
 *   T = u8   four bytes as they are; one group. Dot.quadsByPairs: exact where for each pair of
 *            weights 255 times their positive sum, and their negative one, fits 16 bits
 *   T = i8   four bytes as they are; one group. Dot.quads, exact where no pair of weights is
 *            (-128, -128)
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 15 bytes past it are read
 *   weights  blocks of 16 or 8 channels, per group (src/kernels/packConv.ts): i32 extraBytes,
 *            12 bytes, the head (convResult.ts), T [steps][channels][4 / sizeof<T>], then extra
 *            steps: i32 offset[4], T [channels][4 / sizeof<T>]
 *   offsets  i32 [steps]: where in the copy a step lies, from the window's begin
 *   output   [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  [bandRows][paddedWidth][channels of a group] and 64 bytes
 *
 * Extra steps are what remains of weights that T cannot hold: each four channels have an offset of
 * their own. Where each window is a pixel (isPointwise) all pixels count as one row, and bytes may be
 * read where they lie. The last block of a group overlaps the one before, rather than end in
 * channels that do not exist; so do the last pixels of a row. The sums of products fit int32:
 * src/kernels/packConv.ts checks it for the weights at hand; with the bias they may wrap.
 */
class Conv {
  @inline
  static run<T>(args: usize): void {
    const scratch = load<usize>(args, ConvArgs.scratch);
    const outputChannels = load<usize>(args, ConvArgs.outputChannels);
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const groups = load<usize>(args, ConvArgs.groups);
    const weightBytes = load<usize>(args, ConvArgs.steps) << 2;
    const bandHeight = load<usize>(args, ConvArgs.bandHeight);
    const pixelBytes = load<usize>(args, ConvArgs.pixelBytes);
    const isPointwise = load<i32>(args, ConvArgs.isPointwise) !== 0;
    const isCopied = load<i32>(args, ConvArgs.isCopied) !== 0;
    const isWide = load<i32>(args, ConvArgs.isWide) !== 0;
    const type = load<i32>(args, ConvArgs.resultType);
    const headBytes = load<usize>(args, ConvArgs.headBytes);

    const n = outputChannels / groups;
    const elementBytes: usize = type >= ConvResult.wide ? 4 : 1;
    const outputStride = outputChannels * elementBytes;
    // From the windows of an output row to those of the next one.
    const lineBytes =
      (load<usize>(args, ConvArgs.strideY) * load<usize>(args, ConvArgs.paddedWidth) * pixelBytes) /
      load<usize>(args, ConvArgs.strideX);
    let line = load<usize>(args, ConvArgs.output);
    for (let image: usize = 0; image < load<usize>(args, ConvArgs.batch); image++) {
      for (let y: usize = 0; y < outputHeight; y += bandHeight) {
        const height = min(bandHeight, outputHeight - y);
        const lines: usize = isPointwise ? 1 : height;
        const pixels = isPointwise ? height * outputWidth : outputWidth;
        let block = load<usize>(args, ConvArgs.weights);
        let output = line;
        for (let group: usize = 0; group < groups; group++, output += n * elementBytes) {
          let rows = scratch;
          if (!isCopied) rows = load<usize>(args, ConvArgs.input) + y * pixelBytes;
          else if (isPointwise) Rows.copyPixels<T>(args, scratch, y, pixels);
          else Rows.copy<T>(args, scratch, image, y, height, group);
          for (let channel: usize = 0; channel < n; ) {
            const isBlockWide = isWide && n >= 16 && n - channel > 8;
            const width: usize = isBlockWide ? 16 : 8;
            const head = block + 16;
            const weights = head + headBytes * width;
            const end = weights + weightBytes * width;
            const extra = end + load<usize>(block);
            let to = output + (n < width ? 0 : min(channel, n - width)) * elementBytes;
            let from = rows;
            for (let i: usize = 0; i < lines; i++) {
              if (isBlockWide && !(isSigned<T>() && sizeof<T>() === 1)) {
                ConvTile.rows2x16<T>(
                  args,
                  from,
                  pixels,
                  pixelBytes,
                  head,
                  weights,
                  end,
                  extra,
                  to,
                  outputStride,
                  type,
                );
              } else if (isSigned<T>() && sizeof<T>() === 1) {
                ConvTile.rows6x8(
                  args,
                  from,
                  pixels,
                  pixelBytes,
                  head,
                  weights,
                  end,
                  extra,
                  to,
                  outputStride,
                  type,
                  min<usize>(n, 8),
                );
              } else {
                ConvTile.rows4x8<T>(
                  args,
                  from,
                  pixels,
                  pixelBytes,
                  head,
                  weights,
                  end,
                  extra,
                  to,
                  outputStride,
                  type,
                  min<usize>(n, 8),
                );
              }
              from += lineBytes;
              to += outputWidth * outputStride;
            }
            channel += width;
            block = extra;
          }
        }
        line += height * outputWidth * outputStride;
      }
    }
  }
}

export function conv_u8_2x16(args: usize): void {
  Conv.run<i16>(args);
}

export function conv_u8_2x16c4(args: usize): void {
  Conv.run<u8>(args);
}

export function conv_u8_6x8c4(args: usize): void {
  Conv.run<i8>(args);
}
