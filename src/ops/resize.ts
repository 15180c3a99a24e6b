import type { Rounding } from '../graph/graph.ts';
import type { Resize } from '../graph/node.ts';
import { isQuantized, type Tensor } from '../graph/tensor.ts';
import type { AxisBlend } from '../graph/work.ts';
import { checkRank, checkType, firstOf, refuse } from './checks.ts';
import { clamp, f32 } from './float32.ts';
import { elementBytes } from './move.ts';
import type { Operator } from './operator.ts';
import { isMapU8, sameQuantization } from './quantized.ts';

type Attributes = Resize['attributes'];

/** Every row and every column takes an entry in a table, whatever the size of the map. */
const largestSide = 2 ** 17;

/** Height and width of an NHWC map, by the nearest cell or bilinear. */
export const resize: Operator<Resize> = {
  check: ({ inputs: [input], outputs, attributes: { mode, size, scales } }) =>
    firstOf(
      () => checkRank(input, 4, 'an input'),
      () => checkType(outputs[0]!, [input.dtype], 'an output'),
      () => {
        if (mode === 'nearest' || input.dtype === 'float32' || isQuantized(input)) return undefined;
        return refuse(`a blend of ${input.dtype}`, 'float32, or 8 bits with a scale');
      },
      () => {
        const fits =
          size.every((n) => Number.isInteger(n) && n >= 1 && n <= largestSide) &&
          scales.every((scale) => scale > 0 && Number.isFinite(scale));
        if (fits) return undefined;
        return refuse(
          `size ${size.join('x')}, scales ${scales.join('x')}`,
          `positive numbers, ${largestSide} pixels at most each way`,
        );
      },
    ),
  infer: ({ inputs: [input], attributes: { size } }) => [
    [input.shape[0]!, size[0], size[1], input.shape[3]!],
  ],
  count: ({ inputs: [input], attributes: { mode, size } }) => {
    const outputs = input.shape[0]! * size[0] * size[1] * input.shape[3]!;
    if (mode === 'nearest') return { moves: outputs };
    return { multiplications: 3 * outputs, additions: 6 * outputs };
  },
  integer: ({ inputs: [input], outputs: [output], attributes: { mode } }, { rounding }) =>
    sameQuantization(input, output!) &&
    (mode === 'nearest' || (isMapU8(input) && rounding === 'xnnpack')),
  lower: ({ inputs: [input], outputs, attributes }, { rounding }) => {
    const output = outputs[0]!;
    const [batch = 1, inputHeight = 1, inputWidth = 1, channels = 1] = input.shape;
    const common = { batch, inputHeight, inputWidth };
    const operands = { inputs: [input], outputs: [output] };
    if (attributes.mode === 'nearest') {
      const work = {
        family: 'resizeNearest',
        ...common,
        pixelBytes: channels * elementBytes(input),
        y: nearest(inputHeight, attributes, 0),
        x: nearest(inputWidth, attributes, 1),
      } as const;
      return [{ work, ...operands }];
    }
    const work = {
      family: 'resizeLinear',
      ...common,
      type: typeOf(input),
      channels,
      y: blend(inputHeight, attributes, 0, rounding),
      x: blend(inputWidth, attributes, 1, rounding),
    } as const;
    return [{ work, ...operands }];
  },
};

function typeOf(tensor: Tensor): 'u8' | 'f32' {
  return tensor.dtype === 'float32' ? 'f32' : 'u8';
}

/** Where an output cell's centre lies in the input, in cells (ONNX Resize, coordinate_transformation_mode). */
function source(i: number, input: number, attributes: Attributes, axis: 0 | 1): number {
  const output = attributes.size[axis];
  const scale = f32(attributes.scales[axis]);
  switch (attributes.coordinates) {
    case 'asymmetric':
      return f32(i / scale);
    case 'halfPixel':
      return f32(f32(f32(i + 0.5) / scale) - 0.5);
    case 'pytorchHalfPixel':
      return output > 1 ? f32(f32(f32(i + 0.5) / scale) - 0.5) : 0;
    case 'alignCorners':
      return output > 1 ? f32((i * (input - 1)) / (output - 1)) : 0;
  }
}

const roundings: Readonly<Record<Attributes['nearest'], (x: number) => number>> = {
  roundPreferFloor: (x) => Math.ceil(x - 0.5),
  roundPreferCeil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function nearest(input: number, attributes: Attributes, axis: 0 | 1): Int32Array {
  const round = roundings[attributes.nearest];
  return Int32Array.from({ length: attributes.size[axis] }, (_, i) =>
    clamp(round(source(i, input, attributes, axis)), 0, input - 1),
  );
}

/** As `source`, in the order of roundings of TensorFlow Lite (docs/quantization.md, Resize). */
function steppedSource(i: number, input: number, attributes: Attributes, axis: 0 | 1): number {
  const output = attributes.size[axis];
  const aligned = attributes.coordinates === 'alignCorners' && output > 1;
  const step = aligned ? f32((input - 1) / (output - 1)) : f32(input / output);
  const centred = attributes.coordinates === 'halfPixel';
  return centred ? f32(f32(f32(i + 0.5) * step) - 0.5) : f32(i * step);
}

function blend(input: number, attributes: Attributes, axis: 0 | 1, rounding: Rounding): AxisBlend {
  const length = attributes.size[axis];
  const where = rounding === 'xnnpack' ? steppedSource : source;
  const at = Array.from({ length }, (_, i) =>
    clamp(where(i, input, attributes, axis), 0, input - 1),
  );
  return {
    low: Int32Array.from(at, (x) => Math.floor(x)),
    high: Int32Array.from(at, (x) => Math.min(Math.floor(x) + 1, input - 1)),
    fraction: Float32Array.from(at, (x) => x - Math.floor(x)),
  };
}
