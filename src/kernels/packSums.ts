import type { ConvU8Work } from '../graph/work.ts';
import { channelsFound } from './channels.ts';
import { runsOf } from './convWindows.ts';
import { windowSize } from './geometry.ts';
import { parameterBytes, writeParameters } from './packConv.ts';
import { checkAccumulators } from './packConvU8.ts';
import { entriesOf, entryBytes, type SumsLayout } from './sumsLayout.ts';

/** What the inputs are less, in the kernel. */
const center = 128;
/** Entries come in so many; the last of a list may be the one of zeros. */
const unit = 2;
/** In 16-bit words: two lengths and where the list belongs. */
const listHead = 4;
/** The unit of places in the tables. */
const placeBytes = 8;

/** Where the parts of what `packSums` gives begin. */
export function sumsOffsets(work: ConvU8Work) {
  const runs = parameterBytes;
  const heads = runs + 8 * runsOf(work).length;
  return { runs, heads, lists: heads + 12 * work.outputChannels };
}

/**
 * Parameters, runs, heads and lists: see assembly/ternary/sums.ts.
 * @param realBias of a list, where biases are real numbers
 */
export function packSums(
  work: ConvU8Work,
  layout: SumsLayout,
  realBias?: (list: number) => number,
): Uint8Array {
  checkAccumulators(work);
  const { runs, heads, lists } = sumsOffsets(work);
  const words = listsOf(work, layout);
  const packed = new Uint8Array(lists + 2 * words.length);
  const view = new DataView(packed.buffer);
  writeParameters(view, work);
  runsOf(work).forEach(({ offset, length }, i) => {
    view.setInt32(runs + 8 * i, offset, true);
    view.setInt32(runs + 8 * i + 4, length, true);
  });
  writeHeads(view, heads, work, realBias);
  new Uint16Array(packed.buffer, lists).set(words);
  return packed;
}

function writeHeads(
  view: DataView,
  at: number,
  work: ConvU8Work,
  realBias?: (list: number) => number,
): void {
  const { outputChannels, bias, result, ternary, inputZeroPoint } = work;
  const { sums } = channelsFound(work);
  const n = 4 * outputChannels;
  for (let channel = 0; channel < outputChannels; channel++) {
    const sum = sums[2 * channel]! + sums[2 * channel + 1]!;
    const to = at + 4 * channel;
    // It may wrap, as the sums in the kernel do.
    view.setInt32(to, (bias[channel]! + sum * (center - Number(inputZeroPoint))) | 0, true);
    if (result.type !== 'i32') view.setFloat32(to + n, result.scale[channel]!, true);
    if (realBias === undefined) view.setInt32(to + 2 * n, ternary?.plus[channel] ?? 1, true);
    else view.setFloat32(to + 2 * n, realBias(channel), true);
  }
}

/** Entries that the lists of all channels have together, those of zeros too. */
export function entryCount(work: ConvU8Work, layout: SumsLayout): number {
  const lists = new Lists(work, layout);
  let count = 0;
  for (const { first, tuples } of chunksOf(work, layout)) {
    for (let channel = 0; channel < work.outputChannels; channel++) {
      lists.find(channel, first, tuples);
      count += lists.plusCount + lists.minusCount;
    }
  }
  return count;
}

/** Bytes of the lists of all channels, their heads among them. */
export function listBytes(work: ConvU8Work, { chunkCount }: SumsLayout, entries: number): number {
  return 2 * (entries + chunkCount * listHead * work.outputChannels);
}

function chunksOf(work: ConvU8Work, { tupleSize, chunkTuples }: SumsLayout) {
  const tuples = Math.ceil(windowSize(work) / tupleSize);
  const chunks: { first: number; tuples: number }[] = [];
  for (let first = 0; first < tuples; first += chunkTuples)
    chunks.push({ first, tuples: Math.min(chunkTuples, tuples - first) });
  return chunks;
}

