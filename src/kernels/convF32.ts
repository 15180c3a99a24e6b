import { ConvF32Args } from '../../assembly/arguments.ts';
import type { ConvF32Work } from '../graph/work.ts';
import { executedTiles } from './executedF32.ts';
import { geometryOf, isPointwise, outputPixels, windowSize } from './geometry.ts';
import { type Executed, kernel } from './kernel.ts';

/** Scratch to aim at: the windows should stay in L2 while the weights pass by. */
const blockBytes = 128 * 1024;
/** Channels of a block. */
const lanes = 8;

/** Pixels that are multiplied with all weights before the next ones are looked at. */
function blockRows(work: ConvF32Work): number {
  const fitting = Math.floor(blockBytes / (4 * Math.max(1, windowSize(work))));
  return Math.max(4, fitting - (fitting % 4));
}

/** Bounds, 8 bytes of nothing, then per group and 8 channels: bias, [k][8]. */
function pack(work: ConvF32Work): Uint8Array {
  const k = windowSize(work);
  const n = work.outputChannels / work.groups;
  const blocks = Math.ceil(n / lanes);
  const packed = new Float32Array(4 + work.groups * blocks * lanes * (k + 1));
  packed[0] = work.min;
  packed[1] = work.max;
  let at = 4;
  for (let group = 0; group < work.groups; group++) {
    for (let first = 0; first < n; first += lanes) {
      for (let lane = 0; lane < Math.min(lanes, n - first); lane++) {
        const channel = group * n + first + lane;
        packed[at + lane] = work.bias[channel]!;
        for (let i = 0; i < k; i++) {
          packed[at + lanes * (i + 1) + lane] = work.weights[channel * k + i]!;
        }
      }
      at += lanes * (k + 1);
    }
  }
  return new Uint8Array(packed.buffer);
}

export const convF32 = kernel<ConvF32Work, typeof ConvF32Args>(ConvF32Args, {
  name: 'conv_f32_4x8',
  family: 'convF32',
  fits: () => 'any convolution is a product of windows and weights',
  pack,
  scratchBytes: (work) => {
    if (isPointwise(work)) return 0;
    return 4 * Math.min(outputPixels(work), blockRows(work)) * windowSize(work) + 16;
  },
  executes: (work) => {
    const { groups, outputChannels } = work;
    const pixels = outputPixels(work);
    const most = blockRows(work);
    const blocks = groups * Math.ceil(outputChannels / groups / lanes);
    const whole = executedTiles(most, windowSize(work));
    const last = executedTiles(pixels % most, windowSize(work));
    const times = (of: keyof Executed) =>
      blocks * (Math.floor(pixels / most) * whole[of] + last[of]);
    return {
      macs: times('macs'),
      weightReads: times('weightReads'),
      inputReads: times('inputReads'),
    };
  },
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    weights: at.packed,
    scratch: at.scratch,
    ...geometryOf(work),
    groups: work.groups,
    k: windowSize(work),
    blockRows: blockRows(work),
    isPointwise: isPointwise(work) ? 1 : 0,
  }),
});
