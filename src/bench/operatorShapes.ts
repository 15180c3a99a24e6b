import { stridesOf } from '../graph/shape.ts';
import type {
  AxisBlend,
  BinaryF32Work,
  BinaryU8Work,
  ConvF32Work,
  ConvResult,
  ConvU8Work,
  PoolWork,
  UnaryF32Work,
  WindowShape,
  Work,
} from '../graph/work.ts';
import { fillRandom } from '../profile/random.ts';

/**
 * Shapes of what the networks do not contain: the operators of others, on the maps that small
 * networks have in their middle.
 */
export function operatorShapes(next: () => number): Work[] {
  const numbers = (length: number) => fillRandom(new Float32Array(length), next);
  return [
    ...convolutions(next),
    { family: 'matMulF32', m: 49, n: 64, k: 64, shape: [4], aStrides: [3136], bStrides: [4096] },
    { family: 'affineF32', rows: 784, channels: 64, scale: numbers(64), bias: numbers(64) },
    ...ternarySums(numbers),
    ...unaries(),
    { family: 'table', table: Uint8Array.from({ length: 256 }, (_, x) => x ^ 128), count: 150_528 },
    { family: 'table', table: swish(), count: 50_176 },
    ...binaries(),
    ...pools(),
    { family: 'meanF32', outer: 1, count: 49, inner: 1280 },
    { family: 'meanF32', outer: 1280, count: 49, inner: 1 },
    { family: 'softmaxF32', rows: 1, length: 1001, beta: 1, log: false },
    { family: 'softmaxF32', rows: 1, length: 1001, beta: 1, log: true },
    ...(['u8', 'f32', 'i32'] as const).map((type): Work => {
      const rest = { outer: 4225, length: 21, inner: 1, selectLast: false } as const;
      return { family: 'argMax', type, outputType: 'i64', ...rest };
    }),
    ...resizes(),
    ...conversions(next),
    ...moves(),
  ];
}

/** A square map and window, padded as evenly as SAME does. */
export function mapOf(
  size: number,
  inputs: number,
  outputs: number,
  kernel: number,
  stride = 1,
): WindowShape {
  const outputSize = Math.ceil(size / stride);
  const pad = Math.floor(Math.max(0, (outputSize - 1) * stride + kernel - size) / 2);
  return {
    batch: 1,
    inputHeight: size,
    inputWidth: size,
    inputChannels: inputs,
    outputHeight: outputSize,
    outputWidth: outputSize,
    outputChannels: outputs,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideY: stride,
    strideX: stride,
    dilationY: 1,
    dilationX: 1,
    padTop: pad,
    padLeft: pad,
  };
}

function ternarySums(numbers: (length: number) => Float32Array): Work[] {
  const common = { family: 'ternarySums', rows: 196, channels: 128 } as const;
  const [scale, negativeScale, bias] = [numbers(128), numbers(128), numbers(128)];
  const u8 = { type: 'u8', zeroPoint: 3, min: 0, max: 255 } as const;
  return [
    { ...common, scale, bias, result: u8 },
    { ...common, scale, negativeScale, bias, result: u8 },
    { ...common, scale, negativeScale, bias, result: { type: 'f32', min: -1, max: 1 } },
  ];
}

