import { ResizeLinearArgs, ResizeNearestArgs } from '../../assembly/arguments.ts';
import type { AxisBlend, ResizeLinearWork, ResizeNearestWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';

type Type = ResizeLinearWork['type'];

/** Bytes per index of an axis: two offsets and two weights. */
const axisBytes = 16;
/** A weight of 1 in u8 maps. */
const unit = 2048;

/** Per index of an axis whose cells are `step` bytes apart, as assembly/layout/resize.ts reads it. */
function packAxis(view: DataView, at: number, axis: AxisBlend, step: number, type: Type): void {
  axis.low.forEach((low, i) => {
    const to = at + axisBytes * i;
    const high = axis.high[i]!;
    const fraction = axis.fraction[i]!;
    view.setInt32(to, low * step, true);
    view.setInt32(to + 4, high * step, true);
    if (type === 'u8') {
      view.setInt32(to + 8, roundHalfToEven(unit * fraction), true);
    } else {
      // onnxruntime halves the one cell where there is no second: the same number, but for rounding.
      view.setFloat32(to + 8, low === high ? 0.5 : 1 - fraction, true);
      view.setFloat32(to + 12, low === high ? 0.5 : fraction, true);
    }
  });
}

/** Of what is not negative. */
function roundHalfToEven(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}

function resizeLinear(type: Type, name: string) {
  const elementBytes = type === 'u8' ? 1 : 4;
  return kernel<ResizeLinearWork, typeof ResizeLinearArgs>(ResizeLinearArgs, {
    name,
    family: 'resizeLinear',
    fits: (work) => (work.type === type ? 'blends of four pixels, channels as lanes' : undefined),
    pack: ({ y, x, inputWidth, channels }) => {
      const packed = new Uint8Array(axisBytes * (y.low.length + x.low.length));
      const view = new DataView(packed.buffer);
      const pixelBytes = channels * elementBytes;
      packAxis(view, 0, y, inputWidth * pixelBytes, type);
      packAxis(view, axisBytes * y.low.length, x, pixelBytes, type);
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

export const resizeLinearU8 = resizeLinear('u8', 'resize_linear_u8_1x8');
export const resizeLinearF32 = resizeLinear('f32', 'resize_linear_f32_1x4');

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
