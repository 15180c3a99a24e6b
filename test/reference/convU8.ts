import type { ConvU8Work } from '../../src/graph/work.ts';
import { clamp, requantize } from './requantize.ts';

/**
 * The convolution by its formula, in int32 that wraps; `zeroPoint` is the input's, where the work
 * leaves it open.
 */
export function referenceConvU8(
  work: ConvU8Work,
  input: Uint8Array,
  zeroPoint = 0,
): Uint8Array | Int32Array | Float32Array {
  const { batch, inputHeight, inputWidth, inputChannels, outputHeight, outputWidth } = work;
  const { outputChannels, kernelHeight, kernelWidth, groups, result } = work;
  const inputZeroPoint = work.inputZeroPoint === 'operand' ? zeroPoint : work.inputZeroPoint;
  const channels = inputChannels / groups;
  const size = batch * outputHeight * outputWidth * outputChannels;
  const output =
    result.type === 'u8'
      ? new Uint8Array(size)
      : result.type === 'i32'
        ? new Int32Array(size)
        : new Float32Array(size);
  let at = 0;
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < outputHeight; y++) {
      for (let x = 0; x < outputWidth; x++) {
        for (let out = 0; out < outputChannels; out++) {
          const group = Math.floor(out / (outputChannels / groups));
          const weightZero = work.weightZeroPoint[work.weightZeroPoint.length === 1 ? 0 : out]!;
          let acc = work.bias[out]!;
          for (let ky = 0; ky < kernelHeight; ky++) {
            const iy = y * work.strideY - work.padTop + ky * work.dilationY;
            if (iy < 0 || iy >= inputHeight) continue;
            for (let kx = 0; kx < kernelWidth; kx++) {
              const ix = x * work.strideX - work.padLeft + kx * work.dilationX;
              if (ix < 0 || ix >= inputWidth) continue;
              for (let c = 0; c < channels; c++) {
                const cell = (image * inputHeight + iy) * inputWidth + ix;
                const value = input[cell * inputChannels + group * channels + c]!;
                const tap = (out * kernelHeight + ky) * kernelWidth + kx;
                acc += (value - inputZeroPoint) * (work.weights[tap * channels + c]! - weightZero);
              }
            }
          }
          output[at++] = resultOf(work, acc | 0, out);
        }
      }
    }
  }
  return output;
}

function resultOf({ result }: ConvU8Work, acc: number, channel: number): number {
  switch (result.type) {
    case 'u8':
      return requantize(acc, result.scale[channel]!, result.zeroPoint, result.min, result.max);
    case 'i32':
      return acc;
    case 'f32': {
      const product = Math.fround(Math.fround(acc) * result.scale[channel]!);
      return clamp(Math.fround(product + result.bias[channel]!), result.min, result.max);
    }
  }
}
