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
import { executedConvU8 } from './executedConvU8.ts';
import { geometryOf, outputPixels } from './geometry.ts';
import { type Dots, type Kernel, kernel } from './kernel.ts';
import {
  blocksAt,
  extraShare,
  headBytesOf,
  offsetsAt,
  type PackShape,
  packConv,
  resultTypeOf,
  zeroPointOffset,
} from './packConv.ts';
import { winogradU8 } from './winogradU8.ts';

/** The weights of a block of 16 channels should fit into L1 beside the rows. */
const wideWeightBytes = 24 * 1024;

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
    executes: (work, packed) => {
      const { isUpright } = linesOf(work, shape(work).dot);
      return executedConvU8(work, shape(work), isUpright === 1, packed);
    },
    bind: (work, at) => {
      const { dot, isWide, flip } = shape(work);
      const isPixels = readsPixels(work);
      const isOpen = work.inputZeroPoint === 'operand';
      return {
        input: at.inputs[0]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        weights: at.packed + blocksAt(work, dot),
        scratch: at.scratch,
        inputZeroPoint: isOpen ? at.inputs[1]! : at.packed + zeroPointOffset,
        ...geometryOf(work),
        // Each pixel counts as a row of its own.
        ...(isPixels && { batch: 1, outputHeight: outputPixels(work), outputWidth: 1 }),
        groups: work.groups,
        offsets: at.packed + offsetsAt,
        bandHeight: bandHeight(work, dot),
        isPointwise: isPixels ? 1 : 0,
        isCopied: isCopied(work) ? 1 : 0,
        flip,
        steps: stepCount(work, dot),
        resultType: resultTypeOf(work),
        headBytes: headBytesOf(work.result),
        isWide: isWide ? 1 : 0,
        paddedWidth: isPixels ? 1 : paddedWidth(work),
        ...linesOf(work, dot),
      };
    },
  });
}

/** How the tiles go through the map. */
function linesOf(work: ConvU8Work, dot: PackShape['dot']) {
  const { outputWidth, outputHeight, outputChannels, strideX, strideY, result } = work;
  const columnBytes = (work.inputChannels / work.groups) * elementBytes(dot);
  const isUpright = readsPixels(work) || waste(outputHeight, dot) < waste(outputWidth, dot);
  const outputPixel = outputChannels * (result.type === 'u8' ? 1 : 4);
  const across = { input: strideX * columnBytes, output: outputPixel };
  const down = readsPixels(work)
    ? { input: columnBytes, output: outputPixel }
    : { input: strideY * paddedWidth(work) * columnBytes, output: outputWidth * outputPixel };
  const [pixel, line] = isUpright ? [down, across] : [across, down];
  return {
    isUpright: isUpright ? 1 : 0,
    inputPixelBytes: pixel.input,
    inputLineBytes: line.input,
    outputPixelBytes: pixel.output,
    outputLineBytes: line.output,
  };
}

/** How many times as many pixels as a line has are computed. */
function waste(pixels: number, dot: PackShape['dot']): number {
  const tile = dot === 'byteQuads' ? 6 : 2;
  return pixels === 0 ? 1 : (tile * Math.ceil(pixels / tile)) / pixels;
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
    const shape = bytePairs(work);
    if (!readsBytes(work) || timeOf(work, shape) > stepTime.words) return undefined;
    return `pairs of products fit 16 bits${extraReason(work, shape)}`;
  },
  shape: bytePairs,
  copiesPixels: false,
});

export const convByteEightsU8 = convOf({
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
  convByteEightsU8,
  convBytePairsU8,
  convWordsU8,
];
