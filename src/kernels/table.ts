import { TableArgs } from '../../assembly/arguments.ts';
import type { TableWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

/** The sign bit turned: from int8 to the uint8 inside, or back. */
export const flip = kernel<TableWork, typeof TableArgs>(TableArgs, {
  name: 'flip_u8',
  family: 'table',
  fits: (work) =>
    work.table.every((value, i) => value === (i ^ 128)) ? 'the sign bit turned' : undefined,
  inPlace: () => true,
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    table: 0,
    count: work.count,
  }),
});

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
