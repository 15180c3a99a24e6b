import type { Constant, Tensor } from './tensor.ts';

/** Codes of ternary weights, and what they stand for in each output channel. */
export interface TernaryCodes {
  /** -1, 0 or 1 for each weight. */
  readonly codes: Int8Array;
  /** The size of the positive weights of each channel; of the negative ones where it has no positive. */
  readonly plus: Float64Array;
  readonly minus: Float64Array;
}

/**
 * The codes of weights that take at most three values {-minus, 0, plus} in each of `channels` runs of
 * equal length; undefined where a run has others. Values are compared exactly. A run without weights
 * of one sign takes the other's size, one of zeros alone 1.
 * @param zeroPoint what is subtracted first, one or one for each channel
 */
export function ternaryCodes(
  weights: ArrayLike<number>,
  channels: number,
  zeroPoint: ArrayLike<number> = [0],
): TernaryCodes | undefined {
  const length = weights.length / channels;
  const codes = new Int8Array(weights.length);
  const plus = new Float64Array(channels);
  const minus = new Float64Array(channels);
  // Most layers are not ternary, and their first channel tells after a few weights.
  for (let channel = 0; channel < channels; channel++) {
    const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel]!;
    const [high, low] = sizesOf(weights, channel * length, (channel + 1) * length, zero);
    if (!fillCodes(codes, weights, channel * length, length, high, low, zero)) return undefined;
    plus[channel] = Number.isNaN(high) ? 0 : high - zero;
    minus[channel] = Number.isNaN(low) ? 0 : zero - low;
    // A number that is not finite is no weight.
    if (!Number.isFinite(plus[channel]! + minus[channel]!)) return undefined;
    plus[channel] ||= minus[channel] || 1;
    minus[channel] ||= plus[channel]!;
  }
  return { codes, plus, minus };
}

/**
 * 1 for each `high` of some weights, -1 for each `low`; signs come at random, and without branches none
 * is foretold wrongly.
 * @returns false where there are others beside `zero`
 */
function fillCodes(
  codes: Int8Array,
  weights: ArrayLike<number>,
  begin: number,
  count: number,
  high: number,
  low: number,
  zero: number,
): boolean {
  let known = 0;
  for (let i = begin; i < begin + count; i++) {
    const weight = weights[i]!;
    const isHigh = Number(weight === high);
    const isLow = Number(weight === low);
    codes[i] = isHigh - isLow;
    known += isHigh + isLow + Number(weight === zero);
  }
  return known === count;
}

/** The first number above `zero` and the first below it, of some; NaN, which equals none, where there is none. */
function sizesOf(
  weights: ArrayLike<number>,
  begin: number,
  end: number,
  zero: number,
): readonly [high: number, low: number] {
  let [high, low] = [Number.NaN, Number.NaN];
  for (let i = begin; i < end && Number.isNaN(high + low); i++) {
    const weight = weights[i]!;
    if (weight > zero && Number.isNaN(high)) high = weight;
    if (weight < zero && Number.isNaN(low)) low = weight;
  }
  return [high, low];
}

/** Real weights as int8 codes with a scale per channel, or two; undefined where they are not ternary. */
export function codedWeights(weights: Constant): Constant | undefined {
  const found = ternaryCodes(weights.data as Float32Array, weights.shape[0]!);
  if (found === undefined) return undefined;
  const { codes, plus, minus } = found;
  const zeroPoint = new Int32Array(plus.length);
  const scales = { scale: Float32Array.from(plus), zeroPoint, axis: 0 };
  const isEven = plus.every((size, channel) => size === minus[channel]);
  const quantization = isEven ? scales : { ...scales, negativeScale: Float32Array.from(minus) };
  const { id, shape, storedBits = 32 } = weights;
  return { id: `${id}/codes`, dtype: 'int8', shape, data: codes, quantization, storedBits };
}

/** True where the weights are codes, which take a real bias beside them. */
export function isCoded({ dtype, data }: Tensor): boolean {
  return dtype === 'int8' && (data as Int8Array).every((code) => code >= -1 && code <= 1);
}
