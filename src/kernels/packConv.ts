import type { ConvResult, ConvU8Work } from '../graph/work.ts';
import { type ConvDot, elementsPerStep, runsOf, stepCount, stepOffsets } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';

/** Bytes before the blocks, as assembly/int8/convResult.ts reads them. */
export const parameterBytes = 64;
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
  if (work.result.type === 'u8') return staysSmall(work) ? 0 : 1;
  return work.result.type === 'i32' ? 2 : 3;
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
  const blocks = blocksOf(outputChannels / groups, shape.isWide);
  const extras = extrasOfBlocks(work, shape);
  const blockBytes = ({ width }: { width: number }, i: number) =>
    extraHeadBytes +
    width * (headBytesOf(work.result) + 4 * steps) +
    longest(extras[i] ?? []) * (16 + 4 * width);
  return parameterBytes + groups * blocks.reduce((sum, block, i) => sum + blockBytes(block, i), 0);
}

/** Parameters, the blocks of each group, the offsets of the steps; see assembly/int8/conv.ts. */
export function packConv(work: ConvU8Work, shape: PackShape): Uint8Array {
  checkAccumulators(work);
  const { weights, weightZeroPoint, groups, result } = work;
  const { dot, isWide } = shape;
  const k = windowSize(work);
  const n = work.outputChannels / groups;
  const offsets = stepOffsets(work, dot);
  const runs = runsOf(work);
  const per = elementsPerStep(dot);
  const headBytes = headBytesOf(result);
  const extras = extrasOfBlocks(work, shape);
  const end = offsetsAt(work, shape);
  const packed = new Uint8Array(end + 4 * offsets.length);
  const view = new DataView(packed.buffer);
  const words = new Int16Array(packed.buffer);
  const bytes = new Int8Array(packed.buffer);
  writeParameters(view, work);
  let at = parameterBytes;
  for (let group = 0; group < groups; group++) {
    for (const [index, { first, width }] of blocksOf(n, isWide).entries()) {
      const head = at + extraHeadBytes;
      const to = head + width * headBytes;
      for (let lane = 0; lane < Math.min(width, n); lane++) {
        const channel = group * n + first + lane;
        const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
        let sum = 0;
        let step = to + 4 * lane;
        for (const run of runs) {
          const from = channel * k + run.first;
          for (let i = 0; i < run.length; i += per, step += 4 * width) {
            const count = Math.min(per, run.length - i);
            if (dot === 'words') {
              words[step / 2] = weights[from + i]! - zeroPoint;
              if (count > 1) words[step / 2 + 1] = weights[from + i + 1]! - zeroPoint;
              continue;
            }
            for (let j = 0; j < count; j += 2) {
              const a = weights[from + i + j]! - zeroPoint;
              const b = j + 1 < count ? weights[from + i + j + 1]! - zeroPoint : 0;
              sum += a + b;
              bytes[step + j] = clampFirst(a);
              bytes[step + j + 1] = dot === 'bytePairs' ? clampSecond(a, b) : clampFirst(b);
            }
          }
        }
        writeHead(view, head, work, width, lane, channel, sum * (shape.flip - zeroOf(work, dot)));
      }
      const blockEnd = to + 4 * width * offsets.length;
      const fours = extras[index] ?? [];
      const extraCount = longest(fours);
      for (const [four, list] of fours.entries()) {
        for (let i = 0; i < extraCount; i++) {
          const extra = blockEnd + i * (16 + 4 * width);
          view.setInt32(extra + 4 * four, offsets[list[i]?.step ?? 0]!, true);
          if (list[i] !== undefined) bytes.set(list[i]!.values, extra + 16 + 16 * four);
        }
      }
      at = blockEnd + extraCount * (16 + 4 * width);
      view.setInt32(head - extraHeadBytes, at - blockEnd, true);
    }
  }
  offsets.forEach((offset, i) => void view.setInt32(end + 4 * i, offset, true));
  return packed;
}

/** What the bias has to make up for: words are less the zero point already. */
function zeroOf({ inputZeroPoint }: ConvU8Work, dot: ConvDot): number {
  return dot === 'words' ? 0 : Number(inputZeroPoint);
}

