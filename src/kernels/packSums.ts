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

/** Parameters, runs, heads and lists: see assembly/ternary/sums.ts. */
export function packSums(work: ConvU8Work, layout: SumsLayout): Uint8Array {
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
  writeHeads(view, heads, work);
  new Uint16Array(packed.buffer, lists).set(words);
  return packed;
}

function writeHeads(view: DataView, at: number, work: ConvU8Work): void {
  const { outputChannels, bias, result, ternary, inputZeroPoint } = work;
  const { sums } = channelsFound(work);
  const n = 4 * outputChannels;
  for (let channel = 0; channel < outputChannels; channel++) {
    const sum = sums[2 * channel]! + sums[2 * channel + 1]!;
    const to = at + 4 * channel;
    // It may wrap, as the sums in the kernel do.
    view.setInt32(to, (bias[channel]! + sum * (center - Number(inputZeroPoint))) | 0, true);
    if (result.type !== 'i32') view.setFloat32(to + n, result.scale[channel]!, true);
    view.setInt32(to + 2 * n, ternary?.plus[channel] ?? 1, true);
  }
}

/** Entries that the lists of all channels have together, those of zeros too. */
export function entryCount(work: ConvU8Work, layout: SumsLayout): number {
  const tuples = Math.ceil(windowSize(work) / layout.tupleSize);
  let count = 0;
  for (let first = 0; first < tuples; first += layout.chunkTuples) {
    const size = Math.min(layout.chunkTuples, tuples - first);
    for (let channel = 0; channel < work.outputChannels; channel++) {
      const { plus, minus } = listOf(work, channel, first, size, layout);
      count += plus.length + minus.length;
    }
  }
  return count;
}

/** Bytes of the lists of all channels, their heads among them. */
export function listBytes(work: ConvU8Work, { chunkCount }: SumsLayout, entries: number): number {
  return 2 * (entries + chunkCount * listHead * work.outputChannels);
}

/** The lists of all chunks, in 16-bit words. */
function listsOf(work: ConvU8Work, layout: SumsLayout): Uint16Array {
  const { outputChannels } = work;
  const { tupleSize, chunkTuples } = layout;
  const tuples = Math.ceil(windowSize(work) / tupleSize);
  const words = new Words();
  for (let first = 0; first < tuples; first += chunkTuples) {
    const count = Math.min(chunkTuples, tuples - first);
    words.push32(count);
    for (const { channel: begin, size } of channelBlocks(outputChannels)) {
      const lists = Array.from({ length: size }, (_, i) =>
        listOf(work, begin + i, first, count, layout),
      );
      const length = lists.reduce(
        (sum, { plus, minus }) => sum + listHead + plus.length + minus.length,
        0,
      );
      words.push32(2 * length);
      // Loops that run equally often one after the other: the processor foresees their ends.
      const order = [...lists.keys()].sort((a, b) => keyOf(lists[a]!) - keyOf(lists[b]!));
      for (const channel of order) {
        const { plus, minus } = lists[channel]!;
        for (const word of [plus.length / unit, minus.length / unit, channel, 0]) words.push(word);
        for (const place of plus) words.push(place);
        for (const place of minus) words.push(place);
      }
    }
  }
  return words.all();
}

/** Places in the tables of entries that are added, and of those that are subtracted. */
interface List {
  readonly plus: readonly number[];
  readonly minus: readonly number[];
}

function keyOf({ plus, minus }: List): number {
  return 65536 * plus.length + minus.length;
}

/** As Sums.block of the kernel has it. */
function channelBlocks(channels: number): { channel: number; size: number }[] {
  const blocks: { channel: number; size: number }[] = [];
  for (let channel = 0; channel < channels; ) {
    const rest = channels - channel;
    const size = rest < 72 ? rest : 64;
    blocks.push({ channel, size });
    channel += size;
  }
  return blocks;
}

/** The list of a channel in a chunk of `count` tuples. */
function listOf(
  work: ConvU8Work,
  channel: number,
  firstTuple: number,
  count: number,
  { tupleSize }: SumsLayout,
): List {
  const { weights } = work;
  const k = windowSize(work);
  const entries = entriesOf(tupleSize);
  const plus: number[] = [];
  const minus: number[] = [];
  for (let tuple = 0; tuple < count; tuple++) {
    let number = 0;
    for (let i = tupleSize - 1; i >= 0; i--) {
      const input = (firstTuple + tuple) * tupleSize + i;
      number = 3 * number + (input < k ? Math.sign(weights[channel * k + input]!) : 0);
    }
    if (number === 0) continue;
    // The entry of zeros stands first.
    const place = (entryBytes / placeBytes) * (tuple * entries + Math.abs(number));
    (number > 0 ? plus : minus).push(place);
  }
  while (plus.length % unit > 0) plus.push(0);
  while (minus.length % unit > 0) minus.push(0);
  return { plus, minus };
}

/** 16-bit numbers, as many as come. */
class Words {
  #words = new Uint16Array(1 << 16);
  #length = 0;

  push(word: number): void {
    if (this.#length === this.#words.length) {
      const longer = new Uint16Array(2 * this.#length);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words[this.#length++] = word;
  }

  push32(value: number): void {
    this.push(value & 0xffff);
    this.push(value >>> 16);
  }

  all(): Uint16Array {
    return this.#words.subarray(0, this.#length);
  }
}
