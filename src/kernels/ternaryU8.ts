import type { ConvU8Work } from '../graph/work.ts';
import { convRow, isUpright, readsBytes } from './convRow.ts';
import { executedTernary } from './executedConvU8.ts';
import { type Dots, noDots } from './kernel.ts';
import { channelsOfBlock, packTernaryWords, wordSumSteps } from './packTernaryWords.ts';
import { ternarySums, timeOfSums } from './ternarySums.ts';
import { bestTupleSize, type DotKind, dotTime } from './ternaryTime.ts';
import { winogradCost, winogradU8 } from './winogradU8.ts';

/** Fewer steps, and widening the sums takes as long as the steps. */
const leastSumSteps = 8;

/** Steps whose products fit 16 bits, whatever the input: assembly/ternary/bytes.ts. */
function sumSteps({ ternary }: ConvU8Work): number {
  if (ternary === undefined) return 0;
  return Math.floor(32767 / (2 * 255 * Math.max(1, ...ternary.plus, ...ternary.minus)));
}

export function canSumBytes(work: ConvU8Work): boolean {
  return readsBytes(work) && work.outputChannels >= 16 && sumSteps(work) >= leastSumSteps;
}

/** Whether the weights are -1, 0 and 1, and channels enough for a block. */
export function canShareWords(work: ConvU8Work): boolean {
  const { ternary, outputChannels } = work;
  if (ternary === undefined || !readsBytes(work) || outputChannels < channelsOfBlock) return false;
  return [ternary.plus, ternary.minus].every((numbers) => numbers.every((one) => one === 1));
}

const never = Number.POSITIVE_INFINITY;

function timeOfBytes(work: ConvU8Work): number {
  return canSumBytes(work) ? dotTime(work, 'ternaryBytes') : never;
}

function timeOfWords(work: ConvU8Work): number {
  return canShareWords(work) ? dotTime(work, 'ternaryWords') : never;
}

/** By the fastest kernel for any weights, of those that a machine has. */
export function timeOfOthers(work: ConvU8Work, kind: DotKind): number {
  const cost = winogradU8.fits(work) === undefined ? undefined : winogradCost(work);
  const direct = dotTime(work, kind);
  if (cost === undefined) return direct;
  const macs = work.weights.length * work.batch * work.outputHeight * work.outputWidth;
  return Math.min(direct, (dotTime(work, 'words') * cost) / macs);
}

/** Whether a kernel for ternary weights is faster than those of 16 bits, Winograd's too. */
export function beatsWords(work: ConvU8Work): boolean {
  if (work.ternary === undefined) return false;
  return Math.min(timeOfSums(work), timeOfWords(work)) < timeOfOthers(work, 'words');
}

/** x86 without AVX-VNNI. */
const saturating = { pairs: 'unsigned', quads: 'none' } as const;

/** Not where dots of four bytes are exact: they need no more instructions, for any weights. */
export const ternaryBytesU8 = convRow({
  name: 'conv_u8t2_2x16c4',
  dots: saturating,
  fits: (work) =>
    timeOfBytes(work) < timeOfOthers(work, 'eights')
      ? `ternary: ${4 * sumSteps(work)} products fit 16 bits`
      : undefined,
  shape: () => ({ dot: 'byteSums', isWide: 'always', flip: 0 }),
  copiesPixels: false,
  sumSteps,
  executes: (work) => executedTernary(work, 'byteSums', isUpright(work, 'byteSums')),
});

export const ternaryWordsU8 = convRow({
  name: 'conv_u8t2_2x32',
  dots: noDots,
  fits: (work) =>
    timeOfWords(work) < timeOfOthers(work, 'words')
      ? 'ternary: a product for two channels'
      : undefined,
  shape: () => ({ dot: 'words', isWide: 'always', flip: 128 }),
  copiesPixels: true,
  sumSteps: wordSumSteps,
  pack: packTernaryWords,
  executes: (work) => executedTernary(work, 'words', isUpright(work, 'words')),
});

/** One kernel, by names of its own for machines that differ in what else they have. */
const sums = (
  suffix: string,
  rival: (work: ConvU8Work) => number,
  others: DotKind,
  dots?: Partial<Dots>,
) =>
  ternarySums({
    name: `conv_u8t2_sums_32${suffix}`,
    ...(dots && { dots }),
    tupleSize: bestTupleSize,
    pays: (work) => timeOfSums(work) < Math.min(rival(work), timeOfOthers(work, others)),
  });

/** Before the kernels for any weights, on machines that have dots of bytes. */
export const ternaryDotsU8 = [
  sums('p', timeOfBytes, 'eights', saturating),
  ternaryBytesU8,
  sums('q', () => never, 'quads', { quads: 'unsigned' }),
  sums('s', () => never, 'quads', { quads: 'signed' }),
];

/** Before those of 16 bits. */
export const ternaryU8 = [sums('', timeOfWords, 'words'), ternaryWordsU8];
