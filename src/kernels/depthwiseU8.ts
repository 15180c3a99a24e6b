import { DepthwiseArgs, ResultType } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf, outputPixels } from './geometry.ts';
import { kernel } from './kernel.ts';
import {
  checkAccumulators,
  headBytes,
  lanes,
  parameterBytes,
  writeHead,
  writeParameters,
  zeroPointOffset,
} from './packConvU8.ts';
import { forgetWeights } from './packer.ts';

/** The ring should fit into L1 beside weights and output. */
const ringBytes = 32 * 1024;

export const depthwiseU8 = kernel<ConvU8Work, typeof DepthwiseArgs>(DepthwiseArgs, {
  name: 'depthwise_u8_1x8',
  family: 'convU8',
  fits: ({ groups, inputChannels, padLeft }) =>
    groups === inputChannels && groups > 1 && padLeft >= 0
      ? 'one input channel a group: channels are lanes'
      : undefined,
  pack: packDepthwise,
  scratchBytes: (work) => {
    const { rows, width } = ringOf(work);
    const head = 64 * Math.ceil((4 * (rows + pairStarts(work).length)) / 64);
    return head + rows * width * channelBlock(work) * 4;
  },
  executes: (work) => {
    const blocks = outputPixels(work) * Math.ceil(work.outputChannels / lanes);
    const loads = blocks * pairStarts(work).length * work.kernelWidth * lanes * 4;
    return { macs: loads / 2, weightReads: loads, inputReads: loads };
  },
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    parameters: at.packed,
    weights: at.packed + parameterBytes,
    scratch: at.scratch,
    inputZeroPoint: work.inputZeroPoint === 'operand' ? at.inputs[1]! : at.packed + zeroPointOffset,
    ...geometryOf(work),
    pairs: pairStarts(work).length,
    lastStart: pairStarts(work).at(-1)!,
    ringRows: ringOf(work).rows,
    paddedWidth: ringOf(work).width,
    channelBlock: channelBlock(work),
    type: ResultType[work.result.type],
  }),
});

/** The kernel rows with which the pairs begin. */
function pairStarts({ kernelHeight, strideY }: ConvU8Work): number[] {
  const starts = Array.from({ length: Math.ceil(kernelHeight / 2) }, (_, pair) => 2 * pair);
  // An odd kernel's last row: with the row above it, so that the ring stays short; at even strides
  // with the row below, since then every second row of the ring is never made.
  if (kernelHeight % 2 === 1 && kernelHeight > 1 && strideY % 2 === 1) {
    starts[starts.length - 1] = kernelHeight - 2;
  }
  return starts;
}

function ringOf(work: ConvU8Work): { rows: number; width: number } {
  const width = (work.outputWidth - 1) * work.strideX + (work.kernelWidth - 1) * work.dilationX + 1;
  return {
    rows: work.dilationY * pairStarts(work).at(-1)! + 1,
    width: work.outputWidth === 0 ? 0 : width,
  };
}

function channelBlock(work: ConvU8Work): number {
  const { rows, width } = ringOf(work);
  const fitting = Math.floor(ringBytes / (rows * width * 4 * lanes));
  return lanes * Math.min(Math.ceil(work.outputChannels / lanes), Math.max(1, fitting));
}

/** Parameters, then per 8 channels: head, i16 [pairs][kernelWidth][8][2]. */
function packDepthwise(work: ConvU8Work): Uint8Array {
  checkAccumulators(work);
  forgetWeights();
  const { weights, weightZeroPoint, kernelHeight, kernelWidth, outputChannels } = work;
  const starts = pairStarts(work);
  const head = headBytes(work);
  const blockBytes = head + starts.length * kernelWidth * lanes * 4;
  const packed = new Uint8Array(parameterBytes + Math.ceil(outputChannels / lanes) * blockBytes);
  const view = new DataView(packed.buffer);
  writeParameters(view, work);
  for (let first = 0, at = parameterBytes; first < outputChannels; first += lanes) {
    const count = Math.min(lanes, outputChannels - first);
    writeHead(view, at, work, first, count);
    for (let lane = 0; lane < count; lane++) {
      const channel = first + lane;
      const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
      for (let ky = 0; ky < kernelHeight; ky++) {
        // The last row may be the second of a pair that begins with one already served.
        const pair = Math.floor(ky / 2);
        const second = ky - starts[pair]!;
        for (let kx = 0; kx < kernelWidth; kx++) {
          const weight = weights[(channel * kernelHeight + ky) * kernelWidth + kx]! - zeroPoint;
          const tap = at + head + (pair * kernelWidth + kx) * lanes * 4;
          view.setInt16(tap + 4 * lane + 2 * second, weight, true);
        }
      }
    }
    at += blockBytes;
  }
  return packed;
}
