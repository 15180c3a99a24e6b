import type { ConvU8Work } from '../graph/work.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';

/** How a kernel takes the rows of a map and multiplies them (assembly/int8/depthwiseColumns.ts). */
export interface Form {
  /** The rows that stand side by side, in that order. */
  readonly order: readonly number[];
  /** What a weight may be at most. */
  readonly range: readonly [low: number, high: number];
  /** Sums of two products must fit 16 bits. */
  readonly isPaired?: boolean;
  /** The dots take the map's bytes as signed ones. */
  readonly isSigned?: boolean;
}

/** Bytes before the units. */
export const parameterBytes = 128;
export const cellBytes = 64;
/** Channels of a block. */
export const lanes = 8;
const headBytes = 64;

/** One dot for eight channels: `weights` [phase][8][rows], at `offset` from an output's first cell. */
interface Entry {
  readonly offset: number;
  readonly weights: Int32Array;
}

export interface Block {
  readonly first: number;
  readonly entries: readonly Entry[];
  /** Done in squares of 2 by 2 pixels. */
  readonly isSquare: boolean;
}

/** Blocks that share their cells: one or two, the second 8 channels after the first. */
export type Unit = readonly Block[];

/**
 * Groups of rows for an output, the output rows that need the same ones (a band), and the groups
 * from one band to the next: where those are whole, bands share the others.
 */
export function grouping({ kernelHeight, strideY, dilationY }: ConvU8Work, { order }: Form) {
  const groups = Math.ceil(kernelHeight / order.length);
  if (dilationY !== 1) return { groups, phases: 1, groupStep: groups };
  const phases = Math.floor((groups * order.length - kernelHeight) / strideY) + 1;
  const step = (phases * strideY) / order.length;
  return { groups, phases, groupStep: Number.isInteger(step) && step < groups ? step : groups };
}

/** Columns that a row of outputs reads. */
export function paddedWidth(work: ConvU8Work): number {
  return (work.outputWidth - 1) * work.strideX + (work.kernelWidth - 1) * work.dilationX + 1;
}

/** First channel and number of blocks of each unit: those at the end overlap those before. */
export function unitsOf(channels: number): { first: number; blocks: number }[] {
  const units: { first: number; blocks: number }[] = [];
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
export function sampleOf(work: ConvU8Work, form: Form): Unit[] {
  const units = unitsOf(work.outputChannels);
  const stride = Math.max(1, Math.floor(units.length / samples));
  return blocksOf(
    work,
    form,
    units.filter((_, i) => i % stride === 0),
  );
}

/** The work in blocks. */
export function blocksOf(
  work: ConvU8Work,
  form: Form,
  units = unitsOf(work.outputChannels),
): Unit[] {
  return units.map(({ first, blocks }) =>
    Array.from({ length: blocks }, (_, i) => {
      const entries = entriesOf(work, form, first + lanes * i);
      const isSquare =
        fitsSquares(work, form) && entries.length === 3 * grouping(work, form).groups;
      return {
        first: first + lanes * i,
        entries,
        isSquare: isSquare && (!form.isPaired || isSummable(entries)),
      };
    }),
  );
}

/** The dots of eight channels from `first` on. */
function entriesOf(work: ConvU8Work, form: Form, first: number): Entry[] {
  const { weights, kernelHeight, kernelWidth, strideY } = work;
  const { order } = form;
  const { groups, phases } = grouping(work, form);
  const width = paddedWidth(work);
  const entries: Entry[] = [];
  const rest: Entry[] = [];
  for (let group = 0; group < groups; group++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const taps = new Int32Array(phases * lanes * order.length);
      let at = 0;
      for (let phase = 0; phase < phases; phase++) {
        const top = group * order.length - phase * strideY;
        for (let lane = 0; lane < lanes; lane++) {
          const channel = first + lane;
          const zeroPoint = zeroPointOf(work, channel);
          for (let i = 0; i < order.length; i++, at++) {
            const ky = top + order[i]!;
            if (ky < 0 || ky >= kernelHeight) continue;
            taps[at] = weights[(channel * kernelHeight + ky) * kernelWidth + kx]! - zeroPoint;
          }
        }
      }
      const offset = (group * width + kx * work.dilationX) * cellBytes;
      let list = entries;
      for (let isLeft = true; isLeft; list = rest) {
        const share = new Int32Array(taps.length);
        isLeft = takeShare(taps, share, form);
        list.push({ offset, weights: share });
      }
    }
  }
  return [...entries, ...rest];
}

/**
 * Takes from the taps what one dot can multiply exactly.
 * @returns whether there is anything left
 */
function takeShare(taps: Int32Array, share: Int32Array, form: Form): boolean {
  const { range, isPaired = false, isSigned = false } = form;
  const [low, high] = range;
  let left = 0;
  for (let i = 0; i < taps.length; i += 2) {
    const a = Math.max(low, Math.min(high, taps[i]!));
    let b = Math.max(low, Math.min(high, taps[i + 1]!));
    // Signed dots may wrap where both products of a pair are (-128) (-128).
    if (isSigned && a === -128 && b === -128) b = -127;
    // 255 * 128 fits 16 bits. Of one sign: what is too much of the second has to wait.
    if (isPaired && a > 0 && b > 0) b = Math.min(b, 128 - a);
    if (isPaired && a < 0 && b < 0) b = Math.max(b, -128 - a);
    share[i] = a;
    share[i + 1] = b;
    taps[i] = taps[i]! - a;
    taps[i + 1] = taps[i + 1]! - b;
    left |= taps[i]! | taps[i + 1]!;
  }
  return left !== 0;
}