/** One more product of a step's four bytes, with i8 [4 channels][4]. */
interface ExtraStep {
  readonly step: number;
  readonly values: Int8Array;
}

const known = new WeakMap<ConvU8Work, Map<string, ExtraStep[]>>();

/**
 * What is left of weights that bytes cannot hold, or of pairs whose products would leave 16 bits:
 * steps that are made of the rest, for each block and each four of its channels. One group only.
 */
function extrasOfBlocks(work: ConvU8Work, { dot, isWide }: PackShape): ExtraStep[][][] {
  if (dot === 'words') return [];
  return blocksOf(work.outputChannels, isWide).map(({ first, width }) =>
    Array.from({ length: width / 4 }, (_, four) => extrasAt(work, dot, first + 4 * four)),
  );
}

/** Extra steps for each step of the windows: the longest list of a block's channels counts. */
export function extraShare(work: ConvU8Work, shape: PackShape): number {
  const blocks = extrasOfBlocks(work, shape);
  const count = blocks.reduce((sum, fours) => sum + longest(fours), 0);
  return blocks.length === 0 ? 0 : count / (stepCount(work, shape.dot) * blocks.length);
}

function longest(fours: readonly (readonly unknown[])[]): number {
  return Math.max(0, ...fours.map((list) => list.length));
}

/** Those of four channels from `first` on; looked at once. */
function extrasAt(work: ConvU8Work, dot: ConvDot, first: number): ExtraStep[] {
  const lists = known.get(work) ?? new Map<string, ExtraStep[]>();
  known.set(work, lists);
  const key = `${dot} ${first}`;
  const list = lists.get(key) ?? findExtras(work, dot, first);
  lists.set(key, list);
  return list;
}

function findExtras(work: ConvU8Work, dot: ConvDot, first: number): ExtraStep[] {
  const { weights, weightZeroPoint, outputChannels } = work;
  const k = windowSize(work);
  const per = elementsPerStep(dot);
  const found = new Map<number, Int8Array[]>();
  const runs = runsOf(work);
  for (let lane = 0; lane < Math.min(4, outputChannels - first); lane++) {
    const channel = first + lane;
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    let before = 0;
    for (const run of runs) {
      const from = channel * k + run.first;
      for (let i = 0; i < run.length; i += 2) {
        let a = weights[from + i]! - zeroPoint;
        let b = i + 1 < run.length ? weights[from + i + 1]! - zeroPoint : 0;
        for (let turn = 0; ; turn++) {
          const da = clampFirst(a);
          const db = dot === 'bytePairs' ? clampSecond(a, b) : clampFirst(b);
          if (turn > 0) {
            const step = before + Math.floor(i / per);
            const turns = found.get(step) ?? [];
            found.set(step, turns);
            turns[turn - 1] ??= new Int8Array(16);
            turns[turn - 1]![4 * lane + (i % per)] = da;
            turns[turn - 1]![4 * lane + (i % per) + 1] = db;
          }
          a -= da;
          b -= db;
          if (a === 0 && b === 0) break;
        }
      }
      before += Math.ceil(run.length / per);
    }
  }
  return [...found].flatMap(([step, turns]) => turns.map((values) => ({ step, values })));
}

/**
 * The part of a pair of weights that fits: bytes, and 255 times the sum of the positive ones, or of
 * the negative ones, within 16 bits.
 */
function clampFirst(a: number): number {
  return Math.min(127, Math.max(-128, a));
}

function clampSecond(a: number, b: number): number {
  const most = a > 0 ? Math.min(127, 128 - Math.min(127, a)) : 127;
  const least = a < 0 ? -128 - Math.max(-128, a) : -128;
  return Math.min(most, Math.max(least, b));
}

export function writeParameters(view: DataView, { result, inputZeroPoint }: ConvU8Work): void {
  if (result.type === 'u8') {
    view.setFloat32(0, result.min - result.zeroPoint, true);
    view.setFloat32(4, result.max - result.zeroPoint, true);
    view.setFloat32(8, roundMagic, true);
    view.setInt32(12, roundMagicBits - result.zeroPoint, true);
    view.setUint8(17, result.min);
    view.setUint8(18, result.max);
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