/** The lists of all chunks, in 16-bit words. */
function listsOf(work: ConvU8Work, layout: SumsLayout): Uint16Array {
  const { outputChannels } = work;
  const lists = new Lists(work, layout);
  const words = new Words();
  for (const { first, tuples } of chunksOf(work, layout)) {
    words.push32(tuples);
    for (const { channel: begin, size } of channelBlocks(outputChannels)) {
      const found = Array.from({ length: size }, (_, i) => {
        lists.find(begin + i, first, tuples);
        return lists.copy(i);
      });
      words.push32(found.reduce((sum, { list }) => sum + 2 * list.length, 0));
      // Loops that run equally often one after the other: the processor foresees their ends.
      for (const { list } of found.sort((a, b) => a.key - b.key)) words.append(list);
    }
  }
  return words.all();
}

/** As Sums.block of the kernel has it. */
function channelBlocks(channels: number): { channel: number; size: number }[] {
  const blocks: { channel: number; size: number }[] = [];
  for (let channel = 0; channel < channels; ) {
    const rest = channels - channel;
    const size = rest < 80 ? rest : 64;
    blocks.push({ channel, size });
    channel += size;
  }
  return blocks;
}

/** Lists of one channel in one chunk at a time: a load happens once, and makes no garbage. */
class Lists {
  readonly #plus: Uint16Array;
  readonly #minus: Uint16Array;
  readonly #weights: ConvU8Work['weights'];
  readonly #k: number;
  readonly #tupleSize: number;
  plusCount = 0;
  minusCount = 0;

  constructor(work: ConvU8Work, { tupleSize, chunkTuples }: SumsLayout) {
    this.#weights = work.weights;
    this.#k = windowSize(work);
    this.#tupleSize = tupleSize;
    this.#plus = new Uint16Array(chunkTuples + unit);
    this.#minus = new Uint16Array(chunkTuples + unit);
  }

  /** Finds the places in the tables of what a channel adds, and of what it subtracts. */
  find(channel: number, firstTuple: number, tuples: number): void {
    const [weights, size, plus, minus] = [this.#weights, this.#tupleSize, this.#plus, this.#minus];
    const tablePlaces = (entryBytes / placeBytes) * entriesOf(size as 1 | 2 | 3);
    const end = (channel + 1) * this.#k;
    let [plusCount, minusCount] = [0, 0];
    let at = channel * this.#k + firstTuple * size;
    for (let tuple = 0; tuple < tuples; tuple++, at += size) {
      let number = 0;
      for (let i = Math.min(at + size, end) - 1; i >= at; i--) {
        const weight = weights[i]!;
        number = 3 * number + Number(weight > 0) - Number(weight < 0);
      }
      // The entry of zeros stands first. Signs come at random: both lists are written to, without
      // branches that would be foretold wrongly, and one grows.
      const place = tuple * tablePlaces + (entryBytes / placeBytes) * Math.abs(number);
      plus[plusCount] = place;
      minus[minusCount] = place;
      plusCount += Number(number > 0);
      minusCount += Number(number < 0);
    }
    while (plusCount % unit > 0) plus[plusCount++] = 0;
    while (minusCount % unit > 0) minus[minusCount++] = 0;
    this.plusCount = plusCount;
    this.minusCount = minusCount;
  }

  /** What was found as the kernel reads it, and what to sort by. */
  copy(channel: number): { readonly list: Uint16Array; readonly key: number } {
    const { plusCount, minusCount } = this;
    const list = new Uint16Array(listHead + plusCount + minusCount);
    list.set([plusCount / unit, minusCount / unit, channel, 0]);
    list.set(this.#plus.subarray(0, plusCount), listHead);
    list.set(this.#minus.subarray(0, minusCount), listHead + plusCount);
    return { list, key: 65536 * plusCount + minusCount };
  }
}

/** 16-bit numbers, as many as come. */
class Words {
  #words = new Uint16Array(1 << 16);
  #length = 0;

  append(list: Uint16Array): void {
    const end = this.#length + list.length;
    if (end > this.#words.length) {
      const longer = new Uint16Array(2 * end);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words.set(list, this.#length);
    this.#length = end;
  }

  push32(value: number): void {
    this.append(Uint16Array.of(value & 0xffff, value >>> 16));
  }

  all(): Uint16Array {
    return this.#words.subarray(0, this.#length);
  }
}
