import { DynamicQuantizeArgs } from '../../assembly/arguments.ts';
import type { DynamicQuantizeWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

export const dynamicQuantize = kernel<DynamicQuantizeWork, typeof DynamicQuantizeArgs>(
  DynamicQuantizeArgs,
  {
    name: 'dynamic_quantize_f32u8',
    family: 'dynamicQuantize',
    fits: () => 'the range first, then the numbers',
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      scale: at.outputs[1]!,
      zeroPoint: at.outputs[2]!,
      count: work.count,
    }),
  },
);
