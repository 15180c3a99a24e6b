import { ConvArgs } from '../arguments';
import { TernaryBytes } from '../ternary/bytes';
import { TernaryWords } from '../ternary/words';
import { ConvMixed } from './convMixed';
import { ConvResult } from './convResult';
import { ConvTile8 } from './convTile8';
import { ConvTile16 } from './convTile16';
import { Rows } from './rows';

/**
 * output[pixel][n] = result(bias[n] + window[pixel][k] · weights[n][k]): convolution of any geometry,
 * and the fully connected layer as its 1x1 case.
 *
 * A window is read in steps of 4 bytes, from a copy of the rows that an output row sees:
 *
 *   T = i16  two numbers, less the zero point; any groups and weights. Dot.pairs
 *   T = u8   four bytes as they are; one group. Dots that add pairs in 16 bits: convMixed.ts
 *   T = i8   four bytes as they are; one group. Dot.quads, exact where no pair of weights is
 *            (-128, -128)
 *   T = u16  two numbers, of ternary weights; one group, blocks of 32 channels: ternary/words.ts
 *   T = i32  four bytes as they are, of ternary weights; one group, blocks of 16: ternary/bytes.ts
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 15 bytes past it are read
 *   weights  blocks of 16 or 8 channels, per group (src/kernels/packConv.ts): i32 extraBytes,
 *            12 bytes, the head (convResult.ts), [steps][channels][4 bytes], then extra steps: i32
 *            offset, 12 bytes, i8 [channels][4]
 *   offsets  i32 [steps]: where in the copy a step lies, from the window's begin
 *   output   [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  [bandRows][paddedWidth][channels of a group] and 64 bytes
 *
 * Extra steps are what remains of weights that bytes cannot hold. A line is what the tiles go along: a
 * row of the map, or a column where that wastes less (isUpright). Where each window is a pixel (isPointwise) the map counts as one column, steps lie side
 * by side, so that most tiles need no offsets, and bytes may be read where they lie. The last block of
 * a group overlaps the one before, rather than end in channels that do not exist; so do the last
 * pixels of a line. The sums of products fit int32: src/kernels/packConv.ts checks it for the weights
 * at hand; with the bias they may wrap.
 */
class Conv {
  @inline
  static run<T>(args: usize): void {
    const scratch = load<usize>(args, ConvArgs.scratch);
    const outputChannels = load<usize>(args, ConvArgs.outputChannels);
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const groups = load<usize>(args, ConvArgs.groups);
    const bandHeight = load<usize>(args, ConvArgs.bandHeight);
    const isPointwise = load<i32>(args, ConvArgs.isPointwise) !== 0;
    const isUpright = load<i32>(args, ConvArgs.isUpright) !== 0;
    const isCopied = load<i32>(args, ConvArgs.isCopied) !== 0;
    const isWide = load<i32>(args, ConvArgs.isWide) !== 0;
    // Weights of two channels share a word in ternary/words.ts.
    const isShared = sizeof<T>() === 2 && !isSigned<T>();
    const isTernary = isShared || (sizeof<T>() === 4 && isSigned<T>());
    const isQuads = sizeof<T>() === 1 && isSigned<T>();
    const channelBytes =
      load<usize>(args, ConvArgs.headBytes) +
      (load<usize>(args, ConvArgs.steps) << (isShared ? 1 : 2));
    const inputLineBytes = load<usize>(args, ConvArgs.inputLineBytes);
    const outputLineBytes = load<usize>(args, ConvArgs.outputLineBytes);

    const n = outputChannels / groups;
    const type = load<i32>(args, ConvArgs.resultType);
    const elementBytes: usize = type >= ConvResult.wide ? 4 : 1;
    let band = load<usize>(args, ConvArgs.output);
    for (let image: usize = 0; image < load<usize>(args, ConvArgs.batch); image++) {
      for (let y: usize = 0; y < outputHeight; y += bandHeight) {
        const height = min(bandHeight, outputHeight - y);
        const lines = isUpright ? outputWidth : height;
        const pixels = isUpright ? height : outputWidth;
        let block = load<usize>(args, ConvArgs.weights);
        let output = band;
        for (let group: usize = 0; group < groups; group++, output += n * elementBytes) {
          let rows = scratch;
          if (!isCopied) rows = Rows.pixels(args, y);
          else if (sizeof<T>() === 2) Conv.copy<i16>(args, isPointwise, image, y, height, group);
          else Conv.copy<u8>(args, isPointwise, image, y, height, group);
          for (let channel: usize = 0; channel < n; ) {
            const rest = n - channel;
            let width: usize = isWide && n >= 16 && rest > 8 ? 16 : 8;
            // Of ternary weights all blocks are wide; few pixels take several at a time.
            if (isTernary) width = isShared || (pixels === 1 && rest >= 32) ? 32 : 16;
            if (isQuads && pixels < 6 && rest >= 32 && ConvTile8.areWhole(args, block)) width = 32;
            const first = n < width ? 0 : min(channel, n - width);
            let to = output + first * elementBytes;
            let from = rows;
            for (let line: usize = 0; line < lines; line++) {
              Conv.tiles<T>(args, block, width, from, pixels, to, min<usize>(n, 8));
              from += inputLineBytes;
              to += outputLineBytes;
            }
            channel += width;
            const blockWidth: usize = isQuads ? 8 : isTernary && !isShared ? 16 : width;
            for (; width > 0; width -= blockWidth)
              block += 16 + channelBytes * blockWidth + load<usize>(block);
          }
        }
        band += height * outputWidth * outputChannels * elementBytes;
      }
    }
  }

