import fc from 'fast-check';
import type { AxisBlend, PoolWork, WindowShape } from '../../src/graph/work.ts';
import { outputPixels } from '../../src/kernels/geometry.ts';
import { convCase } from '../assembly/int8/convCase.ts';
import { realCase } from '../assembly/ternary/realCase.ts';
import { ternaryCase } from '../assembly/ternary/ternaryCase.ts';
import { bytes, floatBytes, floats, type ShareCase, seed, size } from './shareOperands.ts';

const windows = fc.record({
  batch: fc.constantFrom(1, 1, 1, 3),
  height: size(12),
  width: size(9),
  kernel: fc.constantFrom([1, 1], [1, 1], [3, 3], [2, 2], [3, 1], [5, 5]),
  stride: fc.constantFrom([1, 1], [2, 2], [1, 2], [3, 1]),
  dilation: fc.constantFrom([1, 1], [1, 1], [2, 2]),
  pads: fc.constantFrom([0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 1, 1], [1, 0, 0, 2], [7, 6, 8, 5]),
  channels: size(20),
  seed,
});
type Windows = typeof windows extends fc.Arbitrary<infer T> ? T : never;

/** Depthwise, in groups, or in one. */
const grouping = fc.constantFrom<['each' | number, number]>(
  [1, 1],
  [1, 7],
  [1, 40],
  ['each', 1],
  ['each', 2],
  [2, 6],
);

function groupsOf([groups, outputs]: ['each' | number, number], channels: number) {
  const count = groups === 'each' ? channels : groups;
  const inputs = count * Math.ceil(channels / count);
  return { groups: count, channels: inputs, outputs: groups === 1 ? outputs : count * outputs };
}

function convU8(w: Windows, g: ['each' | number, number], type: 'u8' | 'i32' | 'f32', i: number) {
  const { work, input, zeroPoint } = convCase({
    map: [w.height, w.width],
    kernel: w.kernel as [number, number],
    stride: w.stride as [number, number],
    dilation: w.dilation as [number, number],
    pads: w.pads as [number, number, number, number],
    batch: w.batch,
    ...groupsOf(g, w.channels),
    type,
    inputZeroPoint: w.seed % 256,
    signedWeights: i % 3 !== 0,
    weightZeroPoint: i % 3 === 0 ? 120 : 0,
    weightZeroPoints: i % 2 === 0 ? 'tensor' : 'channel',
    isOpen: i % 5 === 0,
    seed: w.seed,
  });
  const elements = work.batch * work.outputHeight * work.outputWidth * work.outputChannels;
  return {
    work,
    inputs: i % 5 === 0 ? [input, Uint8Array.of(zeroPoint)] : [input],
    outputBytes: elements * (type === 'u8' ? 1 : 4),
  };
}

/** Layers large enough for the kernels of ternary weights. */
const ternary = fc.record({
  map: fc.tuple(size(6), size(24)),
  kernel: fc.constantFrom(1, 1, 1, 3),
  channels: fc.integer({ min: 16, max: 50 }),
  outputs: fc.integer({ min: 32, max: 80 }),
  zeros: fc.constantFrom(0.3, 0.6, 0.95),
  numbers: fc.constantFrom([1, 1] as const, [3, 3] as const, [5, 2] as const),
  type: fc.constantFrom('u8', 'u8', 'f32'),
  seed,
});

function ternaryU8(t: typeof ternary extends fc.Arbitrary<infer T> ? T : never): ShareCase {
  const plus = t.numbers[0];
  const minus = t.numbers[1];
  const kernel = [t.kernel, t.kernel] as const;
  const { work, input } = ternaryCase({ ...t, kernel, plus, minus, inputZeroPoint: t.seed % 256 });
  const elements = work.outputHeight * work.outputWidth * work.outputChannels;
  return { work, inputs: [input], outputBytes: elements * (t.type === 'u8' ? 1 : 4) };
}

function ternaryRealU8(
  t: typeof ternary extends fc.Arbitrary<infer T> ? T : never,
  isApart: boolean,
): ShareCase {
  const { work, input } = realCase({ ...t, kernel: [t.kernel, t.kernel], isApart });
  return { work, inputs: [input], outputBytes: outputPixels(work) * work.outputChannels };
}

/** The geometry of a convolution of bytes is that of any other. */
function geometry(w: Windows, g: ['each' | number, number]): WindowShape & { groups: number } {
  return convU8(w, g, 'u8', 1).work;
}

function convF32(w: Windows, g: ['each' | number, number]): ShareCase {
  const shape = geometry(w, g);
  const k = (shape.kernelHeight * shape.kernelWidth * shape.inputChannels) / shape.groups;
  const { batch, inputHeight, inputWidth, inputChannels, outputHeight, outputWidth } = shape;
  return {
    work: {
      ...shapeOf(shape),
      groups: shape.groups,
      family: 'convF32',
      weights: floats(shape.outputChannels * k, w.seed + 1),
      bias: floats(shape.outputChannels, w.seed + 2),
      min: -20,
      max: 30,
    },
    inputs: [floatBytes(batch * inputHeight * inputWidth * inputChannels, w.seed)],
    outputBytes: 4 * batch * outputHeight * outputWidth * shape.outputChannels,
  };
}

