import { FillArgs } from '../../assembly/arguments.ts';
import type { FillWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

export const fill = kernel<FillWork, typeof FillArgs>(FillArgs, {
  name: 'fill_x8',
  family: 'fill',
  fits: () => 'one element over and over',
  pack: ({ value }) => Uint8Array.from({ length: 16 }, (_, i) => value[i % value.length]!),
  bind: (work, at) => ({
    output: at.outputs[0]!,
    pattern: at.packed,
    bytes: work.count * work.value.length,
  }),
});
