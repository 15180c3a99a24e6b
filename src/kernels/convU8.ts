import type { ConvU8Work } from '../graph/work.ts';
import { convRow, isWide, readsBytes } from './convRow.ts';
import { stepKindsOf } from './executedConvU8.ts';
import type { Kernel } from './kernel.ts';
import type { PackShape } from './packConv.ts';
import { beatsWords, ternaryDotsU8, ternaryU8 } from './ternaryU8.ts';
import { winogradU8 } from './winogradU8.ts';

export const convWordsU8 = convRow({
  name: 'conv_u8_2x16',
  fits: () => 'any convolution is a product of windows and weights',
  shape: (work) => ({ dot: 'words', isWide: isWide(work, 'words'), flip: 0 }),
  copiesPixels: true,
});

const sortedPairs = (work: ConvU8Work): PackShape => ({
  dot: 'bytePairs',
  isWide: isWide(work, 'bytePairs'),
  flip: 0,
});

export const convBytePairsU8 = convRow({
  name: 'conv_u8_2x16c4',
  dots: { pairs: 'unsigned' },
  fits: (work) =>
    readsBytes(work) ? 'sums of byte products fit 16 bits, some inputs complemented' : undefined,
  shape: sortedPairs,
  stepKinds: (work, packed) => stepKindsOf(work, sortedPairs(work), packed),
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
  convBytePairsU8,
  ...ternaryU8,
  convWordsU8,
];
