import type { Work } from '../graph/work.ts';
import { affineF32 } from './affineF32.ts';
import { argMaxF32, argMaxI32, argMaxU8 } from './argMax.ts';
import { addF32, divF32, mulF32, preluF32, subF32 } from './binaryF32.ts';
import { binaryU8 } from './binaryU8.ts';
import { cast } from './cast.ts';
import { convF32 } from './convF32.ts';
import { convU8 } from './convU8.ts';
import { copyPixelsX8, copyRuns, copyStrided, copyTransposeX8, copyTransposeX32 } from './copy.ts';
import { depthwiseColumnsU8 } from './depthwiseColumnsU8.ts';
import { depthwiseF32 } from './depthwiseF32.ts';
import { depthwiseU8 } from './depthwiseU8.ts';
import { dynamicQuantize } from './dynamicQuantize.ts';
import { fill } from './fill.ts';
import type { Kernel } from './kernel.ts';
import { matMulF32 } from './matMulF32.ts';
import { meanF32, meanRowsF32 } from './meanF32.ts';
import { meanU8 } from './meanU8.ts';
import { averagePoolF32, maxPoolF32 } from './poolF32.ts';
import { poolU8 } from './poolU8.ts';
import {
  dequantizeI32,
  dequantizeI32Channels,
  dequantizeU8,
  dequantizeU8Channels,
  quantize,
  quantizeChannels,
  quantizeMul,
  quantizeMulChannels,
} from './quantize.ts';
import { resizeLinearF32, resizeLinearU8, resizeNearest } from './resize.ts';
import { logSoftmaxF32, softmaxF32 } from './softmaxF32.ts';
import { softmaxU8 } from './softmaxU8.ts';
import { flip, hardSwish, table } from './table.ts';
import { ternaryRealU8 } from './ternaryRealU8.ts';
import { ternarySumsF32, ternarySumsU8 } from './ternaryScale.ts';
import {
  clipF32,
  hardSigmoidF32,
  hardSwishF32,
  leakyReluF32,
  sigmoidF32,
  tanhF32,
} from './unaryF32.ts';

/** Every kernel; within a family the preferred one first, and the last fits whatever comes. */
export const catalogue = [
  ...depthwiseColumnsU8,
  depthwiseU8,
  ...convU8,
  ternaryRealU8,
  ternarySumsU8,
  ternarySumsF32,
  ...binaryU8,
  ...poolU8,
  ...meanU8,
  ...softmaxU8,
  flip,
  hardSwish,
  table,
  copyRuns,
  copyPixelsX8,
  copyTransposeX8,
  copyTransposeX32,
  copyStrided,
  fill,
  quantizeChannels,
  quantize,
  quantizeMulChannels,
  quantizeMul,
  dequantizeU8Channels,
  dequantizeU8,
  dequantizeI32Channels,
  dequantizeI32,
  depthwiseF32,
  convF32,
  matMulF32,
  clipF32,
  leakyReluF32,
  hardSigmoidF32,
  hardSwishF32,
  sigmoidF32,
  tanhF32,
  softmaxF32,
  logSoftmaxF32,
  affineF32,
  addF32,
  subF32,
  mulF32,
  divF32,
  preluF32,
  maxPoolF32,
  averagePoolF32,
  meanRowsF32,
  meanF32,
  argMaxU8,
  argMaxF32,
  argMaxI32,
  resizeLinearU8,
  resizeLinearF32,
  resizeNearest,
  dynamicQuantize,
  cast,
] as readonly Kernel[] as readonly Kernel<Work>[];
