import { DepthwiseCellsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';

/** Cells should fit into L1 beside the maps. */
const cellBudget = 16 * 1024;
const cellBytes = 64;
const parameterBytes = 128;
/** Channels of a block of weights. */
const lanes = 8;

/** How a kernel takes the rows of a map and multiplies them. */
interface Form {
  /** The rows that stand side by side, in that order. */
  readonly order: readonly number[];
  /** What a weight may be at most. */
  readonly range: readonly [low: number, high: number];
  /** Sums of two products must fit 16 bits. */
  readonly isPaired?: boolean;
  /** The dots take the map's bytes as signed ones. */
  readonly isSigned?: boolean;
}

const words: Form = { order: [0, 1], range: [-32768, 32767] };
const bytes: Form = { order: [0, 2, 1, 3], range: [-128, 127] };

/** Groups of rows for an output, and the output rows that need the same ones. */
function grouping({ kernelHeight, strideY, dilationY }: ConvU8Work, { order }: Form) {
  const groups = Math.ceil(kernelHeight / order.length);
  const spare = groups * order.length - kernelHeight;
  return { groups, phases: dilationY === 1 ? Math.floor(spare / strideY) + 1 : 1 };
}

function paddedWidth(work: ConvU8Work): number {
  return (work.outputWidth - 1) * work.strideX + (work.kernelWidth - 1) * work.dilationX + 1;
}

function bandsOf(work: ConvU8Work, form: Form): number {
  const { groups, phases } = grouping(work, form);
  const fitting = Math.floor(cellBudget / (groups * paddedWidth(work) * cellBytes));
  return Math.max(1, Math.min(fitting, Math.ceil(work.outputHeight / phases)));
}

/** First channel and number of blocks of eight: blocks at the end overlap those before. */
function unitsOf(channels: number): { first: number; blocks: number }[] {
  const units: { first: number; blocks: number }[] = [];
  let first = 0;
  for (; first + 16 <= channels; first += 16) units.push({ first, blocks: 2 });
  const left = channels - first;
  if (left > 8 && channels >= 16) units.push({ first: channels - 16, blocks: 2 });
  else {
    if (left > 8) units.push({ first, blocks: 1 });
    if (left > 0) units.push({ first: channels - 8, blocks: 1 });
  }
  return units;
}

/** One dot for eight channels: `weights` [8][rows], at `offset` from an output's first cell. */
interface Entry {
  readonly offset: number;
  readonly weights: Int32Array;
}

/** The dots of eight channels from `first` on, for the output row `phase` of those that share cells. */
function entriesOf(work: ConvU8Work, form: Form, first: number, phase: number): Entry[] {
  const { weights, weightZeroPoint, kernelHeight, kernelWidth, strideY } = work;
  const { order } = form;
  const rows = order.length;
  const { groups } = grouping(work, form);
  const entries: Entry[] = [];
  for (let group = 0; group < groups; group++) {
    for (let kx = 0; kx < kernelWidth; kx++) {
      const taps = new Int32Array(lanes * rows);
      for (let lane = 0; lane < lanes; lane++) {
        const channel = first + lane;
        const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
        for (const [i, row] of order.entries()) {
          const ky = group * rows + row - phase * strideY;
          if (ky < 0 || ky >= kernelHeight) continue;
          const weight = weights[(channel * kernelHeight + ky) * kernelWidth + kx]!;
          taps[lane * rows + i] = weight - zeroPoint;
        }
      }
      const offset = (group * paddedWidth(work) + kx * work.dilationX) * cellBytes;
      while (taps.some((weight) => weight !== 0))
        entries.push({ offset, weights: takeShare(taps, form) });
    }
  }
  return entries;
}

/** Takes from the taps what one dot can multiply exactly. */
function takeShare(taps: Int32Array, { range: [low, high], isPaired = false }: Form): Int32Array {
  const share = taps.map((weight) => Math.max(low, Math.min(high, weight)));
  if (isPaired)
    for (let i = 0; i < share.length; i += 2) {
      const [a, b] = [share[i]!, share[i + 1]!];
      // 255 * 128 fits 16 bits. Of one sign: the second has to wait for what is too much.
      if (a > 0 && b > 0) share[i + 1] = Math.min(b, 128 - a);
      if (a < 0 && b < 0) share[i + 1] = Math.max(b, -128 - a);
    }
  for (const [i, weight] of share.entries()) taps[i]! -= weight;
  return share;
}

function align(bytes: number): number {
  return 16 * Math.ceil(bytes / 16);
}

function writeParameters(view: DataView, work: ConvU8Work, form: Form): void {
  const { result } = work;
  if (result.type !== 'u8') throw new TypeError('results of bytes only');
  for (let i = 0; i < 4; i++) {
    view.setFloat32(4 * i, roundMagic, true);
    view.setInt32(16 + 4 * i, roundMagicBits - result.zeroPoint, true);
  }
  for (let i = 0; i < 16; i++) {
    view.setUint8(32 + i, result.min);
    view.setUint8(48 + i, result.max);
    view.setUint8(64 + i, Number(work.inputZeroPoint));
    view.setUint8(80 + i, form.isSigned ? 128 : 0);
  }
  for (let i = 0; i < 8; i++) view.setInt16(96 + 2 * i, 1, true);
}

function pack(work: ConvU8Work, form: Form): Uint8Array {
  checkAccumulators(work);
  const { phases } = grouping(work, form);
  const units = unitsOf(work.outputChannels).map(({ first, blocks }) => ({
    first,
    blocks: Array.from({ length: blocks }, (_, block) =>
      Array.from({ length: phases }, (_, phase) =>
        entriesOf(work, form, first + lanes * block, phase),
      ),
    ),
  }));
  let size = parameterBytes;
  for (const { blocks } of units) {
    size += 16;
    for (const block of blocks) {
      size += 64;
      for (const entries of block) size += align(4 + 4 * entries.length) + 32 * entries.length;
    }
  }
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  writeParameters(view, work, form);
  let at = parameterBytes;
  for (const { first, blocks } of units) {
    view.setUint32(at, first, true);
    view.setUint32(at + 4, blocks.length, true);
    at += 16;
    for (const [i, block] of blocks.entries()) {
      writeHead(view, at, work, form, first + lanes * i);
      at += 64;
      for (const entries of block) {
        view.setUint32(at, entries.length, true);
        entries.forEach(({ offset }, j) => {
          view.setUint32(at + 4 + 4 * j, offset + 32 * i, true);
        });
        at += align(4 + 4 * entries.length);
        for (const { weights } of entries) {
          for (const weight of weights) {
            if (form.order.length === 2) view.setInt16(at, weight, true);
            else view.setInt8(at, weight);
            at += form.order.length === 2 ? 2 : 1;
          }
        }
      }
    }
  }
  return packed;
}

function writeHead(view: DataView, at: number, work: ConvU8Work, form: Form, first: number): void {
  const { weights, weightZeroPoint, bias, result, kernelHeight, kernelWidth } = work;
  if (result.type !== 'u8') throw new TypeError('results of bytes only');
  const k = kernelHeight * kernelWidth;
  for (let lane = 0; lane < lanes; lane++) {
    const channel = first + lane;
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    let sum = 0;
    for (let i = channel * k; i < (channel + 1) * k; i++) sum += weights[i]! - zeroPoint;
    const zero = Number(work.inputZeroPoint) - (form.isSigned ? 128 : 0);
    view.setInt32(at + 4 * lane, bias[channel]! - zero * sum, true);
    view.setFloat32(at + 32 + 4 * lane, result.scale[channel]!, true);
  }
}

/** Whether rounding by the magic number alone is exact: |acc * scale| < 2^22 whatever the input. */
function isRoundable(work: ConvU8Work): boolean {
  const { weights, weightZeroPoint, bias, result, inputZeroPoint } = work;
  if (result.type !== 'u8' || inputZeroPoint === 'operand') return false;
  const furthest = Math.max(inputZeroPoint, 255 - inputZeroPoint);
  const k = work.kernelHeight * work.kernelWidth;
  for (let channel = 0; channel < work.outputChannels; channel++) {
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    let bound = Math.abs(bias[channel]!);
    for (let i = channel * k; i < (channel + 1) * k; i++)
      bound += furthest * Math.abs(weights[i]! - zeroPoint);
    if (!(bound * Math.abs(result.scale[channel]!) < 2 ** 22 - 1)) return false;
  }
  return true;
}

function depthwiseColumnsOf(
  name: string,
  form: Form,
  dots?: { quads?: 'unsigned' | 'signed'; pairs?: 'unsigned' },
) {
  return kernel<ConvU8Work, typeof DepthwiseCellsArgs>(DepthwiseCellsArgs, {
    name,
    family: 'convU8',
    ...(dots === undefined ? {} : { dots }),
    fits: (work) =>
      work.groups === work.inputChannels &&
      work.groups === work.outputChannels &&
      work.groups >= lanes &&
      isRoundable(work)
        ? 'one channel a group: dots down the columns of the kernel'
        : undefined,
    pack: (work) => pack(work, form),
    scratchBytes: (work) => {
      const { groups, phases } = grouping(work, form);
      const bands = bandsOf(work, form);
      const cells = bands * groups * paddedWidth(work) * cellBytes;
      return cells + bands * phases * work.outputWidth * 8;
    },
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      weights: at.packed + parameterBytes,
      scratch: at.scratch,
      batch: work.batch,
      inputHeight: work.inputHeight,
      inputWidth: work.inputWidth,
      channels: work.outputChannels,
      outputHeight: work.outputHeight,
      outputWidth: work.outputWidth,
      strideY: work.strideY,
      strideX: work.strideX,
      dilationY: work.dilationY,
      padTop: work.padTop,
      padLeft: work.padLeft,
      ...grouping(work, form),
      bands: bandsOf(work, form),
      paddedWidth: paddedWidth(work),
      units: unitsOf(work.outputChannels).length,
    }),
  });
}

/** The preferred one first. */
export const depthwiseColumnsU8 = [
  depthwiseColumnsOf('depthwise_u8u8_4x8r4', bytes, { quads: 'unsigned' }),
  depthwiseColumnsOf('depthwise_u8u8_4x8r4s', { ...bytes, isSigned: true }, { quads: 'signed' }),
  depthwiseColumnsOf('depthwise_u8u8_4x8r4p', { ...bytes, isPaired: true }, { pairs: 'unsigned' }),
  depthwiseColumnsOf('depthwise_u8u8_4x8r2', words),
];
