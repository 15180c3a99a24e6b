import type { ConvU8Work } from '../graph/work.ts';
import { isUpright } from './convRow.ts';
import { readsPixels } from './convWindows.ts';
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
  /** conv_u8_6x8c4, measured beside conv_u8t2_sums_32 on a Sapphire Rapids core */
  quads: { output: 0.2, weight: 0.0101 },
  /** conv_u8_2x16 */
  words: { output: 0.27, weight: 0.0226 },
} as const;

/**
 * Of conv_u8t2_sums_32, for each 16 pixels: for each list, for each chunk of the window beyond the
 * first, for each channel of a real scale; by tuple size for each entry of a list and each input.
 */
const sumTimes = { channel: 4.5, chunk: 6, real: 2.5 } as const;
const entryTimes: Readonly<Record<TupleSize, number>> = { 1: 0.315, 2: 0.335, 3: 0.375 };
const inputTimes: Readonly<Record<TupleSize, number>> = { 1: 2.05, 2: 1.95, 3: 3.2 };
/** Entries that fill up the list of a channel in a chunk, about. */
const padding = 1;
/** Channels whose weights stand for all. */
const samples = 32;

/** Of ternary_sums_i32u8_1x4, for each pixel and channel, with its share of memory. */
export const scaleTime = 0.85;

export type DotKind = keyof typeof dotTimes;

export function dotTime(work: ConvU8Work, kind: DotKind): number {
  const { output, weight } = dotTimes[kind];
  const tile = kind === 'quads' ? 6 : 2;
  return pixelsOf(work, tile) * work.outputChannels * (output + weight * windowSize(work));
}

/** Pixels that tiles of so many compute; conv_u8_6x8c4 takes a quarter longer for each of fewer. */
function pixelsOf(work: ConvU8Work, tile: 2 | 6): number {
  const pixels = outputPixels(work);
  const dot = tile === 6 ? 'byteQuads' : 'bytePairs';
  const line = readsPixels(work)
    ? pixels
    : isUpright(work, dot)
      ? work.outputHeight
      : work.outputWidth;
  if (line < tile) return pixels * (tile === 6 ? 1.25 : 1);
  return (pixels / line) * tile * Math.ceil(line / tile);
}

/** The widths of the tiles that a band of pixels is cut into: Sums.run of the kernel. */
export function tileWidths(pixels: number): (32 | 24 | 16)[] {
  const widths: (32 | 24 | 16)[] = [];
  for (let rest = pixels; rest > 0; rest -= widths.at(-1)!) {
    const isWide = rest > 40 || (rest > 24 && rest <= 32);
    widths.push(isWide ? 32 : rest > 16 ? 24 : 16);
  }
  return widths;
}

/** How long tiles take, in those of 16 pixels of a pair. */
const widthTimes = { 32: 2, 24: 1.7, 16: 1.25 } as const;

function tilesOf(pixels: number): number {
  return tileWidths(pixels).reduce((sum, width) => sum + widthTimes[width], 0);
}

/**
 * @param bands how many the kernel goes through of as many pixels
 * @param realChannels those whose scale and bias are real numbers
 */
export function sumsTime(
  work: ConvU8Work,
  tupleSize: TupleSize,
  bands: readonly { readonly count: number; readonly pixels: number }[],
  realChannels = 0,
): number {
  const tiles = bands.reduce((sum, { count, pixels }) => sum + count * tilesOf(pixels), 0);
  return tiles * (tileTime(work, tupleSize) + sumTimes.real * realChannels);
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
    entries = countEntries(work);
    known.set(work.weights, entries);
  }
  return entries;
}

function countEntries(work: ConvU8Work): Readonly<Record<TupleSize, number>> {
  const { weights, outputChannels } = work;
  const k = windowSize(work);
  const step = Math.max(1, Math.floor(outputChannels / samples));
  let [channels, inputs, pairs, triples] = [0, 0, 0, 0];
  for (let channel = 0; channel < outputChannels; channel += step, channels++) {
    // Where the pair and the triple end that were counted last.
    let [pairEnd, tripleEnd] = [0, 0];
    for (let i = 0; i < k; i++) {
      if (weights[channel * k + i] === 0) continue;
      inputs++;
      if (i >= pairEnd) {
        pairs++;
        pairEnd = i + 2 - (i % 2);
      }
      if (i >= tripleEnd) {
        triples++;
        tripleEnd = i + 3 - (i % 3);
      }
    }
  }
  return { 1: inputs / channels, 2: pairs / channels, 3: triples / channels };
}
