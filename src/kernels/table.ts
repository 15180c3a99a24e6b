import { TableArgs } from '../../assembly/arguments.ts';
import type { TableWork } from '../graph/work.ts';
import { type Addresses, kernel } from './kernel.ts';

const bind = (work: TableWork, at: Addresses) => ({
  input: at.inputs[0]!,
  output: at.outputs[0]!,
  table: at.packed,
  count: work.count,
});

/** The sign bit turned: from int8 to the uint8 inside, or back. */
export const flip = kernel<TableWork, typeof TableArgs>(TableArgs, {
  name: 'flip_u8',
  family: 'table',
  fits: (work) =>
    work.table.every((value, i) => value === (i ^ 128)) ? 'the sign bit turned' : undefined,
  inPlace: () => true,
  bind,
});

/** Made for hard-swish whose scales were chosen for it, as those of the networks in models/ are. */
export const hardSwish = kernel<TableWork, typeof TableArgs>(TableArgs, {
  name: 'hard_swish_u8',
  family: 'table',
  fits: ({ table, count }) =>
    count % 16 === 0 && hardSwishOf(table) !== undefined
      ? 'the table is a hard-swish that 16-bit products give'
      : undefined,
  pack: ({ table }) => {
    const { zeroPoint, half, resultZeroPoint } = hardSwishOf(table)!;
    const packed = new Uint8Array(16);
    packed.set([zeroPoint - half, 2 * half]);
    const view = new DataView(packed.buffer);
    view.setInt16(2, zeroPoint, true);
    view.setInt16(4, 128 * resultZeroPoint + 64, true);
    return packed;
  },
  inPlace: () => true,
  bind,
});

interface HardSwish {
  readonly zeroPoint: number;
  /** 3 in steps of the input. */
  readonly half: number;
  readonly resultZeroPoint: number;
}

/** What `entries` is the hard-swish of in the kernel's integers, if it is one in all 256 places. */
function hardSwishOf(entries: Uint8Array): HardSwish | undefined {
  const resultZeroPoint = entries[0]!;
  // From 0 it goes down and then up for good; the last place that is not above 0 is 0 itself.
  if (entries.every((entry) => entry >= resultZeroPoint)) return undefined;
  const zeroPoint = entries.findLastIndex((entry) => entry <= resultZeroPoint);
  for (let half = 1; half <= Math.min(zeroPoint, 127); half++) {
    const isSame = entries.every((entry, i) => {
      const a = i - zeroPoint;
      const gate = Math.min(Math.max(a + half, 0), 2 * half);
      const product = a * gate + 128 * resultZeroPoint + 64;
      return product < 2 ** 15 && Math.min(product >> 7, 255) === entry;
    });
    if (isSame) return { zeroPoint, half, resultZeroPoint };
  }
  return undefined;
}

export const table = kernel<TableWork, typeof TableArgs>(TableArgs, {
  name: 'table_u8',
  family: 'table',
  fits: () => 'any function of one byte is a table',
  pack: (work) => work.table,
  inPlace: () => true,
  bind,
});
