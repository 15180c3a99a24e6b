import { CastArgs } from '../../assembly/arguments.ts';
import type { DType } from '../graph/tensor.ts';
import type { CastWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

/** As assembly/layout/cast.ts knows them. */
const codes: Readonly<Record<DType, number>> = {
  float32: 0,
  int8: 1,
  uint8: 2,
  int32: 3,
  int64: 4,
  bool: 5,
};

export const cast = kernel<CastWork, typeof CastArgs>(CastArgs, {
  name: 'cast',
  family: 'cast',
  fits: () => 'number by number',
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    from: codes[work.from],
    to: codes[work.to],
    count: work.count,
  }),
});
