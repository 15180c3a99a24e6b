import type { Node } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import type { Quantization, Tensor } from '../graph/tensor.ts';
import { type TernaryCodes, ternaryCodes } from '../graph/ternary.ts';
import type { ConvShape, ConvU8Work, TernarySumsWork, TernaryU8Work } from '../graph/work.ts';
import { f32 } from './float32.ts';
import type { Lowered } from './operator.ts';
import { operandOf, resultOf } from './quantized.ts';
import { temporary } from './temporary.ts';

/** Weights as the kernels take them: ternary ones less their zero point, with a note of their values. */
export function weightsOf(
  weights: Tensor,
  channels: number,
): Pick<ConvU8Work, 'weights' | 'weightZeroPoint' | 'ternary'> {
  const data = weights.data as Int8Array | Uint8Array;
  const weightZeroPoint = weights.quantization?.zeroPoint ?? new Int32Array(1);
  const found = ternaryCodes(data, channels, weightZeroPoint);
  if (found === undefined) return { weights: data, weightZeroPoint };
  const { plus, minus } = found;
  // Distances of two bytes may exceed int8.
  if (plus.some((size) => size > 127) || minus.some((size) => size > 128)) {
    return { weights: data, weightZeroPoint };
  }
  return {
    weights: timesSizes(found),
    weightZeroPoint: new Int32Array(1),
    ternary: { plus: Uint8Array.from(plus), minus: Uint8Array.from(minus) },
  };
}

/** What the codes stand for; they themselves, where that is 1. */
function timesSizes({ codes, plus, minus }: TernaryCodes): Int8Array {
  if (plus.every((size, channel) => size === 1 && minus[channel] === 1)) return codes;
  const length = codes.length / plus.length;
  const values = codes.slice();
  for (let channel = 0; channel < plus.length; channel++) {
    const [up, down] = [plus[channel]!, -minus[channel]!];
    for (let i = channel * length; i < (channel + 1) * length; i++)
      if (codes[i] !== 0) values[i] = codes[i]! > 0 ? up : down;
  }
  return values;
}

/** True where a layer's sums are scaled by sign, or take a bias that is a real number. */
export function needsTernarySums(
  weights: Tensor,
  bias: Tensor | undefined,
  output: Tensor,
): boolean {
  if (weights.quantization?.negativeScale !== undefined) return true;
  return bias?.dtype === 'float32' && output.dtype !== 'float32';
}

/**
 * A layer of ternary codes whose scales and bias are real numbers: in one piece where the output is of
 * bytes; or sums in int32 first, apart for the positive and the negative weights where their scales
 * differ, then one rounding to the output.
 */
export function lowerTernary(
  node: Node,
  shape: ConvShape,
  input: Tensor,
  weights: Tensor,
  bias: Tensor | undefined,
  output: Tensor,
  clamp: { readonly min: number; readonly max: number },
): Lowered[] {
  const channels = shape.outputChannels;
  const codes = weights.data as Int8Array;
  const { scale, negativeScale } = weights.quantization as Quantization;
  const { scale: inputScale, zeroPoint: inputZeroPoint } = operandOf(input);
  const ones = new Uint8Array(channels).fill(1);
  const sumOf = (name: string, taken: Int8Array, part?: string): Lowered => ({
    ...(part && { part }),
    work: {
      ...{ ...shape, family: 'convU8', weights: taken, weightZeroPoint: new Int32Array(1) },
      ...{ inputZeroPoint, bias: new Int32Array(channels), result: { type: 'i32' } },
      ternary: { plus: ones, minus: ones },
    },
    inputs: [input],
    outputs: [{ ...temporary(node, name, { id: name, dtype: 'int32', shape: [] }, output.shape) }],
  });
  const sums =
    negativeScale === undefined
      ? [sumOf('sum', codes)]
      : [
          sumOf(
            'positive',
            codes.map((code) => Number(code > 0)),
            'positive weights',
          ),
          sumOf(
            'negative',
            codes.map((code) => Number(code < 0)),
            'negative weights',
          ),
        ];
  const { scale: unit, ...bounds } =
    output.dtype === 'float32' ? { scale: 1, ...clamp } : resultOf(output, clamp);
  const perChannel = (scales: Float32Array) =>
    Float32Array.from({ length: channels }, (_, c) =>
      f32(f32(inputScale * scales[scales.length === 1 ? 0 : c]!) / unit),
    );
  const work: TernarySumsWork = {
    family: 'ternarySums',
    rows: elementCount(output.shape) / channels,
    channels,
    scale: perChannel(scale),
    ...(negativeScale === undefined ? {} : { negativeScale: perChannel(negativeScale) }),
    bias: Float32Array.from({ length: channels }, (_, c) => Number(bias?.data?.[c] ?? 0) / unit),
    result:
      'zeroPoint' in bounds
        ? { type: 'u8', zeroPoint: bounds.zeroPoint, min: bounds.min, max: bounds.max }
        : { type: 'f32', ...bounds },
  };
  const inputs = sums.map((sum) => sum.outputs[0]!);
  const pieces: Lowered[] = [...sums, { work, inputs, outputs: [output] }];
  const whole = inOnePiece(work, shape, codes, inputZeroPoint);
  return whole === undefined
    ? pieces
    : [{ work: whole, inputs: [input], outputs: [output], otherwise: pieces }];
}

/** Results before they are rounded, in one piece: kernels add a number that leaves room for no more. */
const most = 2 ** 21;

function inOnePiece(
  { scale, negativeScale, bias, result }: TernarySumsWork,
  shape: ConvShape,
  codes: Int8Array,
  inputZeroPoint: number,
): TernaryU8Work | undefined {
  const channels = shape.outputChannels;
  if (result.type !== 'u8' || shape.groups !== 1 || channels < 8) return undefined;
  const k = codes.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    const size = Math.abs(scale[channel]!) + Math.abs(negativeScale?.[channel] ?? 0);
    if (!(255 * k * size + Math.abs(bias[channel]!) < most)) return undefined;
  }
  const { type: _, ...bounds } = result;
  return {
    ...{ ...shape, family: 'ternaryU8', weights: codes, inputZeroPoint, scale, bias },
    ...(negativeScale && { negativeScale }),
    result: bounds,
  };
}
