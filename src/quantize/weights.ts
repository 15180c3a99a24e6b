import { elementCount } from '../graph/shape.ts';
import type { Constant, Quantization } from '../graph/tensor.ts';
import { f32, roundHalfToEven } from '../ops/float32.ts';

/** Less is as good as 0 beside activations of any useful scale. */
const smallest = 2 ** -96;
/** Of a bias in units of input scale times weight scale: it shares int32 with the products. */
const largestBias = 2 ** 30;

/**
 * Weights [out][...] as int8 numbers with a scale per output channel.
 * @param bias in real numbers, one for each output channel
 */
export function int8Weights(
  weights: Constant,
  bias: ArrayLike<number>,
  inputScale: number,
): Constant {
  const channels = weights.shape[0]!;
  const perChannel = weights.data.length / channels;
  const data = new Int8Array(weights.data.length);
  const scale = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    const own = weights.data.subarray(c * perChannel, (c + 1) * perChannel) as Float32Array;
    const largest = own.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
    scale[c] = Math.max(largest / 127, leastScale(bias[c] ?? 0, inputScale));
    for (let i = 0; i < perChannel; i++) {
      data[c * perChannel + i] = roundHalfToEven(own[i]! / scale[c]!);
    }
  }
  const { id, shape } = weights;
  return { id, shape, dtype: 'int8', data, quantization: perChannelScale(scale) };
}

function perChannelScale(scale: Float32Array): Quantization {
  return { scale, zeroPoint: new Int32Array(scale.length), axis: 0 };
}

/** A channel's bias has to fit int32 in units of its scale. */
function leastScale(bias: number, inputScale: number): number {
  return Math.max(smallest, Math.abs(bias) / (inputScale * largestBias));
}

/** A bias in units of input scale times weight scale, as integers of that scale. */
export function integerBias(bias: Constant, weights: Quantization, inputScale: number): Constant {
  const scale = weights.scale.map((weightScale) => inputScale * weightScale);
  const data = Int32Array.from({ length: elementCount(bias.shape) }, (_, c) =>
    roundHalfToEven(f32(Number(bias.data[c]) / scale[c]!)),
  );
  return {
    id: bias.id,
    shape: bias.shape,
    dtype: 'int32',
    data,
    quantization: perChannelScale(scale),
  };
}
