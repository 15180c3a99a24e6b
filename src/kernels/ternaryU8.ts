import type { ConvU8Work } from '../graph/work.ts';
import { convRow, isWide, readsBytes } from './convRow.ts';

/** Fewer steps, and widening the sums takes as long as the steps. */
const leastSumSteps = 8;

/** Steps whose products fit 16 bits, whatever the input: assembly/ternary/bytes.ts. */
function sumSteps({ ternary }: ConvU8Work): number {
  if (ternary === undefined) return 0;
  return Math.floor(32767 / (2 * 255 * Math.max(1, ...ternary.plus, ...ternary.minus)));
}

/** Not where dots of four bytes are exact: they need no more instructions, for any weights. */
export const ternaryBytesU8 = convRow({
  name: 'conv_u8t2_2x16c4',
  dots: { pairs: 'unsigned', quads: 'none' },
  fits: (work) =>
    readsBytes(work) && sumSteps(work) >= leastSumSteps
      ? `ternary: ${4 * sumSteps(work)} products fit 16 bits`
      : undefined,
  shape: (work) => ({ dot: 'bytePairs', isWide: isWide(work, 'bytePairs'), flip: 0 }),
  copiesPixels: false,
  sumSteps,
});