  @inline
  static copy<T>(
    args: usize,
    isPointwise: bool,
    image: usize,
    y: usize,
    height: usize,
    group: usize,
  ): void {
    const scratch = load<usize>(args, ConvArgs.scratch);
    if (isPointwise) Rows.copyPixels<T>(args, scratch, y, height);
    else Rows.copy<T>(args, scratch, image, y, height, group);
  }

  /** A block's channels, `count` of them where it has 8, of all pixels of a line. */
  @inline
  static tiles<T>(
    args: usize,
    block: usize,
    width: usize,
    row: usize,
    pixels: usize,
    output: usize,
    count: usize,
  ): void {
    const type = load<i32>(args, ConvArgs.resultType);
    const isQuick = type < ConvResult.large;
    if (isSigned<T>() && sizeof<T>() === 1) {
      if (width === 8 && isQuick && pixels > 5 && count === 8)
        ConvTile8.rows6x8(args, block, row, pixels, output);
      else Conv.alone<T>(args, block, width, row, pixels, output, count);
    } else if (!isSigned<T>() && sizeof<T>() === 2) {
      TernaryWords.rows2x32(args, block, row, pixels, output);
    } else if (isSigned<T>() && sizeof<T>() === 4) {
      if (width === 16) TernaryBytes.rows2x16(args, block, row, pixels, output);
      else TernaryBytes.pixel32(args, block, row, output);
    } else if (width === 8) {
      if (!isQuick || pixels < 4 || count < 8)
        Conv.alone<T>(args, block, width, row, pixels, output, count);
      else if (sizeof<T>() === 1) ConvMixed.rows4x8(args, block, row, pixels, output);
      else ConvTile8.rows4x8(args, block, row, pixels, output);
    } else if (pixels > 1 && isQuick) {
      if (sizeof<T>() === 1) ConvMixed.rows2x16<u8>(args, block, row, pixels, output);
      else ConvTile16.rows2x16<u8>(args, block, row, pixels, output);
    } else if (pixels > 1 && type >= ConvResult.wide) {
      if (sizeof<T>() === 1) ConvMixed.rows2x16<i32>(args, block, row, pixels, output);
      else ConvTile16.rows2x16<i32>(args, block, row, pixels, output);
    } else {
      Conv.alone<T>(args, block, width, row, pixels, output, count);
    }
  }

  /** A pixel at a time; any type of result. Inlined: with one pixel a call is a twentieth of the time. */
  @inline
  static alone<T>(
    args: usize,
    block: usize,
    width: usize,
    row: usize,
    pixels: usize,
    output: usize,
    count: usize,
  ): void {
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const outputStride = load<usize>(args, ConvArgs.outputPixelBytes);
    for (; pixels > 0; pixels--, row += pixelBytes, output += outputStride) {
      if (sizeof<T>() === 1 && !isSigned<T>()) {
        if (width === 8) ConvMixed.pixel8(args, block, row, output, count);
        else ConvMixed.pixel16(args, block, row, output);
      } else if (width === 8) {
        ConvTile8.pixel8<T>(args, block, row, output, count);
      } else {
        if (sizeof<T>() === 1) ConvTile8.pixel32(args, block, row, output);
        else ConvTile16.pixel16(args, block, row, output);
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

export function conv_u8t2_2x32(args: usize): void {
  Conv.run<u16>(args);
}

export function conv_u8t2_2x16c4(args: usize): void {
  Conv.run<i32>(args);
}
