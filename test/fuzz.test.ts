import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { everyOperator } from './formats/tflite/everyOperator.ts';
import { writeModel } from './formats/tflite/writeModel.ts';
import type { Task } from './fuzz/child.ts';
import { type Find, tryAll } from './fuzz/fleet.ts';
import { hasShared, sharedPath, unzipShared } from './shared.ts';
import { random } from './vocabulary.ts';

// Every mutant has a number of its own: FUZZ_CASES=1 FUZZ_SEED=<its number> brings it back.
const cases = Number(process.env.FUZZ_CASES ?? 10_000);
const firstNumber = Number(process.env.FUZZ_SEED ?? 1);

/** Larger files hold the same structures, and mostly weights. */
const largest = 350_000;

const folder = mkdtempSync(join(tmpdir(), 'microjoule-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true }));

function seedFiles(): string[] {
  const made = join(folder, 'every-operator.tflite');
  writeFileSync(made, writeModel(everyOperator));
  const folders = ['models', ...(hasShared ? ['tflite', 'onnx'].map(modelFolder) : [])];
  const files = folders.flatMap((path) =>
    readdirSync(path)
      .filter((file) => /\.(tflite|onnx)$/.test(file))
      .map((file) => join(path, file)),
  );
  return [made, ...files.filter((file) => statSync(file).size <= largest), ...operatorCases()];
}

/** ONNX's own cases of single operators. */
function operatorCases(): string[] {
  if (!hasShared) return [];
  const models = Object.entries(unzipShared('data/onnx-node-tests.zip')).filter(([path]) =>
    path.endsWith('.onnx'),
  );
  return models.map(([path, bytes]) => {
    const file = join(folder, path.replaceAll('/', '-'));
    writeFileSync(file, bytes);
    return file;
  });
}

function modelFolder(format: string): string {
  return sharedPath(`models/${format}`);
}

/**
 * Which file each number mutates: a large one less often, since it takes its time, and so with the
 * many small ones, since each holds little.
 */
function deal(files: readonly string[]): Task[] {
  const weights = files.map((file) => {
    const { size } = statSync(file);
    return Math.min(1, size / 5000) / (20_000 + size);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from({ length: cases }, (_, i) => {
    const number = firstNumber + i;
    let rest = random(number + 2 ** 31)() * total;
    let seed = 0;
    while (seed < weights.length - 1 && rest >= weights[seed]!) rest -= weights[seed++]!;
    return { seed, number };
  });
}

test(`${cases} mutants from number ${firstNumber} on are refused, planned or run`, async () => {
  const files = seedFiles();
  const { refused, planned, run, finds } = await tryAll(deal(files), {
    seeds: files,
    folder,
    processes: 2,
    hangMs: 10_000,
    maxProcessBytes: 768 * 2 ** 20,
  });
  console.log(`${refused} refused, ${planned} planned, ${run} run, ${finds.length} finds`);
  const message = ({ seed, number, story, message }: Find): string =>
    `${basename(files[seed]!)}, FUZZ_SEED=${number}: ${story}\n${message}`;
  expect(finds.map(message).join('\n\n')).toBe('');
  expect(refused + planned + run).toBe(cases);
  // A fuzzer whose mutants all die at the door tests the door.
  if (cases >= 1000) expect((planned + run) / cases).toBeGreaterThan(0.2);
}, 3_600_000);
