import { fileURLToPath } from 'node:url';

/** A path of this folder. */
export const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A path of the repository. */
export const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
