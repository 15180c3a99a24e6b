import { MeanU8Args } from '../../assembly/arguments.ts';
import { PlanError } from '../errors.ts';
import type { MeanU8Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { roundMagic, roundMagicBits } from './packConvU8.ts';

const mean = kernel<MeanU8Work, typeof MeanU8Args>(MeanU8Args, {
  name: 'mean_u8_1x8',
  family: 'meanU8',
  fits: () => 'sums of eight channels at a time',
  pack: (work) => {
    if (work.count * 255 >= 2 ** 31) {
      throw new PlanError({
        where: 'mean of an 8-bit map',
        got: `${work.count} elements to sum`,
        expected: `at most ${Math.floor((2 ** 31 - 1) / 255)}, as int32 holds`,
        advice: 'take the mean in two steps',
      });
    }
    const view = new DataView(new ArrayBuffer(24));
    view.setFloat32(0, work.min - work.zeroPoint, true);
    view.setFloat32(4, work.max - work.zeroPoint, true);
    view.setFloat32(8, roundMagic, true);
    view.setInt32(12, roundMagicBits - work.zeroPoint, true);
    view.setFloat32(16, work.scale, true);
    view.setInt32(20, -work.count * work.inputZeroPoint, true);
    return new Uint8Array(view.buffer);
  },
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    parameters: at.packed,
    outer: work.outer,
    count: work.count,
    inner: work.inner,
  }),
});

export const meanU8 = [mean];
