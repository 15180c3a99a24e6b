import { SoftmaxF32Args } from '../../assembly/arguments.ts';
import type { SoftmaxF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

function softmaxKernel(name: string, log: boolean) {
  return kernel<SoftmaxF32Work, typeof SoftmaxF32Args>(SoftmaxF32Args, {
    name,
    family: 'softmaxF32',
    fits: (work) => (work.log === log ? 'rows of contiguous floats' : undefined),
    pack: ({ beta }) => new Uint8Array(Float32Array.of(beta).buffer),
    inPlace: () => true,
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      rows: work.rows,
      length: work.length,
    }),
  });
}

export const softmaxF32 = softmaxKernel('softmax_f32', false);
export const logSoftmaxF32 = softmaxKernel('log_softmax_f32', true);
