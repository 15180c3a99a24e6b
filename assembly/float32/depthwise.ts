import { DepthwiseF32Args } from '../arguments';
import { Count } from '../simd/count';
import { Tile } from './tile';

/**
 * output[pixel][c] = clamp(bias[c] + Σ input[y][x][c] * weights[c][ky][kx], low, high): one channel in,
 * one out. Taps in the padding are left out. Tile: 1 pixel by 8 channels.
 *
 *   input    f32 [batch][inputHeight][inputWidth][channels]; up to 28 bytes past it are read
 *   weights  low f32, high f32, 8 bytes of nothing, then per 8 channels:
 *            bias f32[8], f32 [kernelHeight][kernelWidth][8]; zeros fill up the channels
 *   output   f32 [batch][outputHeight][outputWidth][channels]
 */
export function depthwise_f32_1x8(args: usize): void {
  let input = load<usize>(args, DepthwiseF32Args.input);
  let output = load<usize>(args, DepthwiseF32Args.output);
  const weights = load<usize>(args, DepthwiseF32Args.weights);
  const inputHeight = load<i32>(args, DepthwiseF32Args.inputHeight);
  const inputWidth = load<i32>(args, DepthwiseF32Args.inputWidth);
  const channels = load<usize>(args, DepthwiseF32Args.channels);
  const outputHeight = load<i32>(args, DepthwiseF32Args.outputHeight);
  const outputWidth = load<i32>(args, DepthwiseF32Args.outputWidth);
  const kernelHeight = load<i32>(args, DepthwiseF32Args.kernelHeight);
  const kernelWidth = load<i32>(args, DepthwiseF32Args.kernelWidth);
  const strideY = load<i32>(args, DepthwiseF32Args.strideY);
  const strideX = load<i32>(args, DepthwiseF32Args.strideX);
  const dilationY = load<i32>(args, DepthwiseF32Args.dilationY);
  const dilationX = load<i32>(args, DepthwiseF32Args.dilationX);
  const padTop = load<i32>(args, DepthwiseF32Args.padTop);
  const padLeft = load<i32>(args, DepthwiseF32Args.padLeft);
  const low = v128.load32_splat(weights);
  const high = v128.load32_splat(weights, 4);
  const pixelBytes = channels << 2;
  const blockBytes = <usize>(kernelHeight * kernelWidth * 32 + 32);

  for (let i = load<usize>(args, DepthwiseF32Args.batch); i > 0; i--) {
    for (let outputY = 0; outputY < outputHeight; outputY++) {
      const top = outputY * strideY - padTop;
      for (let outputX = 0; outputX < outputWidth; outputX++) {
        const left = outputX * strideX - padLeft;
        let block = weights + 16;
        for (let channel: usize = 0; channel < channels; channel += 8, block += blockBytes) {
          let acc0 = v128.load(block);
          let acc1 = v128.load(block, 16);
          let w = block + 32;
          let y = top;
          for (let ky = 0; ky < kernelHeight; ky++, y += dilationY) {
            if (<u32>y >= <u32>inputHeight) {
              w += (<usize>kernelWidth) << 5;
              continue;
            }
            const line = input + <usize>(y * inputWidth) * pixelBytes + (channel << 2);
            let x = left;
            for (let kx = 0; kx < kernelWidth; kx++, x += dilationX, w += 32) {
              if (<u32>x >= <u32>inputWidth) continue;
              const from = line + <usize>x * pixelBytes;
              acc0 = f32x4.add(acc0, f32x4.mul(v128.load(from), v128.load(w)));
              acc1 = f32x4.add(acc1, f32x4.mul(v128.load(from, 16), v128.load(w, 16)));
              Count.macs(8);
            }
          }
          const count = min<usize>(8, channels - channel);
          Tile.store(output, acc0, acc1, low, high, count);
          output += count << 2;
        }
      }
    }
    input += <usize>(inputHeight * inputWidth) * pixelBytes;
  }
}
