import { PackArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { channelsOf } from './channels.ts';
import { type ConvDot, elementsPerStep, runsOf, stepCount, stepOffsets } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { callPacker } from './packer.ts';

/** Channels that a kernel computes together. */
export interface Block {
  readonly first: number;
  readonly width: 8 | 16;
  /** The rest are zeros. */
  readonly channels: number;
}

/** As assembly/pack/split.ts numbers them. */
const dotNumbers: Readonly<Record<ConvDot, number>> = {
  words: 0,
  bytePairs: 1,
  byteQuads: 2,
  byteSums: 2,
};

/** What the weights of a call may take, and the blocks with all the extra steps they might have. */
const callBytes = 16 * 1024 * 1024;

/**
 * The blocks, one behind the other, in parts; the last part is a view, until something else is packed.
 * @param flip what the dots xor the map's bytes with
 * @param headBytes of a channel: bias, scale, real bias
 */
export function packBlocks(
  work: ConvU8Work,
  { dot, flip }: { readonly dot: ConvDot; readonly flip: number },
  headBytes: number,
  blocks: readonly Block[],
): Uint8Array[] {
  // Bytes hold a half of 255, and of two that are lowest one is less: a step has up to three extra ones.
  const mostSteps = (dot === 'words' ? 1 : 4) * stepCount(work, dot);
  const mostBytes = 16 + 16 * headBytes + mostSteps * (dot === 'words' ? 64 : 64 + 64 + 4) + 16;
  const sortedBytes = dot === 'bytePairs' ? mostSteps * 3 * (64 + 4) : 0;
  const perCall = Math.max(1, Math.floor(callBytes / mostBytes));
  const { runs, offsets, rowBytes, ...numbers } = stepsOf(work, dot);
  // Words are less the zero point already.
  const correction = flip - (dot === 'words' ? 0 : Number(work.inputZeroPoint));
  const parts: Uint8Array[] = [];
  for (let i = 0; i < blocks.length; i += perCall) {
    const own = blocks.slice(i, i + perCall);
    const isAll = work.weights.length <= callBytes;
    const first = isAll ? 0 : Math.min(...own.map((block) => block.first));
    const end = isAll
      ? work.outputChannels
      : Math.max(...own.map((block) => block.first + block.channels));
    const list = own.flatMap((block) => [block.first - first, block.width, block.channels]);
    const packed = callPacker(
      'pack_blocks',
      PackArgs,
      channelsOf(work, first, end - first),
      {
        ...{ ...numbers, rowBytes, headFields: headBytes / 4 },
        ...{ correction, blockCount: own.length, mostSteps },
      },
      {
        ...{ runs, offsets, rows: 16 * rowBytes, rests: 512, blocks: Int32Array.from(list) },
        sorted: sortedBytes,
        output: own.length * mostBytes,
      },
    );
    const bytes = packed.until('output');
    parts.push(i + perCall < blocks.length ? bytes.slice() : bytes);
  }
  return parts;
}

function stepsOf(work: ConvU8Work, dot: ConvDot) {
  const per = elementsPerStep(dot);
  const runs: number[] = [];
  let place = 0;
  for (const { first, length } of runsOf(work)) {
    runs.push(first, place, length);
    place += per * Math.ceil(length / per);
  }
  const offsets = stepOffsets(work, dot);
  return {
    ...{ k: windowSize(work), dot: dotNumbers[dot] },
    ...{ runs: Int32Array.from(runs), runCount: runs.length / 3 },
    ...{ offsets, steps: offsets.length, rowBytes: per * offsets.length + 32 },
  };
}
