import { ConvArgs, SumsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { linesOf, readsBytes } from './convRow.ts';
import { bandHeight, copyBytes, paddedWidth, readsPixels, runsOf } from './convWindows.ts';
import { geometryOf, outputPixels, windowSize } from './geometry.ts';
import { type Addresses, type Dots, type Executed, type Kernel, kernel } from './kernel.ts';
import { resultTypeOf, zeroPointOffset } from './packConv.ts';
import { entryCount, listBytes, packSums, sumsOffsets } from './packSums.ts';
import { sumsLayout, type TupleSize } from './sumsLayout.ts';
import { bestTupleSize, sumsTime, tileWidths } from './ternaryTime.ts';

/** Pixels of a tile, at most. */
const width = 32;
/** Channels of a block, at most: Sums.block of the kernel. */
const blockChannels = 79;
/** Planes that are written beyond those of the window. */
const spareInputs = 32;
/** What a scattered tile of too few pixels takes behind the results. */
const spareBytes = 1280;

/** One number for plus and minus in each channel; bytes, and channels enough to transpose them. */
export function canSum(work: ConvU8Work): boolean {
  const { ternary, result, outputChannels } = work;
  if (ternary === undefined || result.type !== 'u8' || outputChannels < 8) return false;
  if (resultTypeOf(work) > 1) return false;
  return readsBytes(work) && ternary.plus.every((one, i) => one === ternary.minus[i]);
}

function areasOf(work: ConvU8Work, tupleSize: TupleSize) {
  const { tableBytes, chunkCount } = sumsLayout(work, tupleSize);
  const tables = width * (windowSize(work) + spareInputs);
  const sums = tables + tableBytes;
  const totals = sums + 2 * width * blockChannels;
  const results = totals + (chunkCount > 1 ? 4 * width * work.outputChannels : 0);
  const rows = 64 * Math.ceil((results + width * blockChannels + spareBytes) / 64);
  return { planes: 0, tables, sums, totals, results, rows };
}

/** Rows of a band, each pixel a row where windows are pixels. */
function bandOf(work: ConvU8Work): { readonly height: number; readonly width: number } {
  if (readsPixels(work)) return { height: Math.max(1, outputPixels(work)), width: 1 };
  return { height: bandHeight(work, 'bytePairs'), width: work.outputWidth };
}

/** The pixels of each band, which tiles go through one after the other. */
function bandsOf(work: ConvU8Work): { readonly count: number; readonly pixels: number }[] {
  const { height, width } = bandOf(work);
  const isPixels = readsPixels(work);
  const images = isPixels ? 1 : work.batch;
  const rows = isPixels ? outputPixels(work) : work.outputHeight;
  return [
    { count: images * Math.floor(rows / height), pixels: height * width },
    { count: images, pixels: (rows % height) * width },
  ];
}

/** @returns nanoseconds, infinite where the kernel is not for the work */
export function timeOfSums(work: ConvU8Work): number {
  return canSum(work) ? timeOfLists(work) : Number.POSITIVE_INFINITY;
}

export function timeOfLists(work: ConvU8Work, realChannels = 0): number {
  return sumsTime(work, bestTupleSize(work), bandsOf(work), realChannels);
}

/** Additions for one pixel beside those of the lists, for each tuple: ternary/tables.ts. */
const tableAdditions: Readonly<Record<TupleSize, number>> = { 1: 0, 2: 2, 3: 10 };
/** Pixels that a table is made for at a time. */
const tablePixels = 16;

/** What the tiles come to together, each counted by its width. */
function sumOfTiles(work: ConvU8Work, of: (width: number) => number): number {
  return bandsOf(work).reduce(
    (sum, { count, pixels }) =>
      sum + count * tileWidths(pixels).reduce((all, one) => all + of(one), 0),
    0,
  );
}

/** Additions, of all lanes of the tiles, whether pixels or not. Lists are read once for a tile. */
export function executedSums(work: ConvU8Work, tupleSize: TupleSize): Executed {
  const tableLanes = sumOfTiles(work, (lanes) => tablePixels * Math.ceil(lanes / tablePixels));
  const lanes = sumOfTiles(work, (width) => width);
  const tuples = Math.ceil(windowSize(work) / tupleSize);
  const layout = sumsLayout(work, tupleSize);
  const entries = entryCount(work, layout);
  return {
    macs: lanes * entries + tableLanes * tableAdditions[tupleSize] * tuples,
    weightReads: sumOfTiles(work, () => 1) * listBytes(work, layout, entries),
    inputReads: 2 * lanes * entries,
  };
}

export function sumsScratch(work: ConvU8Work, tupleSize: TupleSize): number {
  const copied = readsPixels(work) ? 0 : copyBytes(work, 'bytePairs');
  return areasOf(work, tupleSize).rows + copied;
}

/**
 * The argument block.
 * @param work of as many channels as there are lists
 * @param channels of the output
 * @param mode what becomes of the sums: assembly/ternary/sums.ts
 */
export function bindSums(
  work: ConvU8Work,
  channels: number,
  tupleSize: TupleSize,
  mode: 0 | 1 | 2 | 3,
  at: Addresses,
): Record<keyof typeof ConvArgs | keyof typeof SumsArgs, number> {
  const isPixels = readsPixels(work);
  const layout = sumsLayout(work, tupleSize);
  const { rows, ...areas } = areasOf(work, tupleSize);
  const offsets = sumsOffsets(work);
  return {
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    parameters: at.packed,
    weights: at.packed + offsets.lists,
    scratch: at.scratch + rows,
    inputZeroPoint: at.packed + zeroPointOffset,
    ...geometryOf(work),
    outputChannels: channels,
    // Each pixel counts as a row of its own.
    ...(isPixels && { batch: 1, outputHeight: outputPixels(work), outputWidth: 1 }),
    groups: 1,
    offsets: 0,
    bandHeight: bandOf(work).height,
    isPointwise: isPixels ? 1 : 0,
    isCopied: isPixels ? 0 : 1,
    flip: 0,
    steps: 0,
    resultType: 0,
    headBytes: 0,
    isWide: 0,
    paddedWidth: isPixels ? 1 : paddedWidth(work),
    ...linesOf(work, 'bytePairs', false),
    sumSteps: 0,
    runs: at.packed + offsets.runs,
    runCount: runsOf(work).length,
    heads: at.packed + offsets.heads,
    chunks: layout.chunkCount,
    tupleSize: layout.tupleSize,
    mode,
    lists: work.outputChannels,
    planes: at.scratch + areas.planes,
    tables: at.scratch + areas.tables,
    sums: at.scratch + areas.sums,
    totals: at.scratch + areas.totals,
    results: at.scratch + areas.results,
  };
}

export const tupleNames = { 1: 'inputs', 2: 'pairs of inputs', 3: 'triples of inputs' } as const;

interface SumsRow {
  readonly name: string;
  readonly dots?: Partial<Dots>;
  /** Whether this kernel is the one for work that it can do. */
  readonly pays: (work: ConvU8Work) => boolean;
  /** The same for all shares of a piece of work, whose pixels differ. */
  readonly tupleSize: (work: ConvU8Work) => TupleSize;
}

export function ternarySums({ name, dots, pays, tupleSize: sizeOf }: SumsRow): Kernel<ConvU8Work> {
  return kernel<ConvU8Work, typeof ConvArgs & typeof SumsArgs>(
    { ...ConvArgs, ...SumsArgs },
    {
      name,
      ...(dots && { dots }),
      family: 'convU8',
      fits: (work) => {
        if (!canSum(work) || !pays(work)) return undefined;
        return `ternary: lists of ${tupleNames[sizeOf(work)]} to add`;
      },
      pack: (work) => packSums(work, sumsLayout(work, sizeOf(work))),
      executes: (work) => executedSums(work, sizeOf(work)),
      scratchBytes: (work) => sumsScratch(work, sizeOf(work)),
      bind: (work, at) => {
        const mode = work.ternary!.plus.some((one) => one !== 1) ? 1 : 0;
        return bindSums(work, work.outputChannels, sizeOf(work), mode, at);
      },
    },
  );
}
