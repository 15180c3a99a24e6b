import { MeanF32Args } from '../../assembly/arguments.ts';
import type { MeanF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

function meanKernel(name: string, fits: (work: MeanF32Work) => string | undefined) {
  return kernel<MeanF32Work, typeof MeanF32Args>(MeanF32Args, {
    name,
    family: 'meanF32',
    fits,
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      outer: work.outer,
      count: work.count,
      inner: work.inner,
    }),
  });
}

export const meanRowsF32 = meanKernel('mean_f32_rows', ({ inner }) =>
  inner === 1 ? 'the mean of the last axis' : undefined,
);
export const meanF32 = meanKernel('mean_f32_1x4', () => 'means side by side');
