import type { Work } from '../graph/work.ts';
import { convF32 } from './convF32.ts';
import { convU8 } from './convU8.ts';
import { copyRuns, copyStrided, copyTransposeX8, copyTransposeX32 } from './copy.ts';
import { depthwiseF32 } from './depthwiseF32.ts';
import { fill } from './fill.ts';
import type { Kernel } from './kernel.ts';
import { matMulF32 } from './matMulF32.ts';
import {
  dequantizeI32,
  dequantizeI32Channels,
  dequantizeU8,
  dequantizeU8Channels,
  quantize,
  quantizeChannels,
} from './quantize.ts';
import { table } from './table.ts';

/** Every kernel; within a family the preferred one first, and the last fits whatever comes. */
export const catalogue = [
  ...convU8,
  table,
  copyRuns,
  copyTransposeX8,
  copyTransposeX32,
  copyStrided,
  fill,
  quantizeChannels,
  quantize,
  dequantizeU8Channels,
  dequantizeU8,
  dequantizeI32Channels,
  dequantizeI32,
  depthwiseF32,
  convF32,
  matMulF32,
] as readonly Kernel[] as readonly Kernel<Work>[];
