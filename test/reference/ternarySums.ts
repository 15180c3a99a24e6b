import type { TernarySumsWork } from '../../src/graph/work.ts';
import { clamp, roundHalfToEven } from './requantize.ts';

/** The result of a ternary layer by its formula, each step rounded to float32. */
export function referenceTernarySums(
  work: TernarySumsWork,
  positive: Int32Array,
  negative?: Int32Array,
): Uint8Array | Float32Array {
  const { rows, channels, scale, negativeScale, bias, result } = work;
  const size = rows * channels;
  const output = result.type === 'u8' ? new Uint8Array(size) : new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const c = i % channels;
    let real = Math.fround(Math.fround(positive[i]!) * scale[c]!);
    if (negativeScale !== undefined) {
      const other = Math.fround(Math.fround(negative![i]!) * negativeScale[c]!);
      real = Math.fround(real - other);
    }
    real = Math.fround(real + bias[c]!);
    output[i] =
      result.type === 'f32'
        ? clamp(real, result.min, result.max)
        : clamp(roundHalfToEven(real) + result.zeroPoint, result.min, result.max);
  }
  return output;
}
