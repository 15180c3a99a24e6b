import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RunError } from '../errors.ts';
import { load, type Model } from '../index.ts';

/** Reads a file whole. @throws RunError that says why it cannot */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw fileError(path, error, 'a file that can be read');
  }
}

/** Loads a model from a path or an http(s) address. */
export async function loadModel(source: string): Promise<Model> {
  if (/^https?:\/\//.test(source)) return load(new URL(source));
  return load(await readBytes(source), { name: basename(source) });
}

/** Writes all files or none: each beside its place first, then all are moved. */
export async function writeFiles(files: readonly { path: string; bytes: Uint8Array }[]) {
  const staged = files.map(({ path, bytes }) => ({
    path,
    bytes,
    stage: join(dirname(path), `.${basename(path)}.${randomUUID()}`),
  }));
  try {
    for (const { path, stage, bytes } of staged) {
      await writeFile(stage, bytes).catch((error: unknown) => {
        throw fileError(path, error, 'a place that can be written');
      });
    }
    for (const { path, stage } of staged) {
      await rename(stage, path).catch((error: unknown) => {
        throw fileError(path, error, 'a place that can be written');
      });
    }
  } finally {
    await Promise.all(staged.map(({ stage }) => rm(stage, { force: true })));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EISDIR: 'a folder',
  ENOTDIR: 'a file in place of a folder',
  EACCES: 'no permission',
  EPERM: 'no permission',
  ERR_FS_FILE_TOO_LARGE: 'more than 2 GiB',
};

export function fileError(path: string, error: unknown, expected: string): RunError {
  const code = (error as NodeJS.ErrnoException).code ?? 'an unknown error';
  return new RunError({
    where: path,
    got: reasons[code] ?? code,
    expected,
    advice: 'check the path',
  });
}
