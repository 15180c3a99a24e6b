import type { ConvU8Work, TernarySumsWork, TernaryU8Work } from '../../src/graph/work.ts';
import { referenceConvU8 } from './convU8.ts';
import { clamp, roundHalfToEven } from './requantize.ts';

/** A ternary layer whose weights stand for real numbers: its sums in int32, then their result. */
export function referenceTernaryU8(work: TernaryU8Work, input: Uint8Array): Uint8Array {
  const { scale, negativeScale, bias, result, weights, ...shape } = work;
  const channels = work.outputChannels;
  const sumsOf = (taken: Int8Array): Int32Array => {
    const sums: ConvU8Work = {
      ...{ ...shape, family: 'convU8', weights: taken, weightZeroPoint: new Int32Array(1) },
      ...{ bias: new Int32Array(channels), result: { type: 'i32' } },
    };
    return referenceConvU8(sums, input) as Int32Array;
  };
  const sums =
    negativeScale === undefined
      ? [sumsOf(weights)]
      : [1, -1].map((sign) => sumsOf(weights.map((code) => (code === sign ? 1 : 0))));
  const last: TernarySumsWork = {
    family: 'ternarySums',
    rows: sums[0]!.length / channels,
    ...{ channels, scale, bias, result: { type: 'u8', ...result } },
    ...(negativeScale && { negativeScale }),
  };
  return referenceTernarySums(last, sums[0]!, sums[1]) as Uint8Array;
}

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
