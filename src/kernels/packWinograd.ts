import type { ConvU8Work } from '../graph/work.ts';
import { headBytesOf, parameterBytes, writeHead, writeParameters } from './packConv.ts';
import { checkAccumulators, productRange } from './packConvU8.ts';

/** Outputs of a tile in each direction. */
export const tile = 4;
/** Numbers of a transformed tile. */
export const positions = 36;
const lanes = 16;

/** G of F(4x4, 3x3), its rows times 12, 6, 6, 24, 24 and 3. */
const transform = [
  [3, 0, 0],
  [-1, -1, -1],
  [-1, 1, -1],
  [1, 2, 4],
  [1, -2, 4],
  [0, 0, 3],
] as const;

/** Pairs of input channels. */
export function stepsOf({ inputChannels }: ConvU8Work): number {
  return Math.ceil(inputChannels / 2);
}

/**
 * Whether every sum of products, which the kernel first has 64 times modulo 2^32, is recovered by a
 * shift: -2^25 to 2^25 - 1.
 */
export function fitsSums(work: ConvU8Work): boolean {
  for (let channel = 0; channel < work.outputChannels; channel++) {
    const [least, most] = productRange(work, channel);
    if (least < -(2 ** 25) || most >= 2 ** 25) return false;
  }
  return true;
}

/** Parameters, then blocks of 16 channels; see assembly/int8/winograd.ts. */
export function packWinograd(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  const { weights, weightZeroPoint, inputChannels, outputChannels } = work;
  const steps = stepsOf(work);
  const headBytes = lanes * headBytesOf(work.result);
  const blockBytes = headBytes + positions * steps * lanes * 4;
  const packed = new Uint8Array(parameterBytes + Math.ceil(outputChannels / lanes) * blockBytes);
  const view = new DataView(packed.buffer);
  const words = new Int16Array(packed.buffer);
  writeParameters(view, work);
  for (let block = 0; block * lanes < outputChannels; block++) {
    const at = parameterBytes + block * blockBytes;
    const first = Math.max(0, Math.min(block * lanes, outputChannels - lanes));
    for (let lane = 0; lane < Math.min(lanes, outputChannels); lane++) {
      const channel = first + lane;
      const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
      writeHead(view, at, work, lanes, lane, channel, 0);
      for (let input = 0; input < inputChannels; input++) {
        const taps = Array.from(
          { length: 9 },
          (_, tap) => weights[(channel * 9 + tap) * inputChannels + input]! - zeroPoint,
        );
        // The pair's place at position 0.
        const to = (at + headBytes) / 2 + ((input >> 1) * lanes + lane) * 2 + (input & 1);
        transformWeights(taps).forEach((value, position) => {
          words[to + position * steps * lanes * 2] = value;
        });
      }
    }
  }
  return packed;
}

/** G' g G'^T: at most 49 times the largest weight, which is within 255. */
function transformWeights(taps: readonly number[]): number[] {
  return transform.flatMap((rowY) =>
    transform.map((rowX) => {
      let sum = 0;
      for (let tap = 0; tap < 9; tap++)
        sum += rowY[Math.floor(tap / 3)]! * rowX[tap % 3]! * taps[tap]!;
      return sum;
    }),
  );
}
