import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveClasses } from '../../src/cli/classes.ts';
import { type Dataset, openDataset } from '../../src/cli/dataset.ts';
import { RunError } from '../../src/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function filesOf(tree: Record<string, string>): Promise<string> {
  for (const [name, text] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function zipOf(tree: Record<string, string>): Promise<string> {
  const path = join(folder, 'set.zip');
  const entries = Object.entries(tree).map(([name, text]) => [
    name,
    new TextEncoder().encode(text),
  ]);
  await writeFile(path, zipSync(Object.fromEntries(entries)));
  return path;
}

const classesOf = (dataset: Dataset) => dataset.samples.map((s) => [s.file, s.class]);

describe('opening', () => {
  const tree = {
    'b/2.png': '',
    'b/1.jpg': '',
    'a/deep/3.bin': 'x',
    'a/notes.txt': '',
    'top.png': '',
  };

  test.each([
    ['folder', filesOf],
    ['zip', zipOf],
  ] as const)('a %s with a folder for each class', async (_, make) => {
    const dataset = await openDataset(await make(tree));
    expect(classesOf(dataset)).toEqual([
      ['a/deep/3.bin', 'a'],
      ['b/1.jpg', 'b'],
      ['b/2.png', 'b'],
    ]);
    expect(dataset.notes).toEqual(['2 other files are left aside']);
    expect(new TextDecoder().decode(await dataset.samples[0]!.read())).toBe('x');
  });

  test('a labels.csv, wherever the archive wraps it, in its own order', async () => {
    const csv = '\uFEFFclass,name,file\r\n3,"c, d",./sub/b.bin\r\n\r\n1,e,a.bin\r\n';
    const dataset = await openDataset(
      await zipOf({ 'set/labels.csv': csv, 'set/a.bin': '', 'set/sub/b.bin': '' }),
    );
    expect(classesOf(dataset)).toEqual([
      ['./sub/b.bin', '3'],
      ['a.bin', '1'],
    ]);
  });

  test('hidden files and what macOS adds are no samples; a lone class is no wrapping', async () => {
    const dataset = await openDataset(
      await zipOf({ 'cat/1.png': '', 'cat/._1.png': '', '__MACOSX/cat/1.png': '', '.x/1.png': '' }),
    );
    expect(classesOf(dataset)).toEqual([['cat/1.png', 'cat']]);
  });

  test('links that lead in a circle come to an end', async () => {
    await filesOf({ 'a/1.png': '' });
    await symlink(folder, join(folder, 'a', 'loop'));
    expect((await openDataset(folder)).samples.length).toBeGreaterThan(0);
  });

  test.each([
    [{ 'labels.csv': 'file,klass\na.bin,1\n', 'a.bin': '' }, /columns file, klass/],
    [{ 'labels.csv': 'file,class\nb.bin,1\n', 'a.bin': '' }, /row 1: got file "b\.bin"/],
    [{ 'labels.csv': 'file,class\n../../etc/passwd,1\n' }, /which is not there/],
    [{ 'labels.csv': 'file,class\na.bin,\n', 'a.bin': '' }, /no class/],
    [{ 'labels.csv': 'file,class\na.bin,1,2\n', 'a.bin': '' }, /labels\.csv: got Invalid Record/],
    [{ 'labels.csv': '' }, /no rows/],
    [{ 'a.png': '' }, /no samples/],
  ])('%o is refused', async (tree, message) => {
    const error = await openDataset(await zipOf(tree as unknown as Record<string, string>)).catch(
      (e) => e,
    );
    expect(error).toBeInstanceOf(RunError);
    expect(error.message).toMatch(message);
  });

  test('broken archives are refused, and those that claim too much', async () => {
    const path = await zipOf({ 'a/1.bin': 'x'.repeat(1000) });
    const { readFile } = await import('node:fs/promises');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 30));
    await expect(openDataset(path)).rejects.toThrow(RunError);
    // The size in the central directory, 24 bytes after its signature.
    const directory = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'));
    bytes.writeUInt32LE(0xfffffff0, directory + 24);
    await writeFile(path, bytes);
    await expect(openDataset(path)).rejects.toThrow(/4294967280 bytes in "a\/1\.bin"/);
  });
});

describe('classes', () => {
  const set = (...classes: string[]): Dataset => ({
    name: 'set',
    classesBy: 'folder',
    notes: [],
    samples: classes.map((name, i) => ({
      file: `${i}`,
      class: name,
      read: async () => new Uint8Array(),
    })),
  });
  const indices = (dataset: Dataset, count: number, labels?: string[], background?: boolean) =>
    resolveClasses(dataset, {
      count,
      labels,
      ...(background === undefined ? {} : { background }),
    }).indices;

  test('numbers are outputs', () => {
    expect(indices(set('3', '0', '10'), 11)).toEqual([3, 0, 10]);
  });

  test('a background class moves them by one, and that is said', () => {
    const { indices: found, notes } = resolveClasses(set('0', '999'), {
      count: 1001,
      labels: undefined,
    });
    expect(found).toEqual([1, 1000]);
    expect(notes).toEqual(['output 0 is the background: class c of the data set is output c + 1']);
    expect(indices(set('0', '1000'), 1001)).toEqual([0, 1000]);
    expect(indices(set('0', '1'), 3, ['Background', 'a', 'b'])).toEqual([1, 2]);
    expect(indices(set('0', '1'), 3, ['Background', 'a', 'b'], false)).toEqual([0, 1]);
    expect(indices(set('0', '1'), 3, undefined, true)).toEqual([1, 2]);
  });

  test('names are found among the labels, whatever their spelling', () => {
    expect(indices(set('t_shirt_top', 'BAG'), 3, ['Bag', 'Coat', 'T-shirt/top'])).toEqual([2, 0]);
  });

  test('as many names as outputs count in sorted order', () => {
    expect(indices(set('dog', 'ant', 'cat'), 3)).toEqual([2, 0, 1]);
    expect(indices(set('n02', 'n01'), 2, ['x', 'y'])).toEqual([1, 0]);
    expect(indices(set('dog', 'cat'), 3, ['background', 'x', 'y'])).toEqual([2, 1]);
  });

  test('what does not fit is refused', () => {
    expect(() => indices(set('a', 'b'), 5)).toThrow('got 2 classes (a, b), expected 5');
    expect(() => indices(set('0', '7'), 5)).toThrow('got class 7');
  });
});
