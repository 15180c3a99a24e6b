import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromRoot } from './paths.mjs';

/** Grows when readers of older files would misunderstand newer ones. */
export const resultVersion = 1;

/** Where complete runs lie; one file for a class of machine. */
export const resultFolder = fromRoot('bench/results');

/** JSON with a row of numbers in one line, and no more digits than were measured. */
export function formatResult(result) {
  const round = (_, value) => (typeof value === 'number' ? Number(value.toPrecision(5)) : value);
  const text = JSON.stringify(result, round, 2);
  const oneLine = text.replace(/\[\s+([-\d.,\se]+?)\s+\]/g, (_, inner) => {
    return `[${inner.replace(/\s+/g, ' ')}]`;
  });
  return `${oneLine}\n`;
}

export function writeResult(path, result) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, formatResult(result));
}

/** Every run of this kind that the repository holds. */
export function readResults(folder = resultFolder) {
  return readdirSync(folder)
    .filter((name) => /^peers-.*\.json$/.test(name))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
    .filter(({ version }) => version === resultVersion);
}
