import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ModelError } from '../../../src/errors.ts';
import { FlatFile } from '../../../src/formats/tflite/flatbuffer.ts';
import { readModel } from '../../../src/formats/tflite/model.ts';
import { readTflite } from '../../../src/formats/tflite/read.ts';
import { random } from '../../vocabulary.ts';
import { everyOperator } from './everyOperator.ts';
import { writeModel } from './writeModel.ts';

/** Mutations of each seed file; more on demand. */
const rounds = Number(process.env.FUZZ_ROUNDS ?? 1000);
const folder = new URL('../../../../shared/models/tflite/', import.meta.url);
const published = [
  'split_concat',
  'micro_speech_quantized',
  'kws_ref_model_float32',
  'keras_lstm_mnist_ptq',
];

const seeds: (readonly [name: string, file: Uint8Array])[] = [
  ['every operator', writeModel(everyOperator)],
  ...published
    .map((name) => [name, new URL(`${name}.tflite`, folder)] as const)
    .filter(([, url]) => existsSync(url))
    .map(([name, url]) => [name, new Uint8Array(readFileSync(url))] as const),
];

/** Reads the file; anything but a model or a ModelError comes out as what went wrong. */
function tryReading(file: Uint8Array): unknown {
  try {
    readTflite(file);
    return undefined;
  } catch (error) {
    return error instanceof ModelError && error.faults.length > 0 ? undefined : error;
  }
}

/** The places of the file that are not weights, where a change changes the structure. */
function structure(file: Uint8Array): number[] {
  const isData = new Uint8Array(file.length);
  for (const { data } of readModel(file).tensors) {
    isData.fill(
      1,
      data.byteOffset - file.byteOffset,
      data.byteOffset - file.byteOffset + data.length,
    );
  }
  return Array.from(file.keys()).filter((place) => isData[place] === 0);
}

const extremes = [
  0, 1, 2, 4, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff,
];

/** One to four changes: bits, bytes, 32-bit words at their limits, near what they were, or copied. */
function mutate(file: Uint8Array, places: readonly number[], next: () => number): Uint8Array {
  const mutant = file.slice();
  const view = new DataView(mutant.buffer);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  for (let changes = 1 + Math.floor(next() * 4); changes > 0; changes--) {
    const place = pick(places);
    const word = Math.min(place & ~3, mutant.length - 4);
    switch (Math.floor(next() * 5)) {
      case 0:
        mutant[place]! ^= 1 << Math.floor(next() * 8);
        break;
      case 1:
        mutant[place] = Math.floor(next() * 256);
        break;
      case 2:
        view.setUint32(word, pick(extremes), true);
        break;
      case 3:
        view.setInt32(word, view.getInt32(word, true) + Math.floor(next() * 65) - 32, true);
        break;
      case 4:
        view.setUint32(
          word,
          view.getUint32(Math.min(pick(places) & ~3, file.length - 4), true),
          true,
        );
        break;
    }
  }
  return mutant;
}

test.each(seeds)('%s, cut at many lengths', (_, file) => {
  const step = Math.max(1, Math.floor(file.length / 500));
  for (let length = 0; length < file.length; length += length < 64 ? 1 : step) {
    expect(tryReading(file.subarray(0, length)), `cut at ${length}`).toBeUndefined();
  }
});

test.each(seeds)('%s, mutated', (name, file) => {
  const places = structure(file);
  for (let seed = 1; seed <= rounds; seed++) {
    const mutant = mutate(file, places, random(seed));
    expect(tryReading(mutant), `${name}, seed ${seed}`).toBeUndefined();
  }
});

test.each(seeds)('%s, every word of the structure at its limits', (name, file) => {
  const words = [...new Set(structure(file).map((place) => place & ~3))];
  const stride = Math.ceil((words.length * 3) / rounds);
  for (let i = 0; i < words.length; i += stride) {
    for (const value of [0, 0x7fffffff, 0xffffffff]) {
      const mutant = file.slice();
      new DataView(mutant.buffer).setUint32(Math.min(words[i]!, file.length - 4), value, true);
      expect(tryReading(mutant), `${name}, ${value} at ${words[i]}`).toBeUndefined();
    }
  }
});

test('constants that share their bytes do not multiply the memory', () => {
  const data = new Int8Array(65536);
  const chain = Array.from({ length: 400 }, (_, i) => i);
  const maps = [...chain, 0].map(() => ({ shape: [1, 256] }));
  const weights = chain.map(() => ({ shape: [256, 256], type: 'INT8', data, scale: [1] }) as const);
  const file = writeModel({
    tensors: [...maps, ...weights],
    operators: chain.map((i) => {
      return { kind: 'FULLY_CONNECTED', inputs: [i, maps.length + i], outputs: [i + 1] };
    }),
    inputs: [0],
    outputs: [chain.length],
  });
  expect(() => readTflite(file)).toThrow('got constants that share their bytes many times over');
});

test('vectors that overlap do not multiply the work', () => {
  // A root whose slot 0 holds a vector of as many bytes as the file has left.
  const file = new Uint8Array(1 << 16);
  const view = new DataView(file.buffer);
  view.setUint32(0, 12, true);
  view.setUint16(4, 6, true);
  view.setUint16(6, 8, true);
  view.setUint16(8, 4, true);
  view.setInt32(12, 8, true);
  view.setUint32(16, 4, true);
  view.setUint32(20, file.length - 24, true);
  const root = new FlatFile(file, 'a file').root();
  const readAgainAndAgain = (): void => {
    for (let i = 0; i < 1000; i++) root.string(0);
  };
  expect(root.bytes(0)).toHaveLength(file.length - 24);
  expect(readAgainAndAgain).toThrow('a file: got vectors that overlap many times over');
});

test('the seed of our own making holds a sound model', () => {
  expect(readTflite(writeModel(everyOperator)).outputs).toHaveLength(2);
});
