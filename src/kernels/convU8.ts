import { ConvArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf, isPointwise, outputPixels, windowSize } from './geometry.ts';
import { type Kernel, kernel } from './kernel.ts';
import { packConvU8, parameterBytes, zeroPointOffset } from './packConvU8.ts';

/** Scratch to aim at: the windows should stay in L2 while the weights pass by. */
const blockBytes = 64 * 1024;

const names = { u8: 'conv_u8u8_4x8', i32: 'conv_u8i32_4x8', f32: 'conv_u8f32_4x8' } as const;

function convOf(type: keyof typeof names): Kernel<ConvU8Work> {
  return kernel<ConvU8Work, typeof ConvArgs>(ConvArgs, {
    name: names[type],
    family: 'convU8',
    fits: (work) =>
      work.result.type === type ? 'any convolution is a product of windows and weights' : undefined,
    pack: packConvU8,
    // The last row's spill, and what the loads of four bytes pass over.
    scratchBytes: (work) => blockRows(work) * rowBytes(work) + 64,
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      weights: at.packed + parameterBytes,
      scratch: at.scratch,
      inputZeroPoint:
        work.inputZeroPoint === 'operand' ? at.inputs[1]! : at.packed + zeroPointOffset,
      ...geometryOf(work),
      groups: work.groups,
      rowBytes: rowBytes(work),
      blockRows: blockRows(work),
      // Pairs must not straddle two windows.
      isPointwise: isPointwise(work) && work.groups === 1 && work.inputChannels % 2 === 0 ? 1 : 0,
      sums: 0,
      ones: 0,
    }),
  });
}

function rowBytes(work: ConvU8Work): number {
  return 4 * Math.ceil(windowSize(work) / 2);
}

function blockRows(work: ConvU8Work): number {
  const fitting = Math.floor(blockBytes / rowBytes(work));
  return Math.min(outputPixels(work), Math.max(4, fitting - (fitting % 4)));
}

export const convU8 = [convOf('u8'), convOf('i32'), convOf('f32')];
