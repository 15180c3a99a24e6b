import { Dice } from './dice.ts';
import { mutateOnnx } from './onnxMutations.ts';

/** A sound file, and which of its bytes say how it is built rather than what was trained. */
export interface Seed {
  readonly name: string;
  readonly format: 'tflite' | 'onnx';
  readonly bytes: Uint8Array;
  /** Byte positions that hold no weights, in rising order. */
  readonly structure: Uint32Array;
  /** Where words of small numbers stand in the structure. */
  readonly fields: Uint32Array;
}

export interface Mutant {
  readonly bytes: Uint8Array;
  /** What was done to the seed, for a person to read. */
  readonly story: string;
}

const extremes = [0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0xfffffffe];
const limits = [0, 1, 0x7f, 0x80, 0xff];

type Mutation = (bytes: Uint8Array, place: number, dice: Dice, other: Seed) => Uint8Array;

const mutations: Readonly<Record<string, Mutation>> = {
  cut: (bytes, place) => bytes.slice(0, place),
  bit: (bytes, place, dice) => {
    bytes[place]! ^= 1 << dice.below(8);
    return bytes;
  },
  byte: (bytes, place, dice) => {
    bytes[place] = dice.pick(limits);
    return bytes;
  },
  near: (bytes, place, dice) => {
    bytes[place]! += dice.below(9) - 4;
    return bytes;
  },
  word: (bytes, place, dice) => {
    const aligned = dice.below(4) === 0 ? place : place & ~3;
    if (bytes.length < 4) return bytes;
    const at = Math.min(aligned, bytes.length - 4);
    new DataView(bytes.buffer).setUint32(at, dice.pick(extremes), true);
    return bytes;
  },
  // Protobuf's longest number, and its largest of 32 bits: lengths beyond everything.
  varint: (bytes, place, dice) => {
    const length = dice.pick([5, 10]);
    bytes.fill(0xff, place, place + length - 1);
    bytes[place + length - 1] = length === 5 ? 0x0f : 0x01;
    return bytes;
  },
  zero: (bytes, place, dice) => bytes.fill(0, place, place + dice.length(bytes.length)),
  copy: (bytes, place, dice) => {
    const from = dice.below(bytes.length);
    return bytes.copyWithin(place, from, from + dice.length(bytes.length));
  },
  swap: (bytes, place, dice) => {
    const from = dice.below(bytes.length);
    const length = Math.min(dice.length(1024), bytes.length - Math.max(from, place));
    const kept = bytes.slice(place, place + length);
    bytes.copyWithin(place, from, from + length);
    bytes.set(kept, from);
    return bytes;
  },
  insert: (bytes, place, dice) => {
    const length = dice.length(4096);
    const result = new Uint8Array(bytes.length + length);
    result.set(bytes.subarray(0, place));
    result.set(bytes.subarray(place, place + length), place);
    result.set(bytes.subarray(place), place + length);
    return result;
  },
  remove: (bytes, place, dice) => {
    const end = Math.min(bytes.length, place + dice.length(1024));
    const result = new Uint8Array(bytes.length - (end - place));
    result.set(bytes.subarray(0, place));
    result.set(bytes.subarray(end), place);
    return result;
  },
  splice: (bytes, place, dice, other) => {
    const from = dice.pick(other.structure);
    const result = new Uint8Array(place + other.bytes.length - from);
    result.set(bytes.subarray(0, place));
    result.set(other.bytes.subarray(from), place);
    return result;
  },
};

/** Changes of a single field: what comes after them ends where it did before. */
const fine = ['bit', 'byte', 'near', 'word', 'varint'];
const all = Object.keys(mutations);

/** One to four changes of a seed, the same ones for the same number. */
export function mutate(seed: Seed, others: readonly Seed[], number: number): Mutant {
  const dice = new Dice(number);
  const changes = 1 + dice.below(2) * dice.below(4);
  switch (dice.below(3)) {
    case 0:
      return mutateBytes(seed, others, changes, dice);
    case 1:
      // TFLite's fields lie in place: a small number is a size, an index or a choice.
      if (seed.format === 'tflite') return mutateFields(seed, changes, dice);
      return mutateOnnx(seed.bytes, changes, dice);
    default:
      // Fewer and finer changes: the others mostly end before anything is built.
      if (seed.format === 'tflite') return mutateFields(seed, 1, dice);
      return mutateOnnx(seed.bytes, 1, dice);
  }
}

function mutateBytes(seed: Seed, others: readonly Seed[], changes: number, dice: Dice): Mutant {
  let bytes: Uint8Array = seed.bytes.slice();
  const story: string[] = [];
  for (let i = 0; i < changes && bytes.length > 0; i++) {
    const name = dice.pick(dice.below(2) === 0 ? fine : all);
    const inStructure = dice.below(4) > 0 ? dice.pick(seed.structure) : bytes.length;
    const place = inStructure < bytes.length ? inStructure : dice.below(bytes.length);
    bytes = mutations[name]!(bytes, place, dice, dice.pick(others));
    story.push(`${name} at ${place}`);
  }
  return { bytes, story: story.join(', ') };
}

function mutateFields({ bytes, fields }: Seed, changes: number, dice: Dice): Mutant {
  const result = bytes.slice();
  const view = new DataView(result.buffer);
  const story: string[] = [];
  for (let i = 0; i < changes; i++) {
    const place = dice.pick(fields);
    const old = view.getInt32(place, true);
    const value = smallNumber(dice, old, () => view.getInt32(dice.pick(fields), true));
    view.setInt32(place, value, true);
    story.push(`${old} to ${value} at ${place}`);
  }
  return { bytes: result, story: story.join(', ') };
}

function smallNumber(dice: Dice, old: number, another: () => number): number {
  switch (dice.below(5)) {
    case 0:
      return dice.pick([-1, 0, 1, 2, 3, 4, 5, 8, 16, 100]);
    case 1:
      return another();
    case 2:
      return dice.pick([old * 2, old >> 1, -old]);
    case 3:
      // Four bytes: types and choices of options stand side by side.
      return old ^ (dice.below(32) << (8 * dice.below(4)));
    default:
      return old + dice.below(5) - 2;
  }
}
