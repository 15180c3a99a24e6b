import { TableArgs } from '../../assembly/arguments.ts';
import type { TableWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

export const table = kernel<TableWork, typeof TableArgs>(TableArgs, {
  name: 'table_u8',
  family: 'table',
  fits: () => 'any function of one byte is a table',
  pack: (work) => work.table,
  inPlace: () => true,
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    table: at.packed,
    count: work.count,
  }),
});
