import type { Pool } from '../graph/node.ts';
import { elementCount, formatShape } from '../graph/shape.ts';
import { isQuantized } from '../graph/tensor.ts';
import type { PoolWork, QuantizedResult } from '../graph/work.ts';
import { checkRank, checkWindow, firstOf, refuse } from './checks.ts';
import { meanCounts } from './epilogue.ts';
import type { Operator } from './operator.ts';
import { isMapU8, operandOf, resultOf, sameQuantization } from './quantized.ts';
import { extent, windowShape } from './window.ts';

/** The maximum or the mean of each window. */
export const pool: Operator<Pool> = {
  check: ({ op, inputs: [input], outputs, attributes }) =>
    firstOf(
      () => checkRank(input, 4, 'an input'),
      () => checkWindow(attributes),
      () => {
        const { kernel, pads, dilations } = attributes;
        if (!kernel.every((n) => Number.isInteger(n) && n >= 1)) {
          return refuse(`a window ${kernel.join('x')}`, '1 or more each way');
        }
        const narrow = pads.every((pad, side) => {
          return pad < extent(kernel[(side % 2) as 0 | 1], dilations[(side % 2) as 0 | 1]);
        });
        if (narrow) return undefined;
        return refuse(
          `pads ${pads.join(', ')} of a window ${kernel.join('x')}`,
          'less than the window',
        );
      },
      () => {
        const size = poolSize(input.shape, attributes);
        if (size.every((n) => n >= 1)) return undefined;
        return refuse(
          `a window ${attributes.kernel.join('x')} on an input ${formatShape(input.shape)}`,
          'a padded input at least as large as the window',
        );
      },
      () => {
        const output = outputs[0]!;
        const float = input.dtype === 'float32' && output.dtype === 'float32';
        const bytes = input.dtype === output.dtype && (op === 'MaxPool' || isQuantized(input));
        if (float || (bytes && /^u?int8$/.test(input.dtype))) return undefined;
        return refuse(`${input.dtype} to ${output.dtype}`, 'float32, or 8 bits with a scale');
      },
    ),
  infer: ({ inputs: [input], attributes }) => {
    const [height, width] = poolSize(input.shape, attributes);
    return [[input.shape[0]!, height, width, input.shape[3]!]];
  },
  count: (node) => {
    const [height, width] = poolSize(node.inputs[0].shape, node.attributes);
    const [batch = 1, , , channels = 1] = node.inputs[0].shape;
    const [kernelHeight, kernelWidth] = node.attributes.kernel;
    const outputs = batch * height * width * channels;
    const taps = outputs * kernelHeight * kernelWidth;
    return node.op === 'MaxPool'
      ? { comparisons: taps - outputs }
      : meanCounts(node.outputs[0]!, taps, outputs);
  },
  integer: ({ op, inputs: [input], outputs: [output], attributes }, { rounding }) => {
    if (op === 'MaxPool') return sameQuantization(input, output!);
    if (!isMapU8(input) || !isMapU8(output!)) return false;
    // XNNPACK's rule is the mean of raw numbers: it says nothing of two scales, or of padding.
    return (
      rounding === 'onnxruntime' ||
      (sameQuantization(input, output!) && !attributes.countIncludePad)
    );
  },
  lower: ({ op, inputs: [input], outputs, attributes }, { rounding }) => {
    const output = outputs[0]!;
    const { kernel, pads, countIncludePad, min, max } = attributes;
    const bytes = input.dtype !== 'float32';
    const plain = { scale: 1, zeroPoint: 0 };
    const result: QuantizedResult = isMapU8(output)
      ? resultOf(output, attributes)
      : { ...plain, ...(bytes ? { min: 0, max: 255 } : { min, max }) };
    const work: PoolWork = {
      ...windowShape(input.shape, output.shape, kernel, attributes),
      family: 'pool',
      op: op === 'MaxPool' ? 'max' : 'average',
      type: bytes ? 'u8' : 'f32',
      padBottom: pads[2],
      padRight: pads[3],
      countIncludePad,
      rounding,
      signed: input.signed === true,
      input: isMapU8(input) ? operandOf(input) : plain,
      result,
    };
    return [{ work, inputs: [input], outputs: [output] }];
  },
};

function poolSize(input: readonly number[], attributes: Pool['attributes']): [number, number] {
  const { kernel, strides, dilations, pads, ceilMode } = attributes;
  const along = (axis: 0 | 1): number => {
    const size = input[axis + 1]!;
    const free = size + pads[axis] + pads[axis + 2]! - extent(kernel[axis], dilations[axis]);
    if (!ceilMode) return Math.floor(free / strides[axis]) + 1;
    const count = Math.ceil(free / strides[axis]) + 1;
    // No window may begin beyond the input and its leading padding.
    return (count - 1) * strides[axis] >= size + pads[axis] ? count - 1 : count;
  };
  return elementCount(input) === 0 ? [0, 0] : [along(0), along(1)];
}
