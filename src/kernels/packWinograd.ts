import type { ConvU8Work } from '../graph/work.ts';
import { channelsFound } from './channels.ts';
import { headBytesOf, parameterBytes, writeHead, writeParameters } from './packConv.ts';
import { checkAccumulators } from './packConvU8.ts';
import { forgetWeights } from './packer.ts';

/** Outputs of a tile in each direction. */
export const tile = 4;
/** Numbers of a transformed tile. */
export const positions = 36;
const lanes = 16;

/** Pairs of input channels. */
export function stepsOf({ inputChannels }: ConvU8Work): number {
  return Math.ceil(inputChannels / 2);
}

/**
 * Whether every sum of products, which the kernel first has 64 times modulo 2^32, is recovered by a
 * shift: -2^25 to 2^25 - 1.
 */
export function fitsSums(work: ConvU8Work): boolean {
  const { least, most } = channelsFound(work);
  return least >= -(2 ** 25) && most < 2 ** 25;
}

/** Bytes of the blocks of 16 channels. */
export function packedBytes(work: ConvU8Work): number {
  return Math.ceil(work.outputChannels / lanes) * blockBytesOf(work);
}

function blockBytesOf(work: ConvU8Work): number {
  return lanes * (headBytesOf(work.result) + 4 * positions * stepsOf(work));
}

/** Parameters, then blocks of 16 channels; see assembly/int8/winograd.ts. */
export function packWinograd(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  forgetWeights();
  const { weights, weightZeroPoint, inputChannels, outputChannels } = work;
  const steps = stepsOf(work);
  const headBytes = lanes * headBytesOf(work.result);
  const blockBytes = blockBytesOf(work);
  const packed = new Uint8Array(parameterBytes + packedBytes(work));
  const view = new DataView(packed.buffer);
  const words = new Int16Array(packed.buffer);
  writeParameters(view, work);
  const taps = new Int32Array(9);
  const columns = new Int32Array(18);
  const transformed = new Int32Array(positions);
  for (let block = 0; block * lanes < outputChannels; block++) {
    const at = parameterBytes + block * blockBytes;
    const first = Math.max(0, Math.min(block * lanes, outputChannels - lanes));
    for (let lane = 0; lane < Math.min(lanes, outputChannels); lane++) {
      const channel = first + lane;
      const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
      writeHead(view, at, work, lanes, lane, channel, 0);
      for (let input = 0; input < inputChannels; input++) {
        for (let tap = 0; tap < 9; tap++)
          taps[tap] = weights[(channel * 9 + tap) * inputChannels + input]! - zeroPoint;
        for (let x = 0; x < 3; x++) transformLine(taps, x, 3, columns, x, 3);
        for (let y = 0; y < 6; y++) transformLine(columns, 3 * y, 1, transformed, 6 * y, 1);
        // The pair's place at position 0.
        const to = (at + headBytes) / 2 + ((input >> 1) * lanes + lane) * 2 + (input & 1);
        for (let position = 0; position < positions; position++)
          words[to + position * steps * lanes * 2] = transformed[position]!;
      }
    }
  }
  return packed;
}

/**
 * Three taps times G of F(4x4, 3x3), its rows times 12, 6, 6, 24, 24 and 3. In both directions: at most 49 times the largest weight, which is within 255.
 */
function transformLine(
  from: Int32Array,
  fromAt: number,
  fromStep: number,
  to: Int32Array,
  toAt: number,
  toStep: number,
): void {
  const a = from[fromAt]!;
  const b = from[fromAt + fromStep]!;
  const c = from[fromAt + 2 * fromStep]!;
  to[toAt] = 3 * a;
  to[toAt + toStep] = -a - b - c;
  to[toAt + 2 * toStep] = -a + b - c;
  to[toAt + 3 * toStep] = a + 2 * b + 4 * c;
  to[toAt + 4 * toStep] = a - 2 * b + 4 * c;
  to[toAt + 5 * toStep] = 3 * c;
}
