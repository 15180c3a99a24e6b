import { DequantizeArgs, QuantizeArgs } from '../../assembly/arguments.ts';
import type { DequantizeWork, QuantizeWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

type AnyWork = QuantizeWork | DequantizeWork;

/** One parameter pair serves everything as one long row. */
function rowsOf(work: AnyWork): { outer: number; channels: number; inner: number } {
  const { outer, channels, inner } = work;
  if (work.scale.length > 1) return { outer, channels, inner };
  return { outer: 1, channels: 1, inner: outer * channels * inner };
}

/** Pairs of scale, or its reciprocal, and zero point in groups of `lanes` channels: all scales, then all zero points. */
function packPairs(work: AnyWork, lanes: number): Uint8Array {
  const isProduct = work.family === 'quantize' && work.reciprocal;
  const groups = Math.ceil(work.scale.length / lanes);
  const scales = new Float32Array(groups * lanes * 2).fill(1);
  const zeroPoints = new Int32Array(scales.buffer);
  for (let group = 0; group < groups; group++) {
    for (let lane = 0; lane < lanes; lane++) {
      const channel = group * lanes + lane;
      const at = group * lanes * 2 + lane;
      if (channel < work.scale.length) {
        const scale = work.scale[channel]!;
        scales[at] = isProduct ? 1 / scale : scale;
      }
      zeroPoints[at + lanes] = work.zeroPoint[channel] ?? 0;
    }
  }
  return new Uint8Array(scales.buffer);
}

function channelsLast(work: AnyWork): boolean {
  return work.inner === 1 && work.scale.length > 1;
}

function quantizeKernels(reciprocal: boolean) {
  const name = reciprocal ? 'quantize_f32u8_mul' : 'quantize_f32u8';
  const channels = kernel<QuantizeWork, typeof QuantizeArgs>(QuantizeArgs, {
    name: `${name}_1x4`,
    family: 'quantize',
    fits: (work) =>
      work.reciprocal === reciprocal && channelsLast(work)
        ? 'a scale per channel of the last axis'
        : undefined,
    pack: (work) => packPairs(work, 4),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      outer: work.outer,
      channels: work.channels,
      inner: 1,
    }),
  });
  const rows = kernel<QuantizeWork, typeof QuantizeArgs>(QuantizeArgs, {
    name,
    family: 'quantize',
    fits: (work) => (work.reciprocal === reciprocal ? 'rows of one scale' : undefined),
    pack: (work) => packPairs(work, 1),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      ...rowsOf(work),
    }),
  });
  return [channels, rows] as const;
}

export const [quantizeChannels, quantize] = quantizeKernels(false);
export const [quantizeMulChannels, quantizeMul] = quantizeKernels(true);

function dequantizeKernels(type: DequantizeWork['type']) {
  const channels = kernel<DequantizeWork, typeof DequantizeArgs>(DequantizeArgs, {
    name: `dequantize_${type}f32_1x4`,
    family: 'dequantize',
    fits: (work) =>
      work.type === type && channelsLast(work) ? 'a scale per channel of the last axis' : undefined,
    pack: (work) => packPairs(work, 4),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      outer: work.outer,
      channels: work.channels,
      inner: 1,
    }),
  });
  const rows = kernel<DequantizeWork, typeof DequantizeArgs>(DequantizeArgs, {
    name: `dequantize_${type}f32`,
    family: 'dequantize',
    fits: (work) => (work.type === type ? 'rows of one scale' : undefined),
    pack: (work) => packPairs(work, 1),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
      ...rowsOf(work),
    }),
  });
  return [channels, rows] as const;
}

export const [dequantizeU8Channels, dequantizeU8] = dequantizeKernels('u8');
export const [dequantizeI32Channels, dequantizeI32] = dequantizeKernels('i32');
