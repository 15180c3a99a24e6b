import type { ConvResult, ConvU8Work } from '../graph/work.ts';
import { channelsFound } from './channels.ts';
import { type ConvDot, stepCount, stepOffsets } from './convWindows.ts';
import { type Block, packBlocks } from './packBlocks.ts';
import { checkAccumulators, roundMagic, roundMagicBits } from './packConvU8.ts';
import { forgetWeights } from './packer.ts';

/** What assembly/int8/convResult.ts reads. */
export const parameterBytes = 128;
/** Where the offsets of the steps stand. */
export const offsetsAt = parameterBytes;
export const zeroPointOffset = 16;

/** How a kernel wants its weights. */
export interface PackShape {
  readonly dot: ConvDot;
  /** Blocks of 16 channels where there are as many, else all of 8; or all of 16. */
  readonly isWide: boolean | 'always';
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

/** The blocks of a group of n channels. */
export function blocksOf(n: number, isWide: PackShape['isWide']): Block[] {
  const blocks: Block[] = [];
  for (let channel = 0; channel < n; ) {
    const isFull = n >= 16 && n - channel > 8;
    const width = isWide === 'always' || (isWide && isFull) ? 16 : 8;
    const first = Math.max(0, Math.min(channel, n - width));
    blocks.push({ first, width, channels: Math.min(width, n) });
    channel += width;
  }
  return blocks;
}

/** Whether for any input |accumulator * scale| stays below 2^22. */
function staysSmall(work: ConvU8Work): boolean {
  return work.result.type === 'u8' && channelsFound(work).rawScaled < 2 ** 22 - 1;
}

/** Where the blocks begin in what `packConv` gives. */
export function blocksAt(work: ConvU8Work, dot: ConvDot): number {
  return offsetsAt + 64 * Math.ceil((4 * stepCount(work, dot)) / 64);
}

/** Parameters, the offsets of the steps, the blocks of each group; see assembly/int8/conv.ts. */
export function packConv(work: ConvU8Work, shape: PackShape): Uint8Array {
  checkAccumulators(work);
  const n = work.outputChannels / work.groups;
  const blocks = Array.from({ length: work.groups }, (_, group) =>
    blocksOf(n, shape.isWide).map((block) => ({ ...block, first: group * n + block.first })),
  ).flat();
  const parts = packBlocks(work, shape, headBytesOf(work.result), blocks);
  let end = blocksAt(work, shape.dot);
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, end));
  writeParameters(new DataView(packed.buffer), work);
  packed.set(new Uint8Array(stepOffsets(work, shape.dot).buffer), offsetsAt);
  for (const part of parts) {
    packed.set(part, end);
    end += part.length;
  }
  forgetWeights();
  return packed;
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
