import { ResizeLinearArgs, ResizeNearestArgs } from '../../assembly/arguments.ts';
import type { AxisBlend, ResizeLinearWork, ResizeNearestWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

const axisBytes = 12;

/** Per index: byte offsets of both sources, and the fraction of the second. */
function packBlend(view: DataView, at: number, axis: AxisBlend, step: number): void {
  for (let i = 0; i < axis.low.length; i++) {
    view.setInt32(at + axisBytes * i, axis.low[i]! * step, true);
    view.setInt32(at + axisBytes * i + 4, axis.high[i]! * step, true);
    view.setFloat32(at + axisBytes * i + 8, axis.fraction[i]!, true);
  }
}

function resizeLinear(type: ResizeLinearWork['type']) {
  const elementBytes = type === 'u8' ? 1 : 4;
  return kernel<ResizeLinearWork, typeof ResizeLinearArgs>(ResizeLinearArgs, {
    name: `resize_linear_${type}_1x8`,
    family: 'resizeLinear',
    fits: (work) => (work.type === type ? 'blends of four pixels, channels as lanes' : undefined),
    pack: ({ y, x, inputWidth, channels }) => {
      const packed = new Uint8Array(axisBytes * (y.low.length + x.low.length));
      const view = new DataView(packed.buffer);
      const pixelBytes = channels * elementBytes;
      packBlend(view, 0, y, inputWidth * pixelBytes);
      packBlend(view, axisBytes * y.low.length, x, pixelBytes);
      return packed;
    },
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      y: at.packed,
      x: at.packed + axisBytes * work.y.low.length,
      batch: work.batch,
      imageBytes: work.inputHeight * work.inputWidth * work.channels * elementBytes,
      outputHeight: work.y.low.length,
      outputWidth: work.x.low.length,
      channels: work.channels,
    }),
  });
}

export const resizeLinearU8 = resizeLinear('u8');
export const resizeLinearF32 = resizeLinear('f32');

export const resizeNearest = kernel<ResizeNearestWork, typeof ResizeNearestArgs>(
  ResizeNearestArgs,
  {
    name: 'resize_nearest',
    family: 'resizeNearest',
    fits: () => 'copies of whole pixels',
    pack: ({ y, x, inputWidth, pixelBytes }) => {
      const rows = Array.from(y, (source) => source * inputWidth * pixelBytes);
      const columns = Array.from(x, (source) => source * pixelBytes);
      return new Uint8Array(Int32Array.from([...rows, ...columns]).buffer);
    },
    bind: (work, at) => ({
      input: at.inputs[0]!,
      output: at.outputs[0]!,
      y: at.packed,
      x: at.packed + 4 * work.y.length,
      batch: work.batch,
      imageBytes: work.inputHeight * work.inputWidth * work.pixelBytes,
      pixelBytes: work.pixelBytes,
      outputHeight: work.y.length,
      outputWidth: work.x.length,
    }),
  },
);
