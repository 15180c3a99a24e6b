import { ChannelSumsArgs, PackArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { compilePacker } from './binaries.ts';
import { type ConvDot, elementsPerStep, runsOf, stepOffsets } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { instantiate, type Kernels } from './instantiate.ts';

/*
 * Weights are packed in wasm: a model is loaded once, in code that no engine has optimized yet, and
 * there wasm is many times faster than scripts. All work shares one memory: `channelSums` and each
 * new `BlockPacker` overwrite what the packer before them had in it.
 */

/** As assembly/pack/split.ts numbers them. */
const dotNumbers: Readonly<Record<ConvDot, number>> = {
  words: 0,
  bytePairs: 1,
  byteEights: 2,
  byteQuads: 3,
};

/** How many bytes of weights are summed up in a call, which counts in 32 bits. */
const sumBytes = 256 * 1024;

interface Packer {
  readonly memory: WebAssembly.Memory;
  readonly functions: Kernels;
}

let packer: Packer | undefined;

/** The packer, its memory at least `bytes` long. */
function packerWith(bytes: number): Packer {
  if (packer === undefined) {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 65536 });
    packer = { memory, functions: instantiate(compilePacker(), memory) };
  }
  const missing = bytes - packer.memory.buffer.byteLength;
  if (missing > 0) packer.memory.grow(Math.ceil(missing / 65536));
  return packer;
}

/** Addresses one behind the other, each a multiple of 16. */
function areas<Name extends string>(sizes: Readonly<Record<Name, number>>) {
  const addresses = {} as Record<Name, number>;
  let end = 0;
  for (const name of Object.keys(sizes) as Name[]) {
    addresses[name] = end;
    end += 16 * Math.ceil(sizes[name] / 16);
  }
  return { addresses, end };
}

function write(memory: WebAssembly.Memory, offsets: object, fields: object): void {
  const view = new DataView(memory.buffer);
  for (const [name, value] of Object.entries(fields))
    view.setInt32((offsets as Record<string, number>)[name]!, value, true);
}

/** Of the channels from `first` on. */
function zeroPointsOf({ weightZeroPoint }: ConvU8Work, first: number, count: number): Int32Array {
  return weightZeroPoint.length === 1
    ? new Int32Array(count).fill(weightZeroPoint[0]!)
    : weightZeroPoint.subarray(first, first + count);
}

function bytesOf({ weights }: ConvU8Work, first: number, end: number): Uint8Array {
  return new Uint8Array(weights.buffer, weights.byteOffset + first, end - first);
}

/** For each channel the sum of its positive weights, and of its negative ones. */
export type ChannelSums = Float64Array;

const known = new WeakMap<ConvU8Work, ChannelSums>();

export function channelSums(work: ConvU8Work): ChannelSums {
  let sums = known.get(work);
  if (sums === undefined) {
    sums = findSums(work);
    known.set(work, sums);
  }
  return sums;
}

/** Some channels in a call, or a piece of one. */
function findSums(work: ConvU8Work): ChannelSums {
  const n = work.outputChannels;
  const k = windowSize(work);
  const most = Math.min(n, Math.max(1, Math.floor(sumBytes / k)));
  const piece = Math.min(k, sumBytes);
  const { addresses, end } = areas({
    args: 24,
    zeroPoints: 4 * most,
    sums: 8 * most,
    weights: most * piece + 16,
  });
  const { memory, functions } = packerWith(end);
  const bytes = new Uint8Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  const { args, ...fields } = addresses;
  const isUnsigned = work.weights instanceof Uint8Array ? 1 : 0;
  const found = new Float64Array(2 * n);
  for (let channel = 0; channel < n; channel += most) {
    const channels = Math.min(most, n - channel);
    words.set(zeroPointsOf(work, channel, channels), fields.zeroPoints / 4);
    for (let first = 0; first < k; first += piece) {
      const length = Math.min(piece, k - first);
      const from = channel * k + first;
      write(memory, ChannelSumsArgs, { ...fields, isUnsigned, k: length, channels });
      bytes.set(bytesOf(work, from, from + channels * length), fields.weights);
      functions.channel_sums!(args);
      for (let i = 0; i < 2 * channels; i++) found[2 * channel + i]! += words[fields.sums / 4 + i]!;
    }
  }
  return found;
}

/** Packs the blocks of a convolution's weights for kernels that make one kind of dot. */
export class BlockPacker {
  /** Where a step's bytes lie in a copied row. */
  readonly offsets: Int32Array;
  readonly #work: ConvU8Work;
  readonly #pack: () => void;
  readonly #memory: WebAssembly.Memory;
  readonly #at: { zeroPoints: number; weights: number; block: number };

  /**
   * @param width of the widest block
   * @param headBytes what comes before its steps
   */
  constructor(work: ConvU8Work, dot: ConvDot, width: number, headBytes: number) {
    const per = elementsPerStep(dot);
    const k = windowSize(work);
    const runs: number[] = [];
    let place = 0;
    for (const { first, length } of runsOf(work)) {
      runs.push(first, place, length);
      place += per * Math.ceil(length / per);
    }
    this.offsets = stepOffsets(work, dot);
    const steps = this.offsets.length;
    const rowBytes = 16 * Math.ceil((per * steps + 32) / 16);
    const { addresses, end } = areas({
      args: 64,
      parts: 192,
      zeroPoints: 64,
      runs: 4 * runs.length,
      offsets: 4 * steps,
      rows: 4 * rowBytes,
      weights: width * k + 16,
      // Bytes hold 128 of the 510 of a pair at a time, or nothing: a step has up to four extra ones.
      block: headBytes + steps * (4 * width + (dot === 'words' ? 0 : 4 * (16 + 4 * width))),
    });
    const { memory, functions } = packerWith(end);
    const { args, ...fields } = addresses;
    const isUnsigned = work.weights instanceof Uint8Array ? 1 : 0;
    const numbers = { isUnsigned, k, runCount: runs.length / 3, steps, dot: dotNumbers[dot] };
    write(memory, PackArgs, { ...fields, ...numbers, rowBytes });
    const words = new Int32Array(memory.buffer);
    words.set(runs, addresses.runs / 4);
    words.set(this.offsets, addresses.offsets / 4);
    this.#work = work;
    this.#memory = memory;
    this.#pack = () => functions.pack_block!(args);
    this.#at = addresses;
  }

  /**
   * @param channel the first of `count`; up to `width`, the rest are zeros
   * @param headBytes from the block's begin to its first step
   * @returns the block, a view that the next call changes; of its head only the first number, the
   *   bytes of its extra steps, is written
   */
  pack(channel: number, count: number, width: number, headBytes: number): Uint8Array {
    const { zeroPoints, weights, block } = this.#at;
    const memory = this.#memory;
    const k = windowSize(this.#work);
    write(memory, PackArgs, { channels: count, width, headBytes });
    new Int32Array(memory.buffer).set(zeroPointsOf(this.#work, channel, count), zeroPoints / 4);
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(bytesOf(this.#work, channel * k, (channel + count) * k), weights);
    this.#pack();
    const extraBytes = new Int32Array(memory.buffer)[block / 4]!;
    const size = headBytes + 4 * width * this.offsets.length + extraBytes;
    return bytes.subarray(block, block + size);
  }
}
