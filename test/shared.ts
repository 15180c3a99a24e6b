import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

/** The folder of real models, data and expected outputs that stands beside the checkout. */
const folder = new URL('../../shared/', import.meta.url);

/** Whether it is there: tests on real models are skipped on a machine that has only the clone. */
export const hasShared = existsSync(folder);

export function sharedPath(path: string): string {
  return fileURLToPath(new URL(path, folder));
}

export function readShared(path: string): Uint8Array {
  return new Uint8Array(readFileSync(sharedPath(path)));
}

export function readSharedJson(path: string): unknown {
  return JSON.parse(readFileSync(sharedPath(path), 'utf8'));
}

export function unzipShared(path: string): Record<string, Uint8Array> {
  return unzipSync(readShared(path));
}
