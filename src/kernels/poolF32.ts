import { PoolF32Args } from '../../assembly/arguments.ts';
import type { PoolWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

function poolKernel(name: string, op: PoolWork['op']) {
  return kernel<PoolWork, typeof PoolF32Args>(PoolF32Args, {
    name,
    family: 'pool',
    fits: (work) =>
      work.type === 'f32' && work.op === op ? 'any window, channels as lanes' : undefined,
    pack: ({ result }) => new Uint8Array(Float32Array.of(result.min, result.max).buffer),
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      bounds: at.packed,
      batch: work.batch,
      inputHeight: work.inputHeight,
      inputWidth: work.inputWidth,
      channels: work.inputChannels,
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
      padBottom: work.padBottom,
      padRight: work.padRight,
      countIncludePad: work.countIncludePad ? 1 : 0,
    }),
  });
}

export const maxPoolF32 = poolKernel('max_pool_f32_1x8', 'max');
export const averagePoolF32 = poolKernel('average_pool_f32_1x8', 'average');
