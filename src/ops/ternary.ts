import type { Constant } from '../graph/tensor.ts';

/** Weights of which each output channel takes at most the values -minus, 0 and plus. */
export interface TernaryWeights {
  /** -1, 0 or 1 for each weight. */
  readonly codes: Int8Array;
  /** Above 0, one for each output channel. */
  readonly plus: Float32Array;
  readonly minus: Float32Array;
}

/** Fewer weights a channel take as much room as their scales. */
const fewest = 3;

/**
 * Real weights [out][...] as codes and scales, where they are ternary. Values are compared exactly:
 * near ones are different ones. A channel that lacks a sign has two equal scales, one of zeros 1.
 */
export function ternaryOf({ data, shape }: Constant): TernaryWeights | undefined {
  const channels = shape[0] ?? 1;
  const perChannel = data.length / channels;
  if (perChannel < fewest) return undefined;
  const codes = new Int8Array(data.length);
  const plus = new Float32Array(channels);
  const minus = new Float32Array(channels);
  for (let c = 0; c < channels; c++) {
    let [high, low] = [0, 0];
    for (let i = c * perChannel; i < (c + 1) * perChannel; i++) {
      const w = Number(data[i]);
      if (w > 0) {
        if (high !== 0 && w !== high) return undefined;
        high = w;
        codes[i] = 1;
      } else if (w < 0) {
        if (low !== 0 && w !== low) return undefined;
        low = w;
        codes[i] = -1;
      } else if (w !== 0) return undefined;
    }
    plus[c] = high || -low || 1;
    minus[c] = -low || high || 1;
  }
  return { codes, plus, minus };
}
