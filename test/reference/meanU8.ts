import type { MeanU8Work } from '../../src/graph/work.ts';
import { requantize } from './requantize.ts';

export function referenceMeanU8(work: MeanU8Work, input: Uint8Array): Uint8Array {
  const { outer, count, inner, scale, zeroPoint, min, max } = work;
  const output = new Uint8Array(outer * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let acc = 0;
      for (let c = 0; c < count; c++) {
        acc += input[(o * count + c) * inner + i]! - work.inputZeroPoint;
      }
      output[o * inner + i] = requantize(acc, scale, zeroPoint, min, max);
    }
  }
  return output;
}
