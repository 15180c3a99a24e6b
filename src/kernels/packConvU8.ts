import { PlanError } from '../errors.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { channelsFound, inputRange } from './channels.ts';

/** Bytes before the blocks: what assembly/simd/result.ts reads, then the input's zero point. */
export const parameterBytes = 64;
export const zeroPointOffset = 16;
/** Channels of a block. */
export const lanes = 8;
/** 1.5 * 2^23, whose lowest bit counts ones. */
export const roundMagic = 12582912;
export const roundMagicBits = 0x4b400000;

/** The parameters that stand before the blocks. */
export function writeParameters(view: DataView, { result, inputZeroPoint }: ConvU8Work): void {
  if (result.type === 'u8') {
    view.setFloat32(0, result.min - result.zeroPoint, true);
    view.setFloat32(4, result.max - result.zeroPoint, true);
    view.setFloat32(8, roundMagic, true);
    view.setInt32(12, roundMagicBits - result.zeroPoint, true);
  } else if (result.type === 'f32') {
    view.setFloat32(0, result.min, true);
    view.setFloat32(4, result.max, true);
  }
  if (inputZeroPoint !== 'operand') view.setUint8(zeroPointOffset, inputZeroPoint);
}

/** Bytes of a block's biases and scales. */
export function headBytes({ result }: ConvU8Work): number {
  return { i32: 32, u8: 64, f32: 96 }[result.type];
}

/** Biases and scales of the channels from `first` on, `count` of them, the rest zeros. */
export function writeHead(
  view: DataView,
  at: number,
  { bias, result }: ConvU8Work,
  first: number,
  count: number,
): void {
  for (let lane = 0; lane < count; lane++) {
    const channel = first + lane;
    view.setInt32(at + 4 * lane, bias[channel]!, true);
    if (result.type === 'i32') continue;
    view.setFloat32(at + 32 + 4 * lane, result.scale[channel]!, true);
    if (result.type === 'f32') view.setFloat32(at + 64 + 4 * lane, result.bias[channel]!, true);
  }
}

/** @throws PlanError where a sum of products could leave int32, naming the first such channel */
export function checkAccumulators(work: ConvU8Work): void {
  const { result } = work;
  const { least, most, rawScaled } = channelsFound(work);
  if (fitsInt32(least, most) && Number.isFinite(rawScaled)) return;
  for (let channel = 0; channel < work.outputChannels; channel++) {
    // Without the bias: trained nets have dead channels whose bias lies at the end of int32, and
    // there the sum wraps as it does in the engines that they were made for.
    const [least, most] = productRange(work, channel);
    if (!fitsInt32(least, most)) {
      throw new PlanError({
        where: `convolution, output channel ${channel}`,
        got: `sums of products from ${least} to ${most}`,
        expected: 'what int32 holds, -2^31 to 2^31 - 1, for every input',
        advice: 'split the input channels over two convolutions, or quantize the model again',
      });
    }
    if (result.type !== 'i32' && !Number.isFinite(result.scale[channel])) {
      throw new PlanError({
        where: `convolution, output channel ${channel}`,
        got: `a scale of ${result.scale[channel]}`,
        expected: 'a finite number',
        advice: 'quantize the model again',
      });
    }
  }
}

function fitsInt32(least: number, most: number): boolean {
  return least >= -(2 ** 31) && most < 2 ** 31;
}

/** The least and the most that the sum of a channel's products can be, whatever the input. */
function productRange(work: ConvU8Work, channel: number): [least: number, most: number] {
  const { low, high } = inputRange(work);
  const { sums } = channelsFound(work);
  const positive = sums[2 * channel]!;
  const negative = sums[2 * channel + 1]!;
  return [positive * low + negative * high, positive * high + negative * low];
}
