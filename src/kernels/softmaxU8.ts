import { SoftmaxU8Args } from '../../assembly/arguments.ts';
import type { SoftmaxU8Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';

const entries = 256;

const softmax = kernel<SoftmaxU8Work, typeof SoftmaxU8Args>(SoftmaxU8Args, {
  name: 'softmax_u8',
  family: 'softmaxU8',
  fits: () => 'the exponentials of all differences of bytes are a table',
  pack: ({ inputScale, rounding, result }) => {
    const view = new DataView(new ArrayBuffer(8 * entries + 16));
    for (let i = 0; i < entries; i++) view.setFloat64(8 * i, Math.exp(-inputScale * i), true);
    const steps = 1 / result.scale;
    // onnxruntime rounds the number of steps down: 254 for a scale just above 1 / 255.
    const factor = rounding === 'onnxruntime' ? Math.floor(Math.fround(steps)) : steps;
    view.setFloat64(8 * entries, factor, true);
    view.setInt32(8 * entries + 8, result.zeroPoint, true);
    view.setInt32(8 * entries + 12, rounding === 'onnxruntime' ? 1 : 0, true);
    return new Uint8Array(view.buffer);
  },
  inPlace: () => true,
  bind: (work, at) => ({
    input: at.inputs[0]!,
    output: at.outputs[0]!,
    parameters: at.packed,
    rows: work.rows,
    length: work.length,
  }),
});

export const softmaxU8 = [softmax];
