import { TernarySumsArgs } from '../../assembly/arguments.ts';
import type { TernarySumsWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { roundMagic, roundMagicBits } from './packConvU8.ts';

/** Channels of a group. */
const lanes = 4;
/** Bounds and zero point before the groups, in words. */
const head = 4;

function sumsKernel(type: 'u8' | 'f32') {
  return kernel<TernarySumsWork, typeof TernarySumsArgs>(TernarySumsArgs, {
    name: `ternary_sums_i32${type}_1x4`,
    family: 'ternarySums',
    fits: ({ result }) => (result.type === type ? 'scales for sums of either sign' : undefined),
    pack: ({ channels, scale, negativeScale, bias, result }) => {
      const packed = new Float32Array(head + Math.ceil(channels / lanes) * 3 * lanes);
      const zeroPoint = result.type === 'u8' ? result.zeroPoint : 0;
      packed[0] = result.min - zeroPoint;
      packed[1] = result.max - zeroPoint;
      new Int32Array(packed.buffer)[2] = roundMagicBits - zeroPoint;
      packed[3] = roundMagic;
      for (let channel = 0; channel < channels; channel++) {
        const lane = channel % lanes;
        const at = head + 3 * (channel - lane) + lane;
        packed[at] = scale[channel]!;
        packed[at + lanes] = negativeScale?.[channel] ?? 0;
        packed[at + 2 * lanes] = bias[channel]!;
      }
      return new Uint8Array(packed.buffer);
    },
    bind: (work, at) => ({
      positive: at.inputs[0]!,
      negative: work.negativeScale === undefined ? 0 : at.inputs[1]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      rows: work.rows,
      channels: work.channels,
    }),
  });
}

export const ternarySumsU8 = sumsKernel('u8');
export const ternarySumsF32 = sumsKernel('f32');
