import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

interface Manifest {
  readonly models?: readonly {
    readonly file?: string;
    readonly sha256?: string;
    readonly accuracy?: { readonly int8?: { readonly top1?: number } };
  }[];
}

/** The measured accuracy that a manifest.json beside the model states for just this file. */
export async function knownAccuracy(path: string): Promise<number | undefined> {
  try {
    const manifest = await readFile(join(dirname(path), 'manifest.json'), 'utf8');
    const { models = [] } = JSON.parse(manifest) as Manifest;
    const entry = models.find(({ file }) => file === basename(path));
    const top1 = entry?.accuracy?.int8?.top1;
    if (entry?.sha256 === undefined || typeof top1 !== 'number') return undefined;
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    return sha256 === entry.sha256 ? top1 : undefined;
  } catch {
    // No manifest, or someone else's.
    return undefined;
  }
}
