import { ConvArgs, SumsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { linesOf, readsBytes } from './convRow.ts';
import { bandHeight, copyBytes, paddedWidth, readsPixels, runsOf } from './convWindows.ts';
import { geometryOf, outputPixels, windowSize } from './geometry.ts';
import { type Dots, type Executed, type Kernel, kernel } from './kernel.ts';
import { resultTypeOf, zeroPointOffset } from './packConv.ts';
import { entryCount, listBytes, packSums, sumsOffsets } from './packSums.ts';
import { sumsLayout, type TupleSize } from './sumsLayout.ts';
import { bestTupleSize, sumsTime, tileWidths } from './ternaryTime.ts';

/** Pixels of a tile, at most. */
const width = 32;
/** Channels of a block, at most: Sums.block of the kernel. */
const blockChannels = 71;
/** Planes that are written beyond those of the window. */
const spareInputs = 32;
/** What a scattered tile of too few pixels takes behind the results. */
const spareBytes = 128;

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

/** Lines of the tiles: rows of the map or columns, whichever has the fewer tiles. */
function linesOfTiles(work: ConvU8Work) {
  const { batch, outputHeight, outputWidth } = work;
  if (readsPixels(work)) return { isUpright: true, count: 1, pixels: outputPixels(work) };
  const height = Math.min(outputHeight, bandHeight(work, 'bytePairs'));
  const bands = Math.ceil(outputHeight / height);
  const columns = { isUpright: true, count: batch * bands * outputWidth, pixels: height };
  const rows = { isUpright: false, count: batch * outputHeight, pixels: outputWidth };
  return sumsTime(work, 1, columns) < sumsTime(work, 1, rows) ? columns : rows;
}

/** @returns nanoseconds, infinite where the kernel is not for the work */
export function timeOfSums(work: ConvU8Work): number {
  if (!canSum(work)) return Number.POSITIVE_INFINITY;
  return sumsTime(work, bestTupleSize(work), linesOfTiles(work));
}

/** Additions for one pixel beside those of the lists, for each tuple: ternary/tables.ts. */
const tableAdditions: Readonly<Record<TupleSize, number>> = { 1: 0, 2: 2, 3: 10 };
/** Pixels that a table is made for at a time. */
const tablePixels = 16;

/** Additions, of all lanes of the tiles, whether pixels or not. Lists are read once for a tile. */
function executed(work: ConvU8Work, tupleSize: TupleSize): Executed {
  const { count, pixels } = linesOfTiles(work);
  const widths = tileWidths(pixels);
  const lanes = count * widths.reduce((sum, one) => sum + one, 0);
  const tableLanes = count * widths.reduce((sum, one) => sum + Math.max(one, tablePixels), 0);
  const tuples = Math.ceil(windowSize(work) / tupleSize);
  const layout = sumsLayout(work, tupleSize);
  const entries = entryCount(work, layout);
  return {
    macs: lanes * entries + tableLanes * tableAdditions[tupleSize] * tuples,
    weightReads: count * widths.length * listBytes(work, layout, entries),
    inputReads: 2 * lanes * entries,
  };
}

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
        const inputs = { 1: 'inputs', 2: 'pairs of inputs', 3: 'triples of inputs' };
        return `ternary: lists of ${inputs[sizeOf(work)]} to add`;
      },
      pack: (work) => packSums(work, sumsLayout(work, sizeOf(work))),
      executes: (work) => executed(work, sizeOf(work)),
      scratchBytes: (work) =>
        areasOf(work, sizeOf(work)).rows + (readsPixels(work) ? 0 : copyBytes(work, 'bytePairs')),
      bind: (work, at) => {
        const isPixels = readsPixels(work);
        const layout = sumsLayout(work, sizeOf(work));
        const { rows, ...areas } = areasOf(work, sizeOf(work));
        const offsets = sumsOffsets(work);
        return {
          input: at.inputs[0]!,
          output: at.outputs[0]!,
          parameters: at.packed,
          weights: at.packed + offsets.lists,
          scratch: at.scratch + rows,
          inputZeroPoint: at.packed + zeroPointOffset,
          ...geometryOf(work),
          // Each pixel counts as a row of its own.
          ...(isPixels && { batch: 1, outputHeight: outputPixels(work), outputWidth: 1 }),
          groups: 1,
          offsets: 0,
          bandHeight: isPixels ? Math.max(1, outputPixels(work)) : bandHeight(work, 'bytePairs'),
          isPointwise: isPixels ? 1 : 0,
          isCopied: isPixels ? 0 : 1,
          flip: 0,
          steps: 0,
          resultType: resultTypeOf(work),
          headBytes: 0,
          isWide: 0,
          paddedWidth: isPixels ? 1 : paddedWidth(work),
          ...linesOf(work, 'bytePairs', linesOfTiles(work).isUpright),
          sumSteps: 0,
          runs: at.packed + offsets.runs,
          runCount: runsOf(work).length,
          heads: at.packed + offsets.heads,
          chunks: layout.chunkCount,
          tupleSize: layout.tupleSize,
          isScaled: work.ternary!.plus.some((one) => one !== 1) ? 1 : 0,
          planes: at.scratch + areas.planes,
          tables: at.scratch + areas.tables,
          sums: at.scratch + areas.sums,
          totals: at.scratch + areas.totals,
          results: at.scratch + areas.results,
        };
      },
    },
  );
}
