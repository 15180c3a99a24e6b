import type { ImportOptions } from '../../../src/formats/importOptions.ts';
import { readTflite } from '../../../src/formats/tflite/read.ts';
import { type ModelSpec, type OperatorSpec, type TensorSpec, writeModel } from './writeModel.ts';

/** Small models in words, for the importer's tests. */

export const read = (spec: ModelSpec, options?: ImportOptions) =>
  readTflite(writeModel(spec), options);

/** One operator: tensor 0 is the model's input, the last one its output, the others constants. */
export function single(
  kind: string,
  tensors: readonly TensorSpec[],
  options?: OperatorSpec['options'],
  order = tensors.slice(0, -1).map((_, i) => i),
): ModelSpec {
  const outputs = [tensors.length - 1];
  const operator = { kind, inputs: order, outputs, ...(options === undefined ? {} : { options }) };
  return { tensors, operators: [operator], inputs: [0], outputs };
}

export const float = (...shape: number[]): TensorSpec => ({ shape });
export const floats = (
  shape: number[],
  data: Float32Array = new Float32Array(shape.reduce((a, b) => a * b, 1)),
) => ({ shape, data });
export const ints = (...list: number[]): TensorSpec => ({
  shape: [list.length],
  type: 'INT32',
  data: Int32Array.from(list),
});
export const bytes = (shape: number[], scale: number, zeroPoint = 0): TensorSpec => ({
  shape,
  type: 'INT8',
  scale: [scale],
  zeroPoint: [zeroPoint],
});

export const convOptions = (padding: number, stride: number, activation = 0, dilation = 1) =>
  ({
    type: 'Conv2D',
    fields: [
      [0, 'int8', padding],
      [1, 'int32', stride],
      [2, 'int32', stride],
      [3, 'int8', activation],
      [4, 'int32', dilation],
      [5, 'int32', dilation],
    ],
  }) as const;
