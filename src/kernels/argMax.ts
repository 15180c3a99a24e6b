import { ArgMaxArgs } from '../../assembly/arguments.ts';
import type { ArgMaxWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

function argMaxKernel(type: ArgMaxWork['type']) {
  return kernel<ArgMaxWork, typeof ArgMaxArgs>(ArgMaxArgs, {
    name: `argmax_${type}`,
    family: 'argMax',
    fits: (work) => (work.type === type ? 'one comparison per element' : undefined),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      outer: work.outer,
      length: work.length,
      inner: work.inner,
      selectLast: work.selectLast ? 1 : 0,
      outputBytes: work.outputType === 'i64' ? 8 : 4,
    }),
  });
}

export const argMaxU8 = argMaxKernel('u8');
export const argMaxF32 = argMaxKernel('f32');
export const argMaxI32 = argMaxKernel('i32');