/** Float layers, and 8-bit layers whose accumulators or real numbers go on. */
function convolutions(next: () => number): Work[] {
  const f32 = (map: WindowShape, groups = 1): ConvF32Work => {
    const k = (map.kernelHeight * map.kernelWidth * map.inputChannels) / groups;
    const weights = fillRandom(new Float32Array(map.outputChannels * k), next);
    const bias = fillRandom(new Float32Array(map.outputChannels), next);
    return { family: 'convF32', ...map, groups, weights, bias, min: 0, max: 6 };
  };
  const u8 = (map: WindowShape, groups: number, result: ConvResult): ConvU8Work => {
    const k = (map.kernelHeight * map.kernelWidth * map.inputChannels) / groups;
    return {
      family: 'convU8',
      ...map,
      groups,
      weights: fillRandom(new Int8Array(map.outputChannels * k), next),
      weightZeroPoint: Int32Array.of(0),
      inputZeroPoint: 128,
      bias: fillRandom(new Int32Array(map.outputChannels), next),
      result,
    };
  };
  const real = (channels: number): ConvResult => ({
    type: 'f32',
    scale: new Float32Array(channels).fill(2 ** -12),
    bias: fillRandom(new Float32Array(channels), next),
    min: Number.NEGATIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
  });
  return [
    f32(mapOf(96, 3, 8, 3, 2)),
    f32(mapOf(28, 64, 64, 3)),
    f32(mapOf(14, 256, 256, 1)),
    f32(mapOf(1, 1280, 1001, 1)),
    f32(mapOf(28, 128, 128, 3), 128),
    f32(mapOf(14, 512, 512, 3, 2), 512),
    u8(mapOf(28, 64, 64, 3), 1, { type: 'i32' }),
    u8(mapOf(14, 256, 256, 1), 1, real(256)),
    u8(mapOf(28, 128, 128, 3), 128, { type: 'i32' }),
    u8(mapOf(28, 128, 128, 3), 128, real(128)),
    u8(mapOf(14, 512, 512, 5), 512, real(512)),
  ];
}

function unaries(): Work[] {
  const parameters = { Clip: [-1.5, 6], LeakyRelu: [0.1, 0], HardSigmoid: [0.2, 0.5] } as const;
  const ops = ['Clip', 'LeakyRelu', 'HardSigmoid', 'HardSwish', 'Sigmoid', 'Tanh'] as const;
  return ops.map((op): UnaryF32Work => {
    const [alpha, beta] = op in parameters ? parameters[op as keyof typeof parameters] : [0, 0];
    return { family: 'unaryF32', op, alpha, beta, count: 50_176 };
  });
}

function binaries(): Work[] {
  const shape = [1, 28, 28, 64];
  const strides = stridesOf(shape);
  const perChannel = [0, 0, 0, 1];
  const same = { shape, aStrides: strides, bStrides: strides };
  const f32 = (op: BinaryF32Work['op'], bStrides: readonly number[]): Work => ({
    ...{ family: 'binaryF32', op, shape, aStrides: strides, bStrides },
    min: Number.NEGATIVE_INFINITY,
    max: Number.POSITIVE_INFINITY,
  });
  const u8 = (op: BinaryU8Work['op'], rounding: BinaryU8Work['rounding']): Work => ({
    ...{ family: 'binaryU8', op, rounding, signed: true, ...same },
    a: { scale: Math.fround(0.03), zeroPoint: 120 },
    b: { scale: Math.fround(0.05), zeroPoint: 131 },
    result: { scale: Math.fround(0.06), zeroPoint: 128, min: 0, max: 255 },
  });
  // As the networks in models/ have them: scales that are powers of two of each other.
  const small = [1, 16, 16, 48];
  const shifted = (op: BinaryU8Work['op'], scale: number, zeroPoint: number): Work => ({
    ...{ family: 'binaryU8', op, rounding: 'onnxruntime', signed: false, shape: small },
    aStrides: stridesOf(small),
    bStrides: op === 'Add' ? stridesOf(small) : perChannel,
    a: { scale: 0.125, zeroPoint: 15 },
    b: { scale, zeroPoint },
    result: { scale: 0.125, zeroPoint: 15, min: 0, max: 255 },
  });
  return [
    ...(['Add', 'Sub', 'Mul', 'Div'] as const).map((op) => f32(op, strides)),
    f32('Mul', perChannel),
    f32('PRelu', perChannel),
    ...(['Add', 'Mul'] as const).flatMap((op) => [u8(op, 'xnnpack'), u8(op, 'onnxruntime')]),
    shifted('Add', 0.0625, 128),
    shifted('Mul', 1 / 256, 0),
  ];
}

/** Hard-swish of a step of 3/88 and a result of 128 products of such steps. */
function swish(): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, x) => {
    const product = (x - 88) * Math.min(x, 176);
    return 15 + Math.floor((product + 64) / 128);
  });
}

