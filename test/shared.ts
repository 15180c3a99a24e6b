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

export interface Accuracy {
  readonly right: number;
  readonly n: number;
  readonly dataSet: string;
}

interface OwnModel {
  readonly file: string;
  readonly bytes: number;
  readonly macs: number;
  readonly params: number;
  readonly energyNj: { readonly ideal: number; readonly tiled: number };
  readonly accuracy: { readonly float: Accuracy; readonly int8: Accuracy };
}

/** The entries of models/manifest.json. */
export function ownModels(): readonly OwnModel[] {
  const url = new URL('../models/manifest.json', import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { models: OwnModel[] }).models;
}

/** The accuracy that the manifest has for a file of models/. */
export function ownAccuracy(path: string): number {
  const { right, n } = ownModels().find(({ file }) => path.endsWith(`/${file}`))!.accuracy.int8;
  return right / n;
}
