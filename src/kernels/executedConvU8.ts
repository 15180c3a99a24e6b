import type { ConvU8Work } from '../graph/work.ts';
import {
  bandHeight,
  type ConvDot,
  elementsPerStep,
  readsPixels,
  stepCount,
} from './convWindows.ts';
import { outputPixels } from './geometry.ts';
import type { Executed } from './kernel.ts';
import { blocksAt, blocksOf, headBytesOf, type PackShape, resultTypeOf } from './packConv.ts';

/** Bytes of weights of a channel in a step, and of the input that meets it. */
const stepBytes = 4;
/** Of `resultTypeOf`: large accumulators, done a pixel at a time; the types above have 4 bytes. */
const large = 2;

/**
 * What the loops of assembly/int8/conv.ts and its tiles do. The last tile of a line overlaps the one
 * before, so does the last block of channels; weights that bytes cannot hold take extra steps, and masked
 * steps read their masks too.
 */
export function executedConvU8(
  work: ConvU8Work,
  shape: PackShape,
  isUpright: boolean,
  packed: Uint8Array,
): Executed {
  const { dot } = shape;
  const lines = linesOf(work, shape, isUpright);
  let macs = 0;
  let weightReads = 0;
  let inputReads = 0;
  for (const blocks of readBlocks(work, shape, packed)) {
    const followers = findFollowers(work, dot, blocks);
    for (const block of blocks) {
      const { width, steps, masked } = block;
      for (const { count, pixels } of lines) {
        const { tiles, computed } = tilesOf(work, dot, width, pixels);
        macs += count * computed * steps * width * elementsPerStep(dot);
        weightReads += count * tiles * (steps + masked) * width * stepBytes;
        if (pixels > 5 || !followers.has(block)) inputReads += count * computed * steps * stepBytes;
      }
    }
  }
  return { macs, weightReads, inputReads };
}

/** The steps of all blocks, by how assembly/int8/convMixed.ts does them. */
export function stepKindsOf(work: ConvU8Work, shape: PackShape, packed: Uint8Array) {
  const kinds = { twoPairs: 0, pairs: 0, maskedPairs: 0 };
  for (const { width, steps, twos, masked } of readBlocks(work, shape, packed).flat()) {
    // Tiles of 8 channels do them one by one.
    const inTwos = width === 16 ? twos : 0;
    kinds.twoPairs += width * inTwos;
    kinds.pairs += width * (steps - masked - inTwos);
    kinds.maskedPairs += width * masked;
  }
  return kinds;
}

interface PackedBlock {
  readonly width: number;
  readonly steps: number;
  readonly twos: number;
  readonly masked: number;
}

/** The blocks of each group, as assembly/pack/blocks.ts left them. */
function readBlocks(work: ConvU8Work, { dot, isWide }: PackShape, packed: Uint8Array) {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const whole = stepCount(work, dot);
  let at = blocksAt(work, dot);
  return Array.from({ length: work.groups }, () =>
    blocksOf(work.outputChannels / work.groups, isWide).map(({ width }): PackedBlock => {
      const extraBytes = view.getInt32(at, true);
      const isSorted = dot === 'bytePairs';
      const [twos = 0, plain = 0, end = 0] = isSorted
        ? [4, 8, 12].map((field) => view.getInt32(at + field, true))
        : [];
      const steps = isSorted ? end : whole + extraBytes / (16 + stepBytes * width);
      at += 16 + (headBytesOf(work.result) + stepBytes * whole) * width + extraBytes;
      return { width, steps, twos, masked: end - plain };
    }),
  );
}

/** Blocks of exact dots that few pixels meet together with the one before: four at a time, if whole. */
function findFollowers(
  work: ConvU8Work,
  dot: ConvDot,
  blocks: readonly PackedBlock[],
): ReadonlySet<PackedBlock> {
  const followers = new Set<PackedBlock>();
  if (dot !== 'byteQuads') return followers;
  const whole = stepCount(work, dot);
  for (let i = 0; 8 * (i + 4) <= work.outputChannels / work.groups; ) {
    const [first, ...others] = blocks.slice(i, i + 4);
    const areWhole = [first!, ...others].every(({ steps }) => steps === whole);
    if (areWhole) for (const block of others) followers.add(block);
    i += areWhole ? 4 : 1;
  }
  return followers;
}

/**
 * The same of ternary weights: all blocks are of one width, a pixel alone is done twice, except where
 * one takes two blocks (assembly/ternary/bytes.ts) or has a loop of its own (words.ts).
 */
export function executedTernary(work: ConvU8Work, dot: ConvDot, isUpright: boolean): Executed {
  const isShared = dot === 'words';
  const steps = stepCount(work, dot);
  const shape = { dot, isWide: 'always', flip: 0 } as const;
  let macs = 0;
  let weightReads = 0;
  let inputReads = 0;
  for (const { count, pixels } of linesOf(work, shape, isUpright)) {
    for (let left = work.outputChannels; left > 0; ) {
      const isPair = isShared || (pixels === 1 && left >= 32);
      const tiles = Math.ceil(pixels / 2);
      const computed = pixels === 1 && isPair ? 1 : 2 * tiles;
      // A product of words serves two channels.
      const products = isPair && !isShared ? 32 : 16;
      macs += count * computed * steps * products * elementsPerStep(dot);
      weightReads += count * tiles * steps * products * stepBytes;
      inputReads += count * computed * steps * stepBytes;
      left -= isPair ? 32 : 16;
    }
  }
  return { macs, weightReads, inputReads };
}

/** The lines that tiles go along: so many of so many pixels. */
function linesOf(work: ConvU8Work, { dot }: PackShape, isUpright: boolean) {
  const isPixels = readsPixels(work);
  const rows = isPixels ? outputPixels(work) : work.outputHeight;
  const width = isPixels ? 1 : work.outputWidth;
  const images = isPixels ? 1 : work.batch;
  const most = bandHeight(work, dot);
  const lines: { count: number; pixels: number }[] = [];
  for (let y = 0; y < rows; y += most) {
    const height = Math.min(most, rows - y);
    const [count, pixels] = isUpright ? [width, height] : [height, width];
    lines.push({ count: images * count, pixels });
  }
  return lines;
}

/** How many tiles a line takes, and the pixels that they compute. */
function tilesOf(work: ConvU8Work, dot: PackShape['dot'], width: number, pixels: number) {
  const type = resultTypeOf(work);
  const isWhole = work.outputChannels / work.groups >= width;
  const isTiled = width === 16 ? type !== large : type < large && isWhole;
  const size = width === 16 ? 2 : dot === 'byteQuads' ? 6 : 4;
  // Else a pixel at a time.
  if (!isTiled || pixels < size) return { tiles: pixels, computed: pixels };
  const tiles = Math.ceil(pixels / size);
  return { tiles, computed: tiles * size };
}
