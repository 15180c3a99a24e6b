import type { ConvU8Work } from '../graph/work.ts';
import { convRow, readsBytes } from './convRow.ts';
import { channelsOfBlock, packTernaryWords, wordSumSteps } from './packTernaryWords.ts';

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
    readsBytes(work) && work.outputChannels >= 16 && sumSteps(work) >= leastSumSteps
      ? `ternary: ${4 * sumSteps(work)} products fit 16 bits`
      : undefined,
  shape: () => ({ dot: 'bytePairs', isWide: 'always', flip: 0 }),
  copiesPixels: false,
  sumSteps,
});

/** Whether the weights are -1, 0 and 1, and channels enough for a block. */
function canShareWords(work: ConvU8Work): boolean {
  const { ternary, outputChannels } = work;
  if (ternary === undefined || !readsBytes(work) || outputChannels < channelsOfBlock) return false;
  return [ternary.plus, ternary.minus].every((numbers) => numbers.every((one) => one === 1));
}

export const ternaryWordsU8 = convRow({
  name: 'conv_u8t2_2x32',
  fits: (work) => (canShareWords(work) ? 'ternary: two channels in a product' : undefined),
  shape: () => ({ dot: 'words', isWide: 'always', flip: 128 }),
  copiesPixels: true,
  sumSteps: wordSumSteps,
  pack: packTernaryWords,
});
