import type { SoftmaxU8Work } from '../../src/graph/work.ts';
import { clamp, roundHalfAway, roundHalfToEven } from './requantize.ts';

export function referenceSoftmaxU8(work: SoftmaxU8Work, input: Uint8Array): Uint8Array {
  const { rows, length, inputScale, rounding, result } = work;
  const output = new Uint8Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const values = [...input.subarray(row * length, (row + 1) * length)];
    const highest = Math.max(...values);
    const powers = values.map((value) => Math.exp((value - highest) * inputScale));
    const sum = powers.reduce((total, power) => total + power, 0);
    powers.forEach((power, i) => {
      const rounded =
        rounding === 'xnnpack'
          ? roundHalfAway((power / sum) * (1 / result.scale))
          : roundHalfToEven((power / sum) * Math.floor(Math.fround(1 / result.scale)));
      output[row * length + i] = clamp(rounded + result.zeroPoint, 0, 255);
    });
  }
  return output;
}
