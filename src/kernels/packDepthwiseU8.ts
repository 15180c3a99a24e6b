import { PackDepthwiseArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { channelsFound, channelsOf } from './channels.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';
import { callPacker, forgetWeights } from './packer.ts';

/** How a kernel takes the rows of a map and multiplies them (assembly/int8/depthwiseColumns.ts). */
export interface Form {
  /** How many stand side by side. */
  readonly rows: 2 | 4;
  /** How its dots sum: two words, pairs of bytes in 16 bits, or four bytes. */
  readonly dot: 'words' | 'pairs' | 'quads';
  /** The dots take the map's bytes as signed ones. */
  readonly isSigned?: boolean;
}

/** As assembly/pack/split.ts numbers them. */
const dotNumbers: Readonly<Record<Form['dot'], number>> = {
  words: 0,
  pairs: 1,
  quads: 2,
};

/** Bytes before the units. */
export const parameterBytes = 128;
export const cellBytes = 64;
/** Channels of a block. */
export const lanes = 8;
const headBytes = 64;
/** One dot of a block, for one of the phases. */
const dotBytes = 32;

/** Blocks that share their cells: one or two, the second 8 channels after the first. */
export interface Unit {
  readonly first: number;
  readonly blocks: number;
}

/**
 * Groups of rows for an output, the output rows that need the same ones (a band), and the groups
 * from one band to the next: where those are whole, bands share the others.
 */
export function grouping({ kernelHeight, strideY, dilationY }: ConvU8Work, { rows }: Form) {
  const groups = Math.ceil(kernelHeight / rows);
  if (dilationY !== 1) return { groups, phases: 1, groupStep: groups };
  const phases = Math.floor((groups * rows - kernelHeight) / strideY) + 1;
  const step = (phases * strideY) / rows;
  return { groups, phases, groupStep: Number.isInteger(step) && step < groups ? step : groups };
}

/** Columns that a row of outputs reads. */
export function paddedWidth(work: ConvU8Work): number {
  return (work.outputWidth - 1) * work.strideX + (work.kernelWidth - 1) * work.dilationX + 1;
}

/** First channel and number of blocks of each unit: those at the end overlap those before. */
export function unitsOf(channels: number): Unit[] {
  const units: Unit[] = [];
  let first = 0;
  for (; first + 16 <= channels; first += 16) units.push({ first, blocks: 2 });
  const left = channels - first;
  if (left > 8 && channels >= 16) return [...units, { first: channels - 16, blocks: 2 }];
  if (left > 8) units.push({ first: 0, blocks: 1 });
  if (left > 0) units.push({ first: channels - 8, blocks: 1 });
  return units;
}

/** How many units stand for all where a kernel is chosen. */
const samples = 4;

/** A few of the work's units. */
export function sampleOf(work: ConvU8Work): Unit[] {
  const units = unitsOf(work.outputChannels);
  const stride = Math.max(1, Math.floor(units.length / samples));
  return units.filter((_, i) => i % stride === 0);
}

/** Whether a tile for three columns can do it: squares of 2 by 2 pixels, or 3x3 at stride 2. */
export function fitsSquares(work: ConvU8Work, form: Form): boolean {
  const { groups, phases } = grouping(work, form);
  const { kernelWidth, strideX, dilationX, outputWidth } = work;
  if (kernelWidth !== 3 || dilationX !== 1 || groups * form.rows !== 4) return false;
  if (strideX === 2 && work.kernelHeight === 3 && work.strideY === 2 && work.dilationY === 1) {
    return work.padLeft <= 1 && form.dot !== 'quads';
  }
  return phases === 2 && strideX === 1 && outputWidth > 1;
}

/** Parameters, then the units as assembly/int8/depthwiseColumns.ts reads them. */
export function packDepthwise(work: ConvU8Work, form: Form): Uint8Array {
  checkAccumulators(work);
  const units = packUnits(work, form, unitsOf(work.outputChannels));
  const packed = new Uint8Array(parameterBytes + units.length);
  writeParameters(new DataView(packed.buffer), work);
  packed.set(units, parameterBytes);
  forgetWeights();
  return packed;
}

/** @returns a view, until something else is packed */
function packUnits(work: ConvU8Work, form: Form, units: readonly Unit[]): Uint8Array {
  const { groups, phases } = grouping(work, form);
  const columns = groups * work.kernelWidth;
  // Bytes hold 128 of the 510 of a pair at a time.
  const mostDots = (form.dot === 'words' ? 1 : 5) * columns;
  const blockBytes = align(8 + 4 * mostDots) + headBytes + dotBytes * phases * mostDots;
  const packed = callPacker(
    'pack_depthwise',
    PackDepthwiseArgs,
    channelsOf(work, 0, work.outputChannels),
    {
      headFields: 2,
      // As the dots see it.
      correction: (form.isSigned ? 128 : 0) - Number(work.inputZeroPoint),
      ...{ kernelHeight: work.kernelHeight, kernelWidth: work.kernelWidth, strideY: work.strideY },
      ...{ rows: form.rows, dot: dotNumbers[form.dot], groups, phases },
      groupBytes: paddedWidth(work) * cellBytes,
      columnBytes: work.dilationX * cellBytes,
      fitsSquares: fitsSquares(work, form) ? 1 : 0,
      unitCount: units.length,
    },
    {
      units: Int32Array.from(units.flatMap(({ first, blocks }) => [first, blocks])),
      taps: 2 * lanes * form.rows * phases,
      dots: dotBytes * phases * mostDots,
      offsets: 4 * mostDots,
      output: units.length * (16 + 2 * blockBytes),
    },
  );
  return packed.until('output');
}

/** What a block of 8 channels is made of. */
export interface BlockFacts {
  readonly dots: number;
  /** Done by a tile for three columns. */
  readonly isSquare: boolean;
}

/** The blocks of some units, packed only to be looked at. */
export function factsOf(work: ConvU8Work, form: Form, units: readonly Unit[]): BlockFacts[] {
  return readFacts(work, form, units, packUnits(work, form, units)).flat();
}

/** The blocks of each unit in what `packDepthwise` gave. */
export function packedFactsOf(work: ConvU8Work, form: Form, packed: Uint8Array): BlockFacts[][] {
  return readFacts(work, form, unitsOf(work.outputChannels), packed.subarray(parameterBytes));
}

function readFacts(
  work: ConvU8Work,
  form: Form,
  units: readonly Unit[],
  packed: Uint8Array,
): BlockFacts[][] {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const { phases } = grouping(work, form);
  let at = 0;
  return units.map(({ blocks }) => {
    at += 16;
    return Array.from({ length: blocks }, () => {
      const dots = view.getUint32(at, true);
      const isSquare = view.getUint32(at + 4, true) !== 0;
      at += align(8 + 4 * dots) + headBytes + dotBytes * phases * dots;
      return { dots, isSquare };
    });
  });
}

function writeParameters(view: DataView, { result, inputZeroPoint }: ConvU8Work): void {
  if (result.type !== 'u8') return;
  for (let i = 0; i < 4; i++) {
    view.setFloat32(4 * i, roundMagic, true);
    view.setInt32(16 + 4 * i, roundMagicBits - result.zeroPoint, true);
  }
  for (let i = 0; i < 16; i++) {
    view.setUint8(32 + i, result.min);
    view.setUint8(48 + i, result.max);
    view.setUint8(64 + i, Number(inputZeroPoint));
  }
  for (let i = 0; i < 8; i++) view.setInt16(96 + 2 * i, 1, true);
}

/**
 * Whether adding the magic number rounds exactly: |acc * scale| < 2^22 whatever the input, so that
 * the sum stays between 2^23 and 2^24, where floats are the integers. The 1 left over is more than
 * what float32(acc) and the product can round up.
 */
export function isRoundable(work: ConvU8Work): boolean {
  const { result, inputZeroPoint } = work;
  if (result.type !== 'u8' || inputZeroPoint === 'operand') return false;
  return channelsFound(work).scaled < 2 ** 22 - 1;
}

function align(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}
