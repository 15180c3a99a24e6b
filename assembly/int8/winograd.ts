import { ConvArgs, WinogradArgs } from '../arguments';
import { Dot } from '../simd/dot';
import { ConvResult } from './convResult';
import { Rows } from './rows';
import { WinogradTransform } from './winogradTransform';

/**
 * output[pixel][n] = result(bias[n] + window[pixel][k] · weights[n][k]): 3x3 windows, stride 1, no
 * dilation, one group, by Winograd's F(4x4, 3x3) in integers: 36 products a channel for 16 outputs,
 * not 144.
 *
 *   input    u8 [batch][inputHeight][inputWidth][inputChannels]; up to 15 bytes past it are read
 *   weights  blocks of 16 channels (src/kernels/packWinograd.ts): the head (convResult.ts), then
 *            i16 [36 positions][steps][16][2], the transformed weights by pairs of input channels
 *   output   [batch][outputHeight][outputWidth][outputChannels], nothing beyond it is written
 *   scratch  i16 [bandHeight + 2][paddedWidth][inputChannels], the rows, and 64 bytes
 *   transformed  i16 [36][blockTiles + some][8 · ceil(inputChannels / 8)]
 *   products     i32 [blockTiles][36][16]
 *   temporary    2048 bytes
 *
 * bandHeight and paddedWidth - 2 are multiples of 4: whole tiles, of which only the outputs that
 * exist are stored. The last block of channels overlaps the one before.
 *
 * Exact, since everything is a polynomial with integer coefficients, modulo 2^32:
 *
 *   V = B^T d B      |V| <= 68 · 255 = 17340: of the coefficients of d those of one sign sum to at
 *                    most 68, and d spans 255. Fits i16.
 *   U = G' g G'^T    G' = G with its rows times 12, 6, 6, 24, 24, 3: |U| <= 49 · 255 = 12495 for
 *                    weights less a zero point. Fits i16, and no pair's sum of products leaves i32.
 *   A'^T (Σ U V) A'  A' makes up for G', with 24 in each direction left over: 576 times the sum of
 *                    products. 9 divides out by its inverse modulo 2^32, 64 by a shift, which asks
 *                    for |sum of products| < 2^25: packWinograd.ts checks it for the weights at hand.
 */
class Winograd {
  @inline
  static get tile(): usize {
    return 4;
  }

  @inline
  static get positions(): usize {
    return 36;
  }

  /** A tile's products of 16 channels. */
  @inline
  static get productBytes(): usize {
    return 64 * Winograd.positions;
  }

  @inline
  static run(args: usize): void {
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const outputChannels = load<usize>(args, ConvArgs.outputChannels);
    const bandHeight = load<usize>(args, ConvArgs.bandHeight);
    const scratch = load<usize>(args, ConvArgs.scratch);
    const blockTiles = load<usize>(args, WinogradArgs.blockTiles);
    const type = load<i32>(args, ConvArgs.resultType);
    const elementBytes: usize = type >= ConvResult.wide ? 4 : 1;
    const headBytes = load<usize>(args, ConvArgs.headBytes) * 16;
    const positionBytes = load<usize>(args, ConvArgs.steps) << 6;
    const tilesX = (outputWidth + Winograd.tile - 1) / Winograd.tile;

    let image = load<usize>(args, ConvArgs.output);
    for (let i: usize = 0; i < load<usize>(args, ConvArgs.batch); i++) {
      for (let y: usize = 0; y < outputHeight; y += bandHeight) {
        const height = min(bandHeight, outputHeight - y);
        const tilesY = (height + Winograd.tile - 1) / Winograd.tile;
        Rows.copy<i16>(args, scratch, i, y, tilesY * Winograd.tile, 0);
        const tiles = tilesY * tilesX;
        for (let first: usize = 0; first < tiles; first += blockTiles) {
          const count = min(blockTiles, tiles - first);
          Winograd.transformInput(args, scratch, first, count, tilesX);
          let block = load<usize>(args, ConvArgs.weights);
          for (let channel: usize = 0; channel < outputChannels; channel += 16) {
            const at: usize = outputChannels < 16 ? 0 : min(channel, outputChannels - 16);
            Winograd.multiply(args, block + headBytes, count);
            Winograd.store(args, image + at * elementBytes, block, y, first, count, tilesX);
            block += headBytes + Winograd.positions * positionBytes;
          }
        }
      }
      image += outputHeight * outputWidth * outputChannels * elementBytes;
    }
  }

  /** `count` tiles of the band from the one numbered `first` on. */
  static transformInput(args: usize, rows: usize, first: usize, count: usize, tilesX: usize): void {
    const pixelBytes = load<usize>(args, ConvArgs.inputPixelBytes);
    const rowBytes = pixelBytes * load<usize>(args, ConvArgs.paddedWidth);
    const tileBytes = (pixelBytes + 15) & ~15;
    const planeBytes = load<usize>(args, WinogradArgs.planeBytes);
    const temporary = load<usize>(args, WinogradArgs.temporary);
    let to = load<usize>(args, WinogradArgs.transformed);
    let tileY = first / tilesX;
    let tileX = first - tileY * tilesX;
    for (let i: usize = 0; i < count; i++) {
      const from = rows + (tileY * rowBytes + tileX * pixelBytes) * Winograd.tile;
      for (let at: usize = 0; at < tileBytes; at += 16)
        WinogradTransform.input(from + at, rowBytes, pixelBytes, temporary, to + at, planeBytes);
      to += tileBytes;
      tileX++;
      if (tileX === tilesX) {
        tileX = 0;
        tileY++;
      }
    }
  }

