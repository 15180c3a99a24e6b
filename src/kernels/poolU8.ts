import { PoolU8Args } from '../../assembly/arguments.ts';
import { PlanError } from '../errors.ts';
import type { PoolWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { roundMagic, roundMagicBits } from './packConvU8.ts';

function poolKernel(
  name: string,
  fits: (work: PoolWork) => string | undefined,
  write: (view: DataView, work: PoolWork) => void,
) {
  return kernel<PoolWork, typeof PoolU8Args>(PoolU8Args, {
    name,
    family: 'pool',
    fits: (work) => (work.type === 'u8' ? fits(work) : undefined),
    pack: (work) => {
      if (work.kernelHeight * work.kernelWidth * 255 >= 2 ** 31) {
        throw new PlanError({
          where: 'pool of an 8-bit map',
          got: `a window of ${work.kernelHeight} x ${work.kernelWidth}`,
          expected: `at most ${Math.floor((2 ** 31 - 1) / 255)} cells, as int32 holds their sum`,
          advice: 'pool in two steps',
        });
      }
      const view = new DataView(new ArrayBuffer(32));
      write(view, work);
      return new Uint8Array(view.buffer);
    },
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      parameters: at.packed,
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
      divisor: work.countIncludePad ? work.kernelHeight * work.kernelWidth : 0,
    }),
  });
}

const maximum = poolKernel(
  'max_pool_u8_1x8',
  ({ op }) => (op === 'max' ? 'order is the same for bytes and real numbers' : undefined),
  (view, { result }) => {
    view.setInt32(0, result.min, true);
    view.setInt32(4, result.max, true);
  },
);

const integerMean = poolKernel(
  'average_pool_u8_integer_1x8',
  ({ op, rounding, countIncludePad }) =>
    op === 'average' && rounding === 'xnnpack' && !countIncludePad
      ? 'the mean of raw numbers, as XNNPACK rounds it'
      : undefined,
  (view, { result, signed }) => {
    view.setInt32(0, result.min, true);
    view.setInt32(4, result.max, true);
    view.setInt32(8, signed ? 128 : 0, true);
  },
);

const floatMean = poolKernel(
  'average_pool_u8_float_1x8',
  ({ op, rounding }) =>
    op === 'average' && rounding === 'onnxruntime'
      ? 'the mean in float32, as onnxruntime rounds it'
      : undefined,
  (view, { input, result, signed }) => {
    const sign = signed ? 128 : 0;
    view.setFloat32(0, result.min - sign, true);
    view.setFloat32(4, result.max - sign, true);
    view.setFloat32(8, roundMagic, true);
    view.setInt32(12, roundMagicBits - sign, true);
    view.setFloat32(16, input.scale, true);
    view.setFloat32(20, result.scale, true);
    view.setFloat32(24, result.zeroPoint - sign, true);
    view.setInt32(28, input.zeroPoint, true);
  },
);

export const poolU8 = [maximum, integerMean, floatMean];
