import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../../src/errors.ts';
import { readOnnx } from '../../../src/formats/onnx/read.ts';
import { hasShared, sharedPath } from '../../shared.ts';
import { random } from '../../vocabulary.ts';

/** Larger files hold the same structures, and mostly weights. */
const largest = 100_000;
const casesPerFile = Number(process.env.FUZZ_CASES ?? 300);

type Mutation = (bytes: Uint8Array, next: () => number) => Uint8Array;

const index = (bytes: Uint8Array, next: () => number): number => Math.floor(next() * bytes.length);

const mutations: Readonly<Record<string, Mutation>> = {
  cut: (bytes, next) => bytes.slice(0, index(bytes, next)),
  flip: (bytes, next) => {
    bytes[index(bytes, next)]! ^= 1 << Math.floor(next() * 8);
    return bytes;
  },
  limit: (bytes, next) => {
    const limits = [0, 1, 0x7f, 0x80, 0xff];
    bytes[index(bytes, next)] = limits[Math.floor(next() * limits.length)]!;
    return bytes;
  },
  // Ten bytes are the longest number there is: all ones is -1, or a length beyond everything.
  huge: (bytes, next) => {
    bytes.fill(0xff, index(bytes, next)).fill(0x01, bytes.length - 1);
    return bytes;
  },
  several: (bytes, next) => {
    for (let i = 0; i < 8; i++) bytes[index(bytes, next)] = Math.floor(next() * 256);
    return bytes;
  },
  // A piece in another place: fields stand where others belong, names meet other names.
  move: (bytes, next) => {
    const from = index(bytes, next);
    bytes.copyWithin(index(bytes, next), from, from + Math.floor(next() * 64));
    return bytes;
  },
};

/** Our own models, and those at hand. */
const folders = ['models', ...(hasShared ? [sharedPath('models/onnx')] : [])];
const files = folders
  .flatMap((folder) => readdirSync(folder).map((file) => `${folder}/${file}`))
  .filter((file) => file.endsWith('.onnx') && statSync(file).size <= largest)
  .map((file) => [file.slice(file.lastIndexOf('/') + 1), file] as const);

describe('mutated ONNX files', () => {
  test.each(files)('%s ends in a ModelError or in a graph', (_, file) => {
    const original = new Uint8Array(readFileSync(file));
    const names = Object.keys(mutations);
    for (let seed = 1; seed <= casesPerFile; seed++) {
      const mutate = names[seed % names.length]!;
      const bytes = mutations[mutate]!(original.slice(), random(seed));
      try {
        readOnnx(bytes);
      } catch (error) {
        if (error instanceof ModelError) continue;
        expect.fail(`${mutate}, seed ${seed}: ${(error as Error).stack}`);
      }
    }
  });
});