  /** At each position `count` tiles by 16 channels, in steps of a pair of input channels. */
  static multiply(args: usize, weights: usize, count: usize): void {
    const positionBytes = load<usize>(args, ConvArgs.steps) << 6;
    const tileBytes = (load<usize>(args, ConvArgs.inputPixelBytes) + 15) & ~15;
    const planeBytes = load<usize>(args, WinogradArgs.planeBytes);
    let plane = load<usize>(args, WinogradArgs.transformed);
    let products = load<usize>(args, WinogradArgs.products);
    const last = weights + Winograd.positions * positionBytes;
    // A single tile is computed twice.
    const pair: usize = count > 1 ? 1 : 0;
    const most = count - 1 - pair;
    const next = pair * tileBytes;
    for (; weights < last; weights += positionBytes) {
      const end = weights + positionBytes;
      for (let i: usize = 0; i < count; i += 2) {
        const at = min(i, most);
        let a0 = plane + at * tileBytes;
        let a1 = a0 + next;
        let acc00 = i32x4.splat(0);
        let acc01 = i32x4.splat(0);
        let acc02 = i32x4.splat(0);
        let acc03 = i32x4.splat(0);
        let acc10 = i32x4.splat(0);
        let acc11 = i32x4.splat(0);
        let acc12 = i32x4.splat(0);
        let acc13 = i32x4.splat(0);
        for (let w = weights; w < end; w += 64, a0 += 4, a1 += 4) {
          const x0 = v128.load32_splat(a0);
          const x1 = v128.load32_splat(a1);
          const w0 = v128.load(w);
          acc00 = Dot.pairs(acc00, w0, x0);
          acc10 = Dot.pairs(acc10, w0, x1);
          const w1 = v128.load(w, 16);
          acc01 = Dot.pairs(acc01, w1, x0);
          acc11 = Dot.pairs(acc11, w1, x1);
          const w2 = v128.load(w, 32);
          acc02 = Dot.pairs(acc02, w2, x0);
          acc12 = Dot.pairs(acc12, w2, x1);
          const w3 = v128.load(w, 48);
          acc03 = Dot.pairs(acc03, w3, x0);
          acc13 = Dot.pairs(acc13, w3, x1);
        }
        const to = products + at * Winograd.productBytes;
        v128.store(to, acc00);
        v128.store(to, acc01, 16);
        v128.store(to, acc02, 32);
        v128.store(to, acc03, 48);
        const beside = to + pair * Winograd.productBytes;
        v128.store(beside, acc10);
        v128.store(beside, acc11, 16);
        v128.store(beside, acc12, 32);
        v128.store(beside, acc13, 48);
      }
      plane += planeBytes;
      products += 64;
    }
  }

  /** The outputs of `count` tiles, 16 channels each. */
  static store(
    args: usize,
    output: usize,
    head: usize,
    y: usize,
    first: usize,
    count: usize,
    tilesX: usize,
  ): void {
    const outputHeight = load<usize>(args, ConvArgs.outputHeight);
    const outputWidth = load<usize>(args, ConvArgs.outputWidth);
    const channels = load<usize>(args, ConvArgs.outputChannels);
    const packed = load<usize>(args, ConvArgs.parameters);
    const type = load<i32>(args, ConvArgs.resultType);
    const temporary = load<usize>(args, WinogradArgs.temporary);
    const sums = temporary + 1024;
    const wide = type >= ConvResult.wide;
    const pixelBytes = channels * (wide ? 4 : 1);
    let products = load<usize>(args, WinogradArgs.products);
    for (let i: usize = 0; i < count; i++, products += Winograd.productBytes) {
      for (let lane: usize = 0; lane < 64; lane += 16)
        WinogradTransform.output(products + lane, temporary, sums + lane);
      const tileY = (first + i) / tilesX;
      const tileX = first + i - tileY * tilesX;
      const top = y + tileY * Winograd.tile;
      const left = tileX * Winograd.tile;
      const height = min(Winograd.tile, outputHeight - top);
      const width = min(Winograd.tile, outputWidth - left);
      for (let row: usize = 0; row < height; row++) {
        let from = sums + row * 256;
        let to = output + ((top + row) * outputWidth + left) * pixelBytes;
        for (let column: usize = 0; column < width; column++, from += 64, to += pixelBytes) {
          const acc0 = i32x4.add(v128.load(head), v128.load(from));
          const acc1 = i32x4.add(v128.load(head, 16), v128.load(from, 16));
          const acc2 = i32x4.add(v128.load(head, 32), v128.load(from, 32));
          const acc3 = i32x4.add(v128.load(head, 48), v128.load(from, 48));
          if (channels >= 16) {
            ConvResult.store16(type, to, acc0, acc1, acc2, acc3, head, packed);
          } else {
            const low = min<usize>(channels, 8);
            ConvResult.storeAny(type, to, low, acc0, acc1, head + 64, head + 128, packed);
            if (channels > 8) {
              const beside = to + (wide ? 32 : 8);
              const high = channels - 8;
              ConvResult.storeAny(type, beside, high, acc2, acc3, head + 96, head + 160, packed);
            }
          }
        }
      }
    }
  }
}

export function conv_u8_winograd_4x4(args: usize): void {
  Winograd.run(args);
}
