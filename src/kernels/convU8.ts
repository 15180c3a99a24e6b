import type { ConvU8Work } from '../graph/work.ts';
import { convRow, isWide, readsBytes } from './convRow.ts';
import type { Kernel } from './kernel.ts';
import { extraShare, type PackShape } from './packConv.ts';
import { beatsWords, ternaryDotsU8, ternaryU8 } from './ternaryU8.ts';
import { winogradU8 } from './winogradU8.ts';

const bytePairs = (work: ConvU8Work): PackShape => ({
  dot: 'bytePairs',
  isWide: isWide(work, 'bytePairs'),
  flip: 0,
});

const byteEights = (work: ConvU8Work): PackShape => ({
  dot: 'byteEights',
  isWide: isWide(work, 'byteEights'),
  flip: 0,
});

/** The time of a tile in steps of byte pairs, for each such step of the window; see docs/performance.md. */
const stepTime = { bytePairs: 1, byteEights: 0.87, words: 1.32, extra: 1 };

function timeOf(work: ConvU8Work, shape: PackShape): number {
  return stepTime[shape.dot as 'bytePairs'] + stepTime.extra * extraShare(work, shape);
}

function extraReason(work: ConvU8Work, shape: PackShape): string {
  const share = extraShare(work, shape);
  const percent = (100 * share).toFixed(share < 0.1 ? 1 : 0);
  return share > 0 ? `, about ${percent} % more steps for weights that do not` : '';
}

export const convWordsU8 = convRow({
  name: 'conv_u8_2x16',
  fits: () => 'any convolution is a product of windows and weights',
  shape: (work) => ({ dot: 'words', isWide: isWide(work, 'words'), flip: 0 }),
  copiesPixels: true,
});

export const convBytePairsU8 = convRow({
  name: 'conv_u8_2x16c4',
  dots: { pairs: 'unsigned' },
  fits: (work) => {
    const shape = bytePairs(work);
    if (!readsBytes(work) || timeOf(work, shape) > stepTime.words) return undefined;
    return `pairs of products fit 16 bits${extraReason(work, shape)}`;
  },
  shape: bytePairs,
  copiesPixels: false,
});

export const convByteEightsU8 = convRow({
  name: 'conv_u8_2x16c8',
  dots: { pairs: 'unsigned' },
  fits: (work) => {
    const shape = byteEights(work);
    if (!readsBytes(work)) return undefined;
    const rival = Math.min(stepTime.words, timeOf(work, bytePairs(work)));
    if (timeOf(work, shape) > rival) return undefined;
    return `four products fit 16 bits${extraReason(work, shape)}`;
  },
  shape: byteEights,
  copiesPixels: false,
});

export const convByteQuadsU8 = convRow({
  name: 'conv_u8_6x8c4',
  dots: { quads: 'unsigned' },
  fits: (work) => (readsBytes(work) ? 'exact dots of bytes on this machine' : undefined),
  shape: () => ({ dot: 'byteQuads', isWide: false, flip: 0 }),
  copiesPixels: false,
});

export const convSignedQuadsU8 = convRow({
  name: 'conv_u8_6x8c4s',
  dots: { quads: 'signed' },
  fits: (work) => (readsBytes(work) ? 'exact dots of signed bytes on this machine' : undefined),
  shape: () => ({ dot: 'byteQuads', isWide: false, flip: 128 }),
  copiesPixels: true,
});

/** Machines without dots of bytes come to it before the ternary kernels. */
const winogradUnlessTernary: Kernel<ConvU8Work> = {
  ...winogradU8,
  fits: (work, dots) => (beatsWords(work) ? undefined : winogradU8.fits(work, dots)),
};

/**
 * Dots of four signed bytes are Arm's: there those of 16 bits, which Winograd takes, are several
 * times slower. On x86 they have about half the speed, and Winograd needs a quarter of them: where that
 * pays, its `fits` says.
 */
export const convU8 = [
  ...ternaryDotsU8,
  convSignedQuadsU8,
  winogradUnlessTernary,
  convByteQuadsU8,
  convByteEightsU8,
  convBytePairsU8,
  ...ternaryU8,
  convWordsU8,
];
