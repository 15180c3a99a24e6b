import { DepthwiseF32Args } from '../../assembly/arguments.ts';
import type { ConvF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

/** Channels of a block. */
const lanes = 8;

/** Bounds, 8 bytes of nothing, then per 8 channels: bias, [taps][8]. */
function pack(work: ConvF32Work): Uint8Array {
  const taps = work.kernelHeight * work.kernelWidth;
  const channels = work.outputChannels;
  const blockSize = lanes * (taps + 1);
  const packed = new Float32Array(4 + Math.ceil(channels / lanes) * blockSize);
  packed[0] = work.min;
  packed[1] = work.max;
  for (let channel = 0; channel < channels; channel++) {
    const at = 4 + Math.floor(channel / lanes) * blockSize + (channel % lanes);
    packed[at] = work.bias[channel]!;
    for (let tap = 0; tap < taps; tap++) {
      packed[at + lanes * (tap + 1)] = work.weights[channel * taps + tap]!;
    }
  }
  return new Uint8Array(packed.buffer);
}

/** Along one axis: the taps of all outputs that meet the input. */
function tapsInside(
  outputs: number,
  stride: number,
  pad: number,
  taps: number,
  dilation: number,
  size: number,
): number {
  let inside = 0;
  for (let output = 0; output < outputs; output++) {
    for (let tap = 0; tap < taps; tap++) {
      const at = output * stride - pad + tap * dilation;
      if (at >= 0 && at < size) inside++;
    }
  }
  return inside;
}

export const depthwiseF32 = kernel<ConvF32Work, typeof DepthwiseF32Args>(DepthwiseF32Args, {
  name: 'depthwise_f32_1x8',
  family: 'convF32',
  fits: (work) =>
    work.groups > 1 && work.groups === work.inputChannels && work.groups === work.outputChannels
      ? 'depthwise, channels as lanes'
      : undefined,
  pack,
  executes: (work) => {
    // Taps in the padding are left out.
    const rows = tapsInside(
      ...([work.outputHeight, work.strideY, work.padTop] as const),
      ...([work.kernelHeight, work.dilationY, work.inputHeight] as const),
    );
    const columns = tapsInside(
      ...([work.outputWidth, work.strideX, work.padLeft] as const),
      ...([work.kernelWidth, work.dilationX, work.inputWidth] as const),
    );
    const macs = work.batch * rows * columns * lanes * Math.ceil(work.outputChannels / lanes);
    return { macs, weightReads: 4 * macs, inputReads: 4 * macs };
  },
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    weights: at.packed,
    batch: work.batch,
    inputHeight: work.inputHeight,
    inputWidth: work.inputWidth,
    channels: work.outputChannels,
    outputHeight: work.outputHeight,
    outputWidth: work.outputWidth,
    kernelHeight: work.kernelHeight,
    kernelWidth: work.kernelWidth,
    strideY: work.strideY,
    strideX: work.strideX,
    dilationY: work.dilationY,
    dilationX: work.dilationX,
    padTop: work.padTop,
    padLeft: work.padLeft,
  }),
});