function pools(): Work[] {
  const parameters = { scale: Math.fround(0.03), zeroPoint: 7 };
  const pool = (
    op: PoolWork['op'],
    type: PoolWork['type'],
    rounding: PoolWork['rounding'],
    map: WindowShape,
  ): Work => ({
    ...{ family: 'pool', op, type, rounding, ...map, padBottom: 0, padRight: 0 },
    countIncludePad: false,
    signed: type === 'u8',
    input: type === 'u8' ? parameters : { scale: 1, zeroPoint: 0 },
    result:
      type === 'u8'
        ? { ...parameters, min: 0, max: 255 }
        : { scale: 1, zeroPoint: 0, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY },
  });
  const map = { ...mapOf(56, 64, 64, 2, 2), padTop: 0, padLeft: 0 };
  return [
    pool('max', 'u8', 'xnnpack', map),
    pool('max', 'f32', 'xnnpack', map),
    pool('average', 'u8', 'xnnpack', map),
    pool('average', 'u8', 'onnxruntime', map),
    pool('average', 'f32', 'xnnpack', map),
  ];
}

function resizes(): Work[] {
  /** Half-pixel coordinates. */
  const blend = (from: number, to: number): AxisBlend => {
    const at = Array.from({ length: to }, (_, i) =>
      Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5)),
    );
    return {
      low: Int32Array.from(at, Math.floor),
      high: Int32Array.from(at, (x) => Math.min(from - 1, Math.floor(x) + 1)),
      fraction: Float32Array.from(at, (x) => x - Math.floor(x)),
    };
  };
  const nearest = Int32Array.from({ length: 56 }, (_, i) => i >> 1);
  const map = { batch: 1, inputHeight: 28, inputWidth: 28 };
  const axes = { y: blend(28, 56), x: blend(28, 56) };
  return [
    { family: 'resizeLinear', type: 'u8', ...map, channels: 64, ...axes },
    { family: 'resizeLinear', type: 'f32', ...map, channels: 64, ...axes },
    { family: 'resizeNearest', pixelBytes: 64, ...map, y: nearest, x: nearest },
  ];
}

function conversions(next: () => number): Work[] {
  const planar = { outer: 1, channels: 64, inner: 784 };
  const lastAxis = { outer: 784, channels: 64, inner: 1 };
  const all = ([size, count]: readonly [typeof planar, number]): Work[] => {
    const parameters = {
      scale: new Float32Array(count).map(() => 0.01 + 0.01 * next()),
      zeroPoint: new Int32Array(count).fill(128),
    };
    return [
      { family: 'quantize', reciprocal: false, ...size, ...parameters },
      { family: 'quantize', reciprocal: true, ...size, ...parameters },
      { family: 'dequantize', type: 'u8', ...size, ...parameters },
      { family: 'dequantize', type: 'i32', ...size, ...parameters },
    ];
  };
  return [
    ...(
      [
        [planar, 1],
        [planar, 64],
        [lastAxis, 64],
      ] as const
    ).flatMap(all),
    { family: 'dynamicQuantize', count: 50_176 },
    { family: 'cast', from: 'int32', to: 'float32', count: 50_176 },
    { family: 'cast', from: 'float32', to: 'int32', count: 50_176 },
  ];
}

/** NHWC to NCHW of bytes and of floats, a crop, a channel shuffle, zeros. */
function moves(): Work[] {
  const [height, width, channels] = [28, 28, 64];
  const copy = (
    elementBytes: 1 | 4,
    shape: readonly number[],
    inputStrides: readonly number[],
    inputOffset = 0,
  ): Work => ({
    ...{ family: 'copy', elementBytes, shape, inputStrides, inputOffset },
    outputStrides: stridesOf(shape),
    outputOffset: 0,
  });
  return [
    copy(1, [channels, height * width], [1, channels]),
    copy(4, [channels, height * width], [1, channels]),
    copy(
      1,
      [height - 4, width - 4, channels],
      [width * channels, channels, 1],
      2 * width * channels,
    ),
    copy(1, [height * width, 8, 8], [64, 1, 8]),
    { family: 'fill', value: Uint8Array.of(128), count: 50_176 },
  ];
}