/** Whether the kernel can do squares of 2 by 2 pixels, and that pays. */
function fitsSquares(work: ConvU8Work, form: Form): boolean {
  const { groups, phases } = grouping(work, form);
  const { kernelWidth, strideX, dilationX, outputWidth } = work;
  const isPair = groups * form.order.length === 4 && phases === 2;
  const isTriple = kernelWidth === 3 && strideX === 1 && dilationX === 1;
  // An odd width has a column done twice.
  return isPair && isTriple && (outputWidth % 2 === 0 || outputWidth > 4);
}

/** Whether the sums over all entries in each 16-bit lane fit it: 255 * 128 does, -255 * 128 too. */
function isSummable(entries: readonly Entry[]): boolean {
  for (let at = 0; at < entries[0]!.weights.length; at += 2) {
    let low = 0;
    let high = 0;
    for (const { weights } of entries) {
      const a = weights[at]!;
      const b = weights[at + 1]!;
      high += Math.max(a, 0) + Math.max(b, 0);
      low += Math.min(a, 0) + Math.min(b, 0);
    }
    if (low < -128 || high > 128) return false;
  }
  return true;
}

/** Parameters, then the units as assembly/int8/depthwiseColumns.ts reads them. */
export function packDepthwise(work: ConvU8Work, form: Form, units: readonly Unit[]): Uint8Array {
  checkAccumulators(work);
  const { phases } = grouping(work, form);
  let size = parameterBytes;
  for (const unit of units) {
    size += 16;
    for (const { entries } of unit) {
      size += align(8 + 4 * entries.length) + headBytes + 32 * phases * entries.length;
    }
  }
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  const words = new Int16Array(packed.buffer, 0, size >> 1);
  const bytes = new Int8Array(packed.buffer);
  writeParameters(view, work);
  let at = parameterBytes;
  for (const unit of units) {
    view.setUint32(at, unit[0]!.first, true);
    view.setUint32(at + 4, unit.length, true);
    at += 16;
    for (const [i, { first, entries, isSquare }] of unit.entries()) {
      view.setUint32(at, entries.length, true);
      view.setUint32(at + 4, isSquare ? 1 : 0, true);
      for (const [j, { offset }] of entries.entries()) {
        view.setUint32(at + 8 + 4 * j, offset + (cellBytes / 2) * i, true);
      }
      at += align(8 + 4 * entries.length);
      writeHead(view, at, work, form, first);
      at += headBytes;
      const size = lanes * form.order.length;
      const numbers = form.order.length === 2 ? words : bytes;
      for (let phase = 0; phase < phases; phase++) {
        for (const { weights } of entries) {
          const to = at / numbers.BYTES_PER_ELEMENT;
          for (let i = 0; i < size; i++) numbers[to + i] = weights[phase * size + i]!;
          at += 32;
        }
      }
    }
  }
  return packed;
}

/** What the blocks that `packDepthwise` wrote say of themselves. */
export function packedBlocksOf(
  work: ConvU8Work,
  form: Form,
  packed: Uint8Array,
): { entries: number; isSquare: boolean }[] {
  const { phases } = grouping(work, form);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const blocks: { entries: number; isSquare: boolean }[] = [];
  let at = parameterBytes;
  for (const unit of unitsOf(work.outputChannels)) {
    at += 16;
    for (let i = 0; i < unit.blocks; i++) {
      const entries = view.getUint32(at, true);
      blocks.push({ entries, isSquare: view.getUint32(at + 4, true) === 1 });
      at += align(8 + 4 * entries) + headBytes + 32 * phases * entries;
    }
  }
  return blocks;
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

function writeHead(view: DataView, at: number, work: ConvU8Work, form: Form, first: number): void {
  const { weights, bias, result, kernelHeight, kernelWidth } = work;
  if (result.type !== 'u8') return;
  const k = kernelHeight * kernelWidth;
  // As the dots see it.
  const zero = Number(work.inputZeroPoint) - (form.isSigned ? 128 : 0);
  for (let lane = 0; lane < lanes; lane++) {
    const channel = first + lane;
    let sum = 0;
    for (let i = channel * k; i < (channel + 1) * k; i++) {
      sum += weights[i]! - zeroPointOf(work, channel);
    }
    // Beyond 32 bits setInt32 wraps, as the sums in the kernel do.
    view.setInt32(at + 4 * lane, bias[channel]! - zero * sum, true);
    view.setFloat32(at + 32 + 4 * lane, result.scale[channel]!, true);
  }
}

/**
 * Whether adding the magic number rounds exactly: |acc * scale| < 2^22 whatever the input, so that
 * the sum stays between 2^23 and 2^24, where floats are the integers. The 1 left over is more than
 * what float32(acc) and the product can round up.
 */
export function isRoundable(work: ConvU8Work): boolean {
  const { weights, bias, result, inputZeroPoint } = work;
  if (result.type !== 'u8' || inputZeroPoint === 'operand') return false;
  const furthest = Math.max(inputZeroPoint, 255 - inputZeroPoint);
  const k = work.kernelHeight * work.kernelWidth;
  for (let channel = 0; channel < work.outputChannels; channel++) {
    let bound = Math.abs(bias[channel]!);
    for (let i = channel * k; i < (channel + 1) * k; i++) {
      bound += furthest * Math.abs(weights[i]! - zeroPointOf(work, channel));
    }
    if (!(bound * Math.abs(result.scale[channel]!) < 2 ** 22 - 1)) return false;
  }
  return true;
}

function zeroPointOf({ weightZeroPoint }: ConvU8Work, channel: number): number {
  return weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
}

function align(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}
