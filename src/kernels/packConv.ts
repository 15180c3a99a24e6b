import type { ConvResult, ConvU8Work } from '../graph/work.ts';
import { type ConvDot, stepCount, stepOffsets } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';
import { WeightRow } from './weightRow.ts';

/** Bytes before the blocks, as assembly/int8/convResult.ts reads them. */
export const parameterBytes = 128;
export const zeroPointOffset = 16;
/** Bytes of a block before its head. */
const extraHeadBytes = 16;

/** How a kernel wants its weights. */
export interface PackShape {
  readonly dot: ConvDot;
  /** Blocks of 16 channels where there are as many, else all of 8. */
  readonly isWide: boolean;
  /** What the copied bytes are xored with: 128 where the dots take them as signed, else 0. */
  readonly flip: 0 | 128;
}

/** What the kernel does with an accumulator: the numbers of assembly/int8/convResult.ts. */
export function resultTypeOf(work: ConvU8Work): number {
  const { result } = work;
  if (result.type !== 'u8') return result.type === 'i32' ? 3 : 4;
  if (!staysSmall(work)) return 2;
  return result.min > 0 || result.max < 255 ? 1 : 0;
}

export function headBytesOf({ type }: ConvResult): number {
  return { i32: 4, u8: 8, f32: 12 }[type];
}

/** The first channel and the width of each block of a group of n channels. */
export function blocksOf(n: number, isWide: boolean): { first: number; width: 8 | 16 }[] {
  const blocks: { first: number; width: 8 | 16 }[] = [];
  for (let channel = 0; channel < n; ) {
    const width = isWide && n >= 16 && n - channel > 8 ? 16 : 8;
    blocks.push({ first: Math.max(0, Math.min(channel, n - width)), width });
    channel += width;
  }
  return blocks;
}

/** Whether for any input |accumulator * scale| stays below 2^22. */
function staysSmall(work: ConvU8Work): boolean {
  const { weights, weightZeroPoint, bias, result } = work;
  if (result.type !== 'u8') return false;
  const k = windowSize(work);
  for (let channel = 0; channel < work.outputChannels; channel++) {
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    let sum = 0;
    for (let i = channel * k; i < (channel + 1) * k; i++) sum += Math.abs(weights[i]! - zeroPoint);
    const most = 255 * sum + Math.abs(bias[channel]!);
    if (!(most < 2 ** 31 && most * Math.abs(result.scale[channel]!) < 2 ** 22 - 1)) return false;
  }
  return true;
}

/** Where the offsets stand in what `packConv` gives. */
export function offsetsAt(work: ConvU8Work, shape: PackShape): number {
  const { groups, outputChannels } = work;
  const steps = stepCount(work, shape.dot);
  let bytes = 0;
  for (const { first, width } of blocksOf(outputChannels / groups, shape.isWide)) {
    const extra = longest(extrasOfBlock(work, shape.dot, first, width)) * (16 + 4 * width);
    bytes += extraHeadBytes + width * (headBytesOf(work.result) + 4 * steps) + extra;
  }
  return parameterBytes + groups * bytes;
}

/** Parameters, the blocks of each group, the offsets of the steps; see assembly/int8/conv.ts. */
export function packConv(work: ConvU8Work, shape: PackShape): Uint8Array {
  checkAccumulators(work);
  const { groups, result } = work;
  const { dot, isWide, flip } = shape;
  const n = work.outputChannels / groups;
  const offsets = stepOffsets(work, dot);
  const headBytes = headBytesOf(result);
  const end = offsetsAt(work, shape);
  const packed = new Uint8Array(end + 4 * offsets.length);
  const view = new DataView(packed.buffer);
  const words = new Int16Array(packed.buffer);
  const bytes = new Int8Array(packed.buffer);
  const row = new WeightRow(work, dot);
  writeParameters(view, work);
  let at = parameterBytes;
  for (let group = 0; group < groups; group++) {
    for (const { first, width } of blocksOf(n, isWide)) {
      const head = at + extraHeadBytes;
      const to = head + width * headBytes;
      for (let lane = 0; lane < Math.min(width, n); lane++) {
        const channel = group * n + first + lane;
        row.read(channel);
        const sum = row.split();
        if (dot === 'words') {
          const { values } = row;
          let word = (to + 4 * lane) / 2;
          for (let i = 0; i < values.length; i += 2, word += 2 * width) {
            words[word] = values[i]!;
            words[word + 1] = values[i + 1]!;
          }
        } else {
          const { parts } = row;
          let byte = to + 4 * lane;
          for (let i = 0; i < parts.length; i += 4, byte += 4 * width) {
            bytes[byte] = parts[i]!;
            bytes[byte + 1] = parts[i + 1]!;
            bytes[byte + 2] = parts[i + 2]!;
            bytes[byte + 3] = parts[i + 3]!;
          }
        }
        // Words are less the zero point already.
        const zero = dot === 'words' ? 0 : Number(work.inputZeroPoint);
        writeHead(view, head, work, width, lane, channel, sum * (flip - zero));
      }
      const blockEnd = to + 4 * width * offsets.length;
      const fours = extrasOfBlock(work, dot, first, width);
      const extraCount = longest(fours);
      for (const [four, list] of fours.entries()) {
        for (let i = 0; i < extraCount; i++) {
          const extra = blockEnd + i * (16 + 4 * width);
          view.setInt32(extra + 4 * four, offsets[list[i]?.step ?? 0]!, true);
          if (list[i] !== undefined) bytes.set(list[i]!.parts, extra + 16 + 16 * four);
        }
      }
      at = blockEnd + extraCount * (16 + 4 * width);
      view.setInt32(head - extraHeadBytes, at - blockEnd, true);
    }
  }
  offsets.forEach((offset, i) => void view.setInt32(end + 4 * i, offset, true));
  return packed;
}

