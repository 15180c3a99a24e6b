import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, posix } from 'node:path';
import { parse } from 'csv-parse/sync';
import { unzipSync } from 'fflate';
import { RunError } from '../errors.ts';
import { fileError, readBytes } from './files.ts';

/** A sample and the name or number that the data set gives its class. */
export interface Sample {
  readonly file: string;
  readonly class: string;
  readonly read: () => Promise<Uint8Array>;
}

export interface Dataset {
  readonly name: string;
  /** Whether classes are folder names or the column of a labels.csv. */
  readonly classesBy: 'folder' | 'labels.csv';
  readonly samples: readonly Sample[];
  readonly notes: readonly string[];
}

type Files = ReadonlyMap<string, () => Promise<Uint8Array>>;

const rawExtensions = ['.bin', '.raw', '.f32', '.i8', '.u8', '.i32', '.i64'];
const imageExtensions = '.jpg .jpeg .jpe .png .webp .gif .avif .tif .tiff .bmp .heic'.split(' ');

/** An entry of a zip file may not ask for more than this: no sample of an image network is larger. */
const largestEntry = 256 * 2 ** 20;
const largestZip = 2 ** 31;
const deepestFolder = 8;

/**
 * Opens a folder or a zip: samples beside a labels.csv (`file,class`), or one folder per class.
 * @throws RunError where it is neither
 */
export async function openDataset(path: string): Promise<Dataset> {
  const info = await stat(path).catch((error: unknown) => {
    throw fileError(path, error, 'a folder or a zip file');
  });
  const files = withoutRoot(info.isDirectory() ? await listFolder(path) : await listZip(path));
  const dataset = files.has('labels.csv')
    ? await readLabelled(path, files)
    : readFolders(path, files);
  if (dataset.samples.length > 0) return dataset;
  throw new RunError({
    where: path,
    got: 'no samples',
    expected: 'one folder per class, or images or raw tensors beside a labels.csv (file,class)',
    advice: `name them ${[...imageExtensions, ...rawExtensions].join(' ')}`,
  });
}

/**
 * Samples without their classes: a file, or all that a folder or a zip holds, in the order of names.
 * @throws RunError where there are none
 */
export async function openSamples(path: string): Promise<Pick<Sample, 'file' | 'read'>[]> {
  const info = await stat(path).catch((error: unknown) => {
    throw fileError(path, error, 'a picture, a folder or a zip file');
  });
  if (info.isFile() && isSample(path)) return [{ file: path, read: () => readBytes(path) }];
  const files = info.isDirectory() ? await listFolder(path) : await listZip(path);
  const samples = [...files].filter(([file]) => isSample(file));
  if (samples.length === 0) {
    throw new RunError({
      where: path,
      got: 'no samples',
      expected: 'pictures or raw tensors',
      advice: `name them ${[...imageExtensions, ...rawExtensions].join(' ')}`,
    });
  }
  samples.sort(([a], [b]) => (a < b ? -1 : 1));
  return samples.map(([file, read]) => ({ file, read }));
}

function isSample(file: string): boolean {
  return isRaw(file) || imageExtensions.includes(extname(file).toLowerCase());
}

export function isRaw(file: string): boolean {
  return rawExtensions.includes(extname(file).toLowerCase());
}

async function readLabelled(name: string, files: Files): Promise<Dataset> {
  const rows = parseLabels(name, await files.get('labels.csv')!());
  const samples = rows.map((row, i): Sample => {
    const { file = '', class: label = '' } = row;
    const read = files.get(posix.normalize(file));
    if (read !== undefined && label !== '') return { file, class: label, read };
    throw new RunError({
      where: `${name}: labels.csv, row ${i + 1}`,
      got: read === undefined ? `file "${file}", which is not there` : 'no class',
      expected: 'a file of the data set and its class',
      advice: 'paths stand relative to labels.csv',
    });
  });
  return { name, classesBy: 'labels.csv', samples, notes: [] };
}

function parseLabels(name: string, bytes: Uint8Array): Record<string, string>[] {
  const wrong = (got: string) =>
    new RunError({
      where: `${name}: labels.csv`,
      got,
      expected: 'a header with the columns file and class, then one row for each sample',
      advice: 'correct the file',
    });
  let rows: Record<string, string>[];
  try {
    const options = { columns: true, bom: true, trim: true, skip_empty_lines: true } as const;
    rows = parse(new TextDecoder().decode(bytes), options);
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const [first] = rows;
  if (first === undefined) throw wrong('no rows');
  if ('file' in first && 'class' in first) return rows;
  throw wrong(`the columns ${Object.keys(first).join(', ')}`);
}

function readFolders(name: string, files: Files): Dataset {
  const samples: Sample[] = [];
  let ignored = 0;
  for (const [file, read] of files) {
    const slash = file.indexOf('/');
    if (slash > 0 && isSample(file)) samples.push({ file, class: file.slice(0, slash), read });
    else ignored++;
  }
  samples.sort((a, b) => (a.file < b.file ? -1 : 1));
  const notes = ignored > 0 ? [`${ignored} other files are left aside`] : [];
  return { name, classesBy: 'folder', samples, notes };
}

async function listFolder(root: string): Promise<Files> {
  const files = new Map<string, () => Promise<Uint8Array>>();
  const walk = async (folder: string, prefix: string, depth: number): Promise<void> => {
    // Links may lead round in a circle.
    if (depth > deepestFolder) return;
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (isHidden(entry.name)) continue;
      const path = join(folder, entry.name);
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => entry) : entry;
      if (kind.isDirectory()) await walk(path, `${prefix}${entry.name}/`, depth + 1);
      else if (kind.isFile()) files.set(`${prefix}${entry.name}`, () => readFile(path));
    }
  };
  await walk(root, '', 0).catch((error: unknown) => {
    throw fileError(root, error, 'a folder that can be read');
  });
  return files;
}

async function listZip(path: string): Promise<Files> {
  const archive = await readBytes(path);
  const files = new Map<string, () => Promise<Uint8Array>>();
  const wrong = (got: string, advice: string) =>
    new RunError({ where: path, got, expected: 'a folder or a zip file', advice });
  if (archive[0] !== 0x50 || archive[1] !== 0x4b)
    throw wrong('neither', 'give a folder or a zip of samples');
  let total = 0;
  try {
    // Sizes come from the archive's directory: they are checked before anything is allocated.
    const entries = unzipSync(archive, {
      filter: ({ name, originalSize }) => {
        if (name.endsWith('/') || name.split('/').some(isHidden)) return false;
        total += originalSize;
        if (originalSize > largestEntry || total > largestZip)
          throw wrong(`${originalSize} bytes in "${name}"`, 'unpack it and give the folder');
        return true;
      },
    });
    for (const [name, bytes] of Object.entries(entries)) files.set(name, async () => bytes);
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw wrong(error instanceof Error ? error.message : String(error), 'make the zip file again');
  }
  return files;
}

/** Archives often wrap everything in one folder, which is then no class. */
function withoutRoot(files: Files): Files {
  const names = [...files.keys()];
  const root = names[0]?.slice(0, names[0].indexOf('/') + 1) ?? '';
  if (root === '' || !names.every((name) => name.startsWith(root))) return files;
  const inner = new Map([...files].map(([name, read]) => [name.slice(root.length), read]));
  const isDataset = inner.has('labels.csv') || [...inner.keys()].every((n) => n.includes('/'));
  return isDataset ? withoutRoot(inner) : files;
}

/** Also what macOS puts into archives. */
function isHidden(name: string): boolean {
  return basename(name).startsWith('.') || name === '__MACOSX';
}
