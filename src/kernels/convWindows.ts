import type { ConvU8Work } from '../graph/work.ts';
import { isPointwise, outputPixels, windowSize } from './geometry.ts';

/**
 * How a convolution's window is read (assembly/int8/conv.ts): 'words' are pairs of 16-bit numbers;
 * the others four bytes, whose products are summed in 16 bits over pairs (convMixed.ts), all four at
 * once, or, of ternary weights, in 16 bits over many steps.
 */
export type ConvDot = 'words' | 'bytePairs' | 'byteQuads' | 'byteSums';

/** What the rows of a band should take, so that they stay in L2 while the weights pass by. */
const bandBytes = 64 * 1024;
/** Where windows are pixels, none are copied twice: a band fits L1, unless that would be few pixels. */
const pixelBandBytes = 24 * 1024;
const fewestPixels = 48;

/** Numbers that lie together in a copied row, and belong together in a window. */
interface Run {
  /** Where it begins, in elements from the window's begin. */
  readonly offset: number;
  /** Its first number in a channel's weights. */
  readonly first: number;
  readonly length: number;
}

export function elementsPerStep(dot: ConvDot): number {
  return dot === 'words' ? 2 : 4;
}

export function elementBytes(dot: ConvDot): number {
  return dot === 'words' ? 2 : 1;
}

/** 1x1 windows in one group: any pixels in any order. */
export function readsPixels(work: ConvU8Work): boolean {
  return isPointwise(work) && work.groups === 1;
}

/** Columns of a copied row: all that a row of outputs reads, padding too. */
export function paddedWidth({ outputWidth, strideX, kernelWidth, dilationX }: ConvU8Work): number {
  return (outputWidth - 1) * strideX + (kernelWidth - 1) * dilationX + 1;
}

/** Input rows that `height` output rows read. */
function rowsOf(work: ConvU8Work, height: number): number {
  return (height - 1) * work.strideY + (work.kernelHeight - 1) * work.dilationY + 1;
}

function rowBytes(work: ConvU8Work, dot: ConvDot): number {
  return paddedWidth(work) * (work.inputChannels / work.groups) * elementBytes(dot);
}

/** Output rows, or pixels where windows are pixels, whose input is copied at a time. */
export function bandHeight(work: ConvU8Work, dot: ConvDot): number {
  if (readsPixels(work)) {
    const fitting = Math.floor(pixelBandBytes / (work.inputChannels * elementBytes(dot)));
    return Math.min(outputPixels(work), Math.max(fewestPixels, fitting - (fitting % 12)));
  }
  const fitting = Math.floor(bandBytes / rowBytes(work, dot));
  const height = Math.floor((fitting - rowsOf(work, 1)) / work.strideY) + 1;
  return Math.max(1, Math.min(work.outputHeight, height));
}

/** Bytes of the copy, with what its last vector spills. */
export function copyBytes(work: ConvU8Work, dot: ConvDot): number {
  const height = bandHeight(work, dot);
  return readsPixels(work)
    ? height * work.inputChannels * elementBytes(dot) + 64
    : rowsOf(work, height) * rowBytes(work, dot) + 64;
}

/** The runs of a window, in the order of the weights. */
export function runsOf(work: ConvU8Work): Run[] {
  const { kernelHeight, kernelWidth, dilationX, groups } = work;
  if (readsPixels(work)) return [{ offset: 0, first: 0, length: windowSize(work) }];
  const channels = work.inputChannels / groups;
  const taps = dilationX === 1 ? kernelWidth : 1;
  const runs: Run[] = [];
  for (let ky = 0; ky < kernelHeight; ky++) {
    for (let kx = 0; kx < kernelWidth; kx += taps) {
      const column = ky * work.dilationY * paddedWidth(work) + kx * dilationX;
      const first = (ky * kernelWidth + kx) * channels;
      runs.push({ offset: column * channels, first, length: taps * channels });
    }
  }
  return runs;
}

/** Steps of 4 bytes in a window. */
export function stepCount(work: ConvU8Work, dot: ConvDot): number {
  const per = elementsPerStep(dot);
  return runsOf(work).reduce((sum, { length }) => sum + Math.ceil(length / per), 0);
}

/** For each step the byte where it lies, from the window's begin. */
export function stepOffsets(work: ConvU8Work, dot: ConvDot): Int32Array {
  const per = elementsPerStep(dot);
  const offsets = new Int32Array(stepCount(work, dot));
  let step = 0;
  for (const { offset, length } of runsOf(work)) {
    for (let i = 0; i < length; i += per) offsets[step++] = (offset + i) * elementBytes(dot);
  }
  return offsets;
}
