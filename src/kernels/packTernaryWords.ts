import type { ConvU8Work } from '../graph/work.ts';
import { channelsFound } from './channels.ts';
import { runsOf, stepCount, stepOffsets } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { packBlocks } from './packBlocks.ts';
import { blocksAt, headBytesOf, offsetsAt, writeHead, writeParameters } from './packConv.ts';
import { checkAccumulators } from './packConvU8.ts';
import { forgetWeights } from './packer.ts';

/** Channels of a block: 16 in the lower parts of its words, 16 in the upper ones. */
export const channelsOfBlock = 32;
const half = 16 as const;
/** Bytes of a block before its heads: assembly/int8/conv.ts. */
const extraHeadBytes = 16;
/** Where the upper part of a word begins. */
const shift = 14;
/** What a sum begins with, in place of 0. */
const center = 8192;

/** What inputs are less. */
const inputCenter = 128;
/** As many times 128 are less than 2^13. */
const mostWeights = 63;
const known = new WeakMap<ConvU8Work['weights'], number>();

/** Steps of two inputs in which no channel has more weights beside 0 than a sum holds, evenly cut. */
export function wordSumSteps(work: ConvU8Work): number {
  let steps = known.get(work.weights);
  if (steps === undefined) {
    const counts = stepWeights(work);
    const total = stepCount(work, 'words');
    let sums = 1;
    do steps = Math.ceil(total / sums++);
    while (!holds(counts, total, steps));
    known.set(work.weights, steps);
  }
  return steps;
}

/** For each channel and step how many of its two weights are not 0. */
function stepWeights(work: ConvU8Work): Uint8Array {
  const { weights, outputChannels } = work;
  const k = windowSize(work);
  const total = stepCount(work, 'words');
  const counts = new Uint8Array(outputChannels * total);
  let base = 0;
  for (const { first, length } of runsOf(work)) {
    for (let channel = 0; channel < outputChannels; channel++) {
      const from = channel * k + first;
      const to = channel * total + base;
      for (let i = 0; i < length; i++) if (weights[from + i] !== 0) counts[to + (i >> 1)]!++;
    }
    base += Math.ceil(length / 2);
  }
  return counts;
}

function holds(counts: Uint8Array, total: number, steps: number): boolean {
  // 31 steps have 62 weights.
  if (2 * steps <= mostWeights) return true;
  for (let row = 0; row < counts.length; row += total) {
    for (let first = 0; first < total; first += steps) {
      const end = row + Math.min(total, first + steps);
      let count = 0;
      for (let i = row + first; i < end; i++) count += counts[i]!;
      if (count > mostWeights) return false;
    }
  }
  return true;
}

/** Parameters, offsets of the steps, blocks of 32 channels: see assembly/ternary/words.ts. */
export function packTernaryWords(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  const { outputChannels, inputZeroPoint } = work;
  const { sums: inputs } = channelsFound(work);
  const headBytes = half * headBytesOf(work.result);
  const steps = stepCount(work, 'words');
  const sums = Math.ceil(steps / wordSumSteps(work));
  const blockBytes = extraHeadBytes + 2 * headBytes + 4 * half * steps;
  const blocks = Math.ceil(outputChannels / channelsOfBlock);
  const begin = blocksAt(work, 'words');
  const packed = new Uint8Array(begin + blocks * blockBytes);
  const view = new DataView(packed.buffer);
  writeParameters(view, work);
  packed.set(new Uint8Array(stepOffsets(work, 'words').buffer), offsetsAt);
  const correction = (channel: number): number =>
    (inputs[2 * channel]! + inputs[2 * channel + 1]!) * (inputCenter - Number(inputZeroPoint));
  const halves = halvesOf(work, blocks);
  for (let block = 0; block < blocks; block++) {
    const at = begin + block * blockBytes;
    const first = firstOf(work, block);
    for (let lane = 0; lane < half; lane++) {
      const head = at + extraHeadBytes;
      const [low, high] = [first + lane, first + half + lane];
      writeHead(view, head, work, half, lane, low, correction(low) - center * sums);
      writeHead(view, head + headBytes, work, half, lane, high, correction(high));
    }
    const [low, high] = [halves[2 * block]!, halves[2 * block + 1]!];
    const to = (at + extraHeadBytes + 2 * headBytes) / 2;
    const words = new Int16Array(packed.buffer, 0, Math.floor(packed.length / 2));
    for (let i = 0; i < low.length; i++) words[to + i] = low[i]! + (high[i]! << shift);
  }
  forgetWeights();
  return packed;
}

/** The last block overlaps the one before it. */
function firstOf({ outputChannels }: ConvU8Work, block: number): number {
  return Math.min(block * channelsOfBlock, outputChannels - channelsOfBlock);
}

/** The steps of 16 channels each, as words of one channel. */
function halvesOf(work: ConvU8Work, blocks: number): Int16Array[] {
  const list = Array.from({ length: 2 * blocks }, (_, i) => ({
    first: firstOf(work, i >> 1) + half * (i & 1),
    width: half,
    channels: half,
  }));
  const parts = packBlocks(work, { dot: 'words', flip: 0 }, 4, list);
  const head = extraHeadBytes + 4 * half;
  const blockBytes = head + 4 * half * stepCount(work, 'words');
  return parts.flatMap((part) =>
    Array.from({ length: part.length / blockBytes }, (_, i) => {
      const own = part.slice(i * blockBytes + head, (i + 1) * blockBytes);
      return new Int16Array(own.buffer);
    }),
  );
}