function shapeOf(shape: WindowShape): WindowShape {
  const { batch, inputHeight, inputWidth, inputChannels, outputHeight, outputWidth } = shape;
  const { outputChannels, kernelHeight, kernelWidth, strideY, strideX } = shape;
  const { dilationY, dilationX, padTop, padLeft } = shape;
  return {
    ...{ batch, inputHeight, inputWidth, inputChannels, outputHeight, outputWidth },
    ...{ outputChannels, kernelHeight, kernelWidth, strideY, strideX },
    ...{ dilationY, dilationX, padTop, padLeft },
  };
}

function pool(
  w: Windows,
  kind: Pick<PoolWork, 'op' | 'type' | 'countIncludePad' | 'rounding' | 'signed'>,
): ShareCase {
  const shape = shapeOf(geometry(w, ['each', 1]));
  const elementBytes = kind.type === 'u8' ? 1 : 4;
  const parameters =
    kind.type === 'u8' ? { scale: 0.05, zeroPoint: 9 } : { scale: 1, zeroPoint: 0 };
  const count = shape.batch * shape.inputHeight * shape.inputWidth * shape.inputChannels;
  return {
    work: {
      ...shape,
      ...kind,
      family: 'pool',
      padBottom: w.pads[2]!,
      padRight: w.pads[3]!,
      input: parameters,
      result: {
        ...parameters,
        min: kind.type === 'u8' ? 3 : -3,
        max: kind.type === 'u8' ? 250 : 3,
      },
    },
    inputs: [kind.type === 'u8' ? bytes(count, w.seed) : floatBytes(count, w.seed)],
    outputBytes:
      elementBytes * shape.batch * shape.outputHeight * shape.outputWidth * shape.outputChannels,
  };
}

const poolKinds = [
  { op: 'max', type: 'u8', countIncludePad: false, rounding: 'xnnpack', signed: true },
  { op: 'average', type: 'u8', countIncludePad: false, rounding: 'xnnpack', signed: true },
  { op: 'average', type: 'u8', countIncludePad: true, rounding: 'onnxruntime', signed: false },
  { op: 'max', type: 'f32', countIncludePad: false, rounding: 'xnnpack', signed: false },
  { op: 'average', type: 'f32', countIncludePad: false, rounding: 'xnnpack', signed: false },
  { op: 'average', type: 'f32', countIncludePad: true, rounding: 'xnnpack', signed: false },
] as const;

const resizes = fc.record({
  batch: fc.constantFrom(1, 1, 2),
  from: fc.tuple(size(9), size(9)),
  to: fc.tuple(size(15), size(9)),
  channels: size(20),
  seed,
});
type Resize = typeof resizes extends fc.Arbitrary<infer T> ? T : never;

function blend(from: number, to: number): AxisBlend {
  const at = Array.from({ length: to }, (_, i) => (i * from) / to);
  const low = Int32Array.from(at, Math.floor);
  return {
    low,
    high: low.map((i) => Math.min(i + 1, from - 1)),
    fraction: Float32Array.from(at, (x) => x - Math.floor(x)),
  };
}

function resize(r: Resize, type: 'u8' | 'f32' | 'nearest'): ShareCase {
  const [inputHeight, inputWidth] = r.from;
  const y = blend(inputHeight, r.to[0]);
  const x = blend(inputWidth, r.to[1]);
  const common = { batch: r.batch, inputHeight, inputWidth };
  const elementBytes = type === 'f32' ? 4 : 1;
  const count = r.batch * inputHeight * inputWidth * r.channels;
  return {
    work:
      type === 'nearest'
        ? { family: 'resizeNearest', ...common, pixelBytes: r.channels, y: y.low, x: x.low }
        : { family: 'resizeLinear', ...common, type, channels: r.channels, y, x },
    inputs: [type === 'f32' ? floatBytes(count, r.seed) : bytes(count, r.seed)],
    outputBytes: r.batch * r.to[0] * r.to[1] * r.channels * elementBytes,
  };
}

/** Ways to make cases of work over the rows and columns of maps. */
export const windowCases = {
  convU8: fc.oneof(
    fc
      .tuple(windows, grouping, fc.constantFrom('u8', 'u8', 'i32', 'f32'), fc.nat(29))
      .map(([w, g, type, i]): ShareCase => convU8(w, g, type, i)),
    ternary.map(ternaryU8),
  ),
  ternaryU8: fc.tuple(ternary, fc.boolean()).map(([t, isApart]) => ternaryRealU8(t, isApart)),
  convF32: fc.tuple(windows, grouping).map(([w, g]) => convF32(w, g)),
  pool: fc.tuple(windows, fc.constantFrom(...poolKinds)).map(([w, kind]) => pool(w, kind)),
  resizeLinear: fc.tuple(resizes, fc.constantFrom('u8', 'f32')).map(([r, type]) => resize(r, type)),
  resizeNearest: resizes.map((r) => resize(r, 'nearest')),
};
