import type { ConvU8Work } from '../graph/work.ts';
import { outputPixels, windowSize } from './geometry.ts';
import { sumsLayout, type TupleSize } from './sumsLayout.ts';

/*
 * About how long the kernels for ternary weights take, and their rivals: what the plan chooses by.
 * Nanoseconds, measured on one thread of a Zen 4 core with Node 24 (docs/decisions/021-ternary-kernels.md);
 * only their ratios matter.
 */

/** Of a kernel whose lanes are channels: for each pixel and channel, and for each of its weights. */
const dotTimes = {
  /** conv_u8t2_2x16c4 */
  ternaryBytes: { output: 0.23, weight: 0.0124 },
  /** conv_u8t2_2x32 */
  ternaryWords: { output: 0.43, weight: 0.0136 },
  /** conv_u8_2x16c4, whose steps go two by two for ternary weights */
  eights: { output: 0.18, weight: 0.0152 },
  /** conv_u8_6x8c4: from native code, no such machine was at hand */
  quads: { output: 0.2, weight: 0.0118 },
  /** conv_u8_2x16 */
  words: { output: 0.27, weight: 0.0226 },
} as const;

/**
 * Of conv_u8t2_sums_32, for each 16 pixels: for each channel, for each chunk of the window beyond the
 * first, for each number of the window; by tuple size for each entry of a list and each input.
 */
const sumTimes = { channel: 4.5, chunk: 6 } as const;
const entryTimes: Readonly<Record<TupleSize, number>> = { 1: 0.315, 2: 0.335, 3: 0.375 };
const inputTimes: Readonly<Record<TupleSize, number>> = { 1: 2.05, 2: 1.95, 3: 3.2 };
/** Entries that fill up the list of a channel in a chunk, about. */
const padding = 1;
/** Channels whose weights stand for all. */
const samples = 32;

export type DotKind = keyof typeof dotTimes;

export function dotTime(work: ConvU8Work, kind: DotKind): number {
  const { output, weight } = dotTimes[kind];
  return outputPixels(work) * work.outputChannels * (output + weight * windowSize(work));
}

/** The widths of the tiles that a line of pixels is cut into: Sums.line of the kernel. */
export function tileWidths(pixels: number): (32 | 16 | 8)[] {
  const widths: (32 | 16 | 8)[] = [];
  for (let rest = pixels; rest > 0; rest -= widths.at(-1)!)
    widths.push(rest > 24 ? 32 : rest > 8 ? 16 : 8);
  return widths;
}

/** How long tiles take, in those of 16 pixels of a pair. */
const widthTimes = { 32: 2, 16: 1.1, 8: 0.88 } as const;

function tilesOf(pixels: number): number {
  return tileWidths(pixels).reduce((sum, width) => sum + widthTimes[width], 0);
}

/** @param lines how the kernel goes through the map */
export function sumsTime(
  work: ConvU8Work,
  tupleSize: TupleSize,
  lines: { readonly count: number; readonly pixels: number },
): number {
  return lines.count * tilesOf(lines.pixels) * tileTime(work, tupleSize);
}

/** The tuples that are the fastest for many pixels: the same for all shares of a map. */
export function bestTupleSize(work: ConvU8Work): TupleSize {
  const sizes: readonly TupleSize[] = [1, 2, 3];
  const times = sizes.map((size) => tileTime(work, size));
  return sizes[times.indexOf(Math.min(...times))]!;
}

function tileTime(work: ConvU8Work, tupleSize: TupleSize): number {
  const k = windowSize(work);
  const { chunkCount } = sumsLayout(work, tupleSize);
  const entries = entriesOfChannel(work)[tupleSize] + padding * chunkCount;
  const channel =
    sumTimes.channel + sumTimes.chunk * (chunkCount - 1) + entryTimes[tupleSize] * entries;
  return work.outputChannels * channel + k * inputTimes[tupleSize];
}

const known = new WeakMap<ConvU8Work['weights'], Readonly<Record<TupleSize, number>>>();

/** Tuples of a channel that are not all zeros, on average, by their size. */
function entriesOfChannel(work: ConvU8Work): Readonly<Record<TupleSize, number>> {
  let entries = known.get(work.weights);
  if (entries === undefined) {
    entries = { 1: countEntries(work, 1), 2: countEntries(work, 2), 3: countEntries(work, 3) };
    known.set(work.weights, entries);
  }
  return entries;
}

function countEntries(work: ConvU8Work, tupleSize: TupleSize): number {
  const { weights, outputChannels } = work;
  const k = windowSize(work);
  const step = Math.max(1, Math.floor(outputChannels / samples));
  let channels = 0;
  let count = 0;
  for (let channel = 0; channel < outputChannels; channel += step, channels++) {
    const end = (channel + 1) * k;
    for (let first = channel * k; first < end; first += tupleSize) {
      for (let i = first; i < Math.min(end, first + tupleSize); i++) {
        if (weights[i] === 0) continue;
        count++;
        break;
      }
    }
  }
  return count / channels;
}
