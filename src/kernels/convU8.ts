import { ConvArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import {
  bandHeight,
  copyBytes,
  elementBytes,
  paddedWidth,
  readsPixels,
  stepCount,
} from './convWindows.ts';
import { geometryOf, outputPixels } from './geometry.ts';
import { type Dots, type Kernel, kernel } from './kernel.ts';
import {
  extraShare,
  headBytesOf,
  offsetsAt,
  type PackShape,
  packConv,
  parameterBytes,
  resultTypeOf,
  zeroPointOffset,
} from './packConv.ts';
import { winogradU8 } from './winogradU8.ts';

/** The weights of a block of 16 channels should fit into L1 beside the rows. */
const wideWeightBytes = 24 * 1024;
/** Above this share of extra steps products of 16 bits are faster. */
const mostExtra = 0.36;

interface ConvRow {
  readonly name: string;
  readonly dots?: Partial<Dots>;
  readonly fits: (work: ConvU8Work) => string | undefined;
  readonly shape: (work: ConvU8Work) => PackShape;
  /** Whether the kernel reads a copy, where the windows are pixels of the input. */
  readonly copiesPixels: boolean;
}

function convOf({ name, dots, fits, shape, copiesPixels }: ConvRow): Kernel<ConvU8Work> {
  const isCopied = (work: ConvU8Work) => copiesPixels || !readsPixels(work);
  return kernel<ConvU8Work, typeof ConvArgs>(ConvArgs, {
    name,
    ...(dots && { dots }),
    family: 'convU8',
    fits,
    pack: (work) => packConv(work, shape(work)),
    scratchBytes: (work) => (isCopied(work) ? copyBytes(work, shape(work).dot) : 0),
    bind: (work, at) => {
      const { dot, isWide, flip } = shape(work);
      const isPixels = readsPixels(work);
      const isOpen = work.inputZeroPoint === 'operand';
      return {
        input: at.inputs[0]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        weights: at.packed + parameterBytes,
        scratch: at.scratch,
        inputZeroPoint: isOpen ? at.inputs[1]! : at.packed + zeroPointOffset,
        ...geometryOf(work),
        // Each pixel counts as a row of its own.
        ...(isPixels && { batch: 1, outputHeight: outputPixels(work), outputWidth: 1 }),
        groups: work.groups,
        offsets: at.packed + offsetsAt(work, shape(work)),
        bandHeight: bandHeight(work, dot),
        isPointwise: isPixels ? 1 : 0,
        isCopied: isCopied(work) ? 1 : 0,
        flip,
        steps: stepCount(work, dot),
        resultType: resultTypeOf(work),
        headBytes: headBytesOf(work.result),
        isWide: isWide ? 1 : 0,
        paddedWidth: isPixels ? 1 : paddedWidth(work),
        pixelBytes: (work.strideX * work.inputChannels * elementBytes(dot)) / work.groups,
      };
    },
  });
}

function isWide(work: ConvU8Work, dot: PackShape['dot']): boolean {
  return 64 * stepCount(work, dot) <= wideWeightBytes;
}

function readsBytes({ groups, inputZeroPoint }: ConvU8Work): boolean {
  return groups === 1 && inputZeroPoint !== 'operand';
}

const bytePairs = (work: ConvU8Work): PackShape => ({
  dot: 'bytePairs',
  isWide: isWide(work, 'bytePairs'),
  flip: 0,
});

export const convWordsU8 = convOf({
  name: 'conv_u8_2x16',
  fits: () => 'any convolution is a product of windows and weights',
  shape: (work) => ({ dot: 'words', isWide: isWide(work, 'words'), flip: 0 }),
  copiesPixels: true,
});

export const convBytePairsU8 = convOf({
  name: 'conv_u8_2x16c4',
  dots: { pairs: 'unsigned' },
  fits: (work) => {
    if (!readsBytes(work)) return undefined;
    const share = extraShare(work, bytePairs(work));
    if (share > mostExtra) return undefined;
    const percent = (100 * share).toFixed(share < 0.1 ? 1 : 0);
    return `pairs of bytes fit 16 bits${share > 0 ? `, ${percent} % more steps for the rest` : ''}`;
  },
  shape: bytePairs,
  copiesPixels: false,
});

export const convByteQuadsU8 = convOf({
  name: 'conv_u8_6x8c4',
  dots: { quads: 'unsigned' },
  fits: (work) => (readsBytes(work) ? 'exact dots of bytes on this machine' : undefined),
  shape: () => ({ dot: 'byteQuads', isWide: false, flip: 0 }),
  copiesPixels: false,
});

export const convSignedQuadsU8 = convOf({
  name: 'conv_u8_6x8c4s',
  dots: { quads: 'signed' },
  fits: (work) => (readsBytes(work) ? 'exact dots of signed bytes on this machine' : undefined),
  shape: () => ({ dot: 'byteQuads', isWide: false, flip: 128 }),
  copiesPixels: true,
});

/**
 * Dots of four signed bytes are Arm's: there those of 16 bits, which Winograd takes, are several
 * times slower. On x86 they have about half the speed, and Winograd needs a quarter of them.
 */
export const convU8 = [
  convSignedQuadsU8,
  winogradU8,
  convByteQuadsU8,
  convBytePairsU8,
  convWordsU8,
];
