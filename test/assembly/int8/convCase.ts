import type { ConvResult, ConvU8Work } from '../../../src/graph/work.ts';
import type { Kernel } from '../../../src/kernels/kernel.ts';
import { referenceConvU8 } from '../../reference/convU8.ts';
import { type Fill, fillIntegers, random } from '../../vocabulary.ts';
import { type RunOptions, runKernel } from '../harness.ts';

/** What a case says; everything else follows from `defaults`. */
export interface ConvOptions {
  map?: readonly [height: number, width: number];
  kernel?: readonly [height: number, width: number];
  stride?: readonly [y: number, x: number];
  dilation?: readonly [y: number, x: number];
  /** top, left, bottom, right */
  pads?: readonly [number, number, number, number];
  batch?: number;
  channels?: number;
  outputs?: number;
  groups?: number;
  fill?: Fill;
  weightFill?: Fill;
  signedWeights?: boolean;
  inputZeroPoint?: number;
  weightZeroPoint?: number;
  weightZeroPoints?: 'tensor' | 'channel';
  /** The zero point travels as an operand. */
  isOpen?: boolean;
  type?: ConvResult['type'];
  /** One scale; without it one that spreads the results over the range, per channel. */
  scale?: number;
  zeroPoint?: number;
  min?: number;
  max?: number;
  bias?: number;
  seed?: number;
}

export interface ConvCase {
  readonly work: ConvU8Work;
  readonly input: Uint8Array;
  readonly zeroPoint: number;
}

export function convCase(options: ConvOptions): ConvCase {
  const { map = [5, 7], kernel = [1, 1], stride = [1, 1], dilation = [1, 1] } = options;
  const { pads = [0, 0, 0, 0], batch = 1, channels = 8, outputs = 8, groups = 1 } = options;
  const { inputZeroPoint = 128, weightZeroPoint = 0, type = 'u8', seed = 1 } = options;
  const { fill = 'random', weightFill = 'random', signedWeights = true } = options;
  const { zeroPoint = 128, min = 0, max = 255 } = options;
  const next = random(seed + 7);
  const size = (axis: 0 | 1) => {
    const reach = map[axis] + pads[axis] + pads[axis + 2]! - (kernel[axis] - 1) * dilation[axis];
    return Math.max(1, Math.ceil(reach / stride[axis]));
  };
  const input = new Uint8Array(batch * map[0] * map[1] * channels);
  fillIntegers(input, fill, seed, 0, 255);
  const k = kernel[0] * kernel[1] * (channels / groups);
  const weights = new (signedWeights ? Int8Array : Uint8Array)(outputs * k);
  fillIntegers(weights, weightFill, seed + 1, signedWeights ? -128 : 0, signedWeights ? 127 : 255);
  const perChannel = options.weightZeroPoints === 'channel';
  const weightZeroPoints = Int32Array.from({ length: perChannel ? outputs : 1 }, (_, i) =>
    perChannel && i % 2 === 1 ? (signedWeights ? -3 : 77) : weightZeroPoint,
  );
  const spread = 1 / (64 * Math.sqrt(k));
  const scale = Float32Array.from(
    { length: outputs },
    () => options.scale ?? spread * (0.5 + next()),
  );
  const bias = Int32Array.from(
    { length: outputs },
    () => options.bias ?? Math.floor((next() - 0.5) * 20000),
  );
  const result: ConvResult =
    type === 'i32'
      ? { type }
      : type === 'u8'
        ? { type, scale, zeroPoint, min, max }
        : {
            type,
            scale,
            bias: Float32Array.from({ length: outputs }, () => next() - 0.5),
            min: options.min ?? Number.NEGATIVE_INFINITY,
            max: options.max ?? Number.POSITIVE_INFINITY,
          };
  const work: ConvU8Work = {
    family: 'convU8',
    batch,
    inputHeight: map[0],
    inputWidth: map[1],
    inputChannels: channels,
    outputHeight: size(0),
    outputWidth: size(1),
    outputChannels: outputs,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    padTop: pads[0],
    padLeft: pads[1],
    groups,
    weights,
    weightZeroPoint: weightZeroPoints,
    inputZeroPoint: options.isOpen ? 'operand' : inputZeroPoint,
    bias,
    result,
  };
  return { work, input, zeroPoint: inputZeroPoint };
}

/** The same with quiet weights here and there, whole steps of four: what pairs of bytes can do two by two. */
export function quieted({ work, ...rest }: ConvCase): ConvCase {
  const k = work.weights.length / work.outputChannels;
  const shifts = [0, 1, 1, 3, 4];
  const weights = work.weights.map((weight, i) => weight >> shifts[((i % k) >> 2) % 5]!);
  return { ...rest, work: { ...work, weights } };
}

/** The kernel's output beside the oracle's. */
export function runConv(
  kernels: readonly Kernel<ConvU8Work>[],
  { work, input, zeroPoint }: ConvCase,
  options: RunOptions = {},
) {
  const kernel = kernels.find((candidate) => candidate.fits(work) !== undefined)!;
  const expected = referenceConvU8(work, input, zeroPoint);
  const inputs = work.inputZeroPoint === 'operand' ? [input, Uint8Array.of(zeroPoint)] : [input];
  const output = new (expected.constructor as Uint8ArrayConstructor)(expected.length);
  const [got] = runKernel(kernel, work, inputs, [output], options);
  return { got, expected };
}
