import type { Work } from '../graph/work.ts';
import type { Kernel } from './kernel.ts';
import { table } from './table.ts';

/** Every kernel; within a family the preferred one first, and the last fits whatever comes. */
export const catalogue = [table] as readonly Kernel[] as readonly Kernel<Work>[];