/** One more product of a step's four bytes, with i8 [4 channels][4]. */
interface ExtraStep {
  readonly step: number;
  readonly parts: Int8Array;
}

const known = new WeakMap<ConvU8Work, Map<string, ExtraStep[]>>();

/** The extra steps of each four channels of a block. */
function extrasOfBlock(
  work: ConvU8Work,
  dot: ConvDot,
  first: number,
  width: number,
): ExtraStep[][] {
  if (dot === 'words') return [];
  return Array.from({ length: width / 4 }, (_, four) => extrasAt(work, dot, first + 4 * four));
}

/** How many of the blocks `extraShare` looks at. */
const samples = 4;

/**
 * Extra steps for each step of the windows, about: the longest list of a block's channels counts, and
 * a few blocks stand for all.
 */
export function extraShare(work: ConvU8Work, { dot, isWide }: PackShape): number {
  const blocks = blocksOf(work.outputChannels, isWide);
  const stride = Math.max(1, Math.floor(blocks.length / samples));
  const chosen = blocks.filter((_, i) => i % stride === 0);
  let count = 0;
  for (const { first, width } of chosen) count += longest(extrasOfBlock(work, dot, first, width));
  return chosen.length === 0 ? 0 : count / (stepCount(work, dot) * chosen.length);
}

function longest(fours: readonly (readonly unknown[])[]): number {
  return Math.max(0, ...fours.map((list) => list.length));
}

/** Those of four channels from `first` on; looked at once. One group only. */
function extrasAt(work: ConvU8Work, dot: ConvDot, first: number): ExtraStep[] {
  const lists = known.get(work) ?? new Map<string, ExtraStep[]>();
  known.set(work, lists);
  const key = `${dot} ${first}`;
  const list = lists.get(key) ?? findExtras(work, dot, first);
  lists.set(key, list);
  return list;
}

function findExtras(work: ConvU8Work, dot: ConvDot, first: number): ExtraStep[] {
  const row = new WeightRow(work, dot);
  const found = new Map<number, Int8Array[]>();
  for (let lane = 0; lane < Math.min(4, work.outputChannels - first); lane++) {
    row.read(first + lane);
    row.split();
    for (let turn = 0; row.hasRest; turn++) {
      const { rest } = row;
      row.splitRest();
      for (let i = 0; i < rest.length; i++) {
        if (row.parts[i] === 0) continue;
        const step = i >> 2;
        const turns = found.get(step) ?? [];
        found.set(step, turns);
        turns[turn] ??= new Int8Array(16);
        turns[turn]![4 * lane + (i & 3)] = row.parts[i]!;
      }
    }
  }
  return [...found].flatMap(([step, turns]) =>
    turns.filter((parts) => parts !== undefined).map((parts) => ({ step, parts })),
  );
}

export function writeParameters(view: DataView, { result, inputZeroPoint }: ConvU8Work): void {
  if (result.type === 'u8') {
    view.setFloat32(0, result.min - result.zeroPoint, true);
    view.setFloat32(4, result.max - result.zeroPoint, true);
    for (let lane = 0; lane < 4; lane++) {
      view.setFloat32(64 + 4 * lane, roundMagic, true);
      view.setInt32(80 + 4 * lane, roundMagicBits - result.zeroPoint, true);
    }
    for (let lane = 0; lane < 16; lane++) {
      view.setUint8(96 + lane, result.min);
      view.setUint8(112 + lane, result.max);
    }
  } else if (result.type === 'f32') {
    view.setFloat32(0, result.min, true);
    view.setFloat32(4, result.max, true);
  }
  if (inputZeroPoint !== 'operand') view.setUint8(zeroPointOffset, inputZeroPoint);
  for (let i = 0; i < 8; i++) view.setInt16(32 + 2 * i, 1, true);
}

/** @param correction to be added to the bias */
export function writeHead(
  view: DataView,
  head: number,
  { bias, result }: ConvU8Work,
  width: number,
  lane: number,
  channel: number,
  correction: number,
): void {
  // It may wrap, as the sums in the kernel do.
  view.setInt32(head + 4 * lane, (bias[channel]! + correction) | 0, true);
  if (result.type === 'i32') return;
  view.setFloat32(head + 4 * (width + lane), result.scale[channel]!, true);
  if (result.type === 'f32')
    view.setFloat32(head + 4 * (2 * width + lane), result.bias[channel]!, true);
}
