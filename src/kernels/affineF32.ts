import { AffineF32Args } from '../../assembly/arguments.ts';
import type { AffineF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

/** Channels of a group. */
const lanes = 4;

export const affineF32 = kernel<AffineF32Work, typeof AffineF32Args>(AffineF32Args, {
  name: 'affine_f32_1x4',
  family: 'affineF32',
  fits: () => 'a scale and a bias per channel',
  pack: ({ channels, scale, bias }) => {
    const packed = new Float32Array(Math.ceil(channels / lanes) * 2 * lanes);
    for (let channel = 0; channel < channels; channel++) {
      const lane = channel % lanes;
      const at = 2 * (channel - lane) + lane;
      packed[at] = scale[channel]!;
      packed[at + lanes] = bias[channel]!;
    }
    return new Uint8Array(packed.buffer);
  },
  inPlace: () => true,
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    parameters: at.packed,
    rows: work.rows,
    channels: work.channels,
  }),
});
