import type { PoolWork } from '../../src/graph/work.ts';
import { clamp, roundHalfAway, roundHalfToEven } from './requantize.ts';

const f = Math.fround;

export function referencePoolU8(work: PoolWork, input: Uint8Array): Uint8Array {
  const { batch, inputHeight, inputWidth, outputHeight, outputWidth } = work;
  const channels = work.inputChannels;
  const output = new Uint8Array(batch * outputHeight * outputWidth * channels);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < outputHeight; y++) {
      for (let x = 0; x < outputWidth; x++) {
        for (let channel = 0; channel < channels; channel++) {
          const cells: number[] = [];
          for (let ky = 0; ky < work.kernelHeight; ky++) {
            const iy = y * work.strideY - work.padTop + ky * work.dilationY;
            if (iy < 0 || iy >= inputHeight) continue;
            for (let kx = 0; kx < work.kernelWidth; kx++) {
              const ix = x * work.strideX - work.padLeft + kx * work.dilationX;
              if (ix < 0 || ix >= inputWidth) continue;
              const cell = (image * inputHeight + iy) * inputWidth + ix;
              cells.push(input[cell * channels + channel]!);
            }
          }
          output[at++] = clamp(pooled(work, cells), work.result.min, work.result.max);
        }
      }
    }
  }
  return output;
}

/** A window without cells has the maximum 0 and the mean of one cell of value 0. */
function pooled(work: PoolWork, cells: readonly number[]): number {
  if (work.op === 'max') return Math.max(0, ...cells);
  const sign = work.signed ? 128 : 0;
  if (work.rounding === 'xnnpack') {
    const sum = cells.reduce((total, cell) => total + cell - sign, 0);
    return roundHalfAway(sum / Math.max(1, cells.length)) + sign;
  }
  const { input, result } = work;
  const n = work.countIncludePad ? work.kernelHeight * work.kernelWidth : cells.length;
  let sum = 0;
  for (const cell of cells) sum = f(sum + f(input.scale * (cell - input.zeroPoint)));
  const scaled = f(f(sum / Math.max(1, n)) / result.scale);
  return roundHalfToEven(f(scaled + (result.zeroPoint - sign))) + sign;
}
