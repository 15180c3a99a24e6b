import fc from 'fast-check';
import { elementCount, stridesOf } from '../../src/graph/shape.ts';
import { bytesPerElement, type DType } from '../../src/graph/tensor.ts';
import type { Work } from '../../src/graph/work.ts';
import { bytes, floatBytes, floats, type ShareCase, scales, seed, size } from './shareOperands.ts';
import { windowCases } from './shareWindowCases.ts';

/** Operands of a shape, some of their axes broadcast. */
const broadcast = fc.record({
  shape: fc.array(size(6), { minLength: 1, maxLength: 4 }),
  last: size(300),
  held: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  isSame: fc.boolean(),
  seed,
});
type Broadcast = typeof broadcast extends fc.Arbitrary<infer T> ? T : never;

function operands(b: Broadcast) {
  const shape = [...b.shape, b.last];
  const own = shape.map((n, axis) => (b.held[axis] && !b.isSame ? 1 : n));
  const strides = stridesOf(own).map((stride, axis) => (own[axis] === 1 ? 0 : stride));
  return { shape, aStrides: stridesOf(shape), bStrides: strides, bCount: elementCount(own) };
}

function binaryU8(b: Broadcast, op: 'Add' | 'Mul', rounding: 'xnnpack' | 'onnxruntime'): ShareCase {
  const { shape, aStrides, bStrides, bCount } = operands(b);
  const count = elementCount(shape);
  return {
    work: {
      ...{ family: 'binaryU8', op, rounding, signed: true, shape, aStrides, bStrides },
      a: { scale: 0.03, zeroPoint: 100 },
      b: { scale: 0.07, zeroPoint: 3 },
      result: { scale: 0.09, zeroPoint: 50, min: 0, max: 255 },
    },
    inputs: [bytes(count, b.seed), bytes(bCount, b.seed + 1)],
    outputBytes: count,
  };
}

function binaryF32(b: Broadcast, op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'PRelu'): ShareCase {
  const { shape, aStrides, bStrides, bCount } = operands(b);
  const count = elementCount(shape);
  return {
    work: { family: 'binaryF32', op, shape, aStrides, bStrides, min: -3, max: 9 },
    inputs: [floatBytes(count, b.seed), floatBytes(bCount, b.seed + 1)],
    outputBytes: 4 * count,
  };
}

/** Reads any way through the input, writes the output in C order of a permutation of the axes. */
const copies = fc.record({
  shape: fc.array(size(7), { minLength: 1, maxLength: 4 }),
  last: size(200),
  order: fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }),
  elementBytes: fc.constantFrom<1 | 2 | 4 | 8>(1, 2, 4, 8),
  offset: fc.nat(9),
  isFlipped: fc.boolean(),
  seed,
});

function copy(c: typeof copies extends fc.Arbitrary<infer T> ? T : never): ShareCase {
  const shape = [...c.shape, c.last];
  const order = c.order.filter((axis) => axis < shape.length);
  const permuted = stridesOf(order.map((axis) => shape[axis]!));
  const outputStrides = shape.map((_, axis) => permuted[order.indexOf(axis)]!);
  const inputStrides = stridesOf(shape);
  let inputOffset = c.offset;
  if (c.isFlipped) {
    inputOffset += (shape[0]! - 1) * inputStrides[0]!;
    inputStrides[0] = -inputStrides[0]!;
  }
  const count = elementCount(shape);
  return {
    work: {
      ...{ family: 'copy', elementBytes: c.elementBytes, shape, inputStrides, inputOffset },
      ...{ outputStrides, outputOffset: 0 },
    },
    inputs: [bytes((count + c.offset) * c.elementBytes, c.seed)],
    outputBytes: count * c.elementBytes,
  };
}

const blocks = fc.record({
  outer: size(9),
  channels: size(11),
  inner: fc.constantFrom(1, 1, 3, 70),
  isPerChannel: fc.boolean(),
  seed,
});
type Block = typeof blocks extends fc.Arbitrary<infer T> ? T : never;

function quantized(b: Block, family: 'quantize' | 'dequantize', variant: boolean): ShareCase {
  const { outer, channels, inner } = b;
  const pairs = b.isPerChannel ? channels : 1;
  const common = {
    ...{ outer, channels, inner, scale: scales(pairs, b.seed) },
    zeroPoint: Int32Array.from({ length: pairs }, (_, i) => (i * 37) % 256),
  };
  const count = outer * channels * inner;
  if (family === 'quantize') {
    return {
      work: { family, reciprocal: variant, ...common },
      inputs: [floatBytes(count, b.seed)],
      outputBytes: count,
    };
  }
  const type = variant ? 'u8' : 'i32';
  return {
    work: { family, type, ...common },
    inputs: [bytes(count * (variant ? 1 : 4), b.seed)],
    outputBytes: 4 * count,
  };
}

function ternarySums(b: Block, isApart: boolean): ShareCase {
  const [rows, channels] = [b.outer, b.channels * b.inner];
  const count = rows * channels;
  const work: Work = {
    ...{ family: 'ternarySums', rows, channels, scale: floats(channels, b.seed + 1) },
    ...(isApart ? { negativeScale: floats(channels, b.seed + 2) } : {}),
    bias: floats(channels, b.seed + 3),
    result: { type: 'u8', zeroPoint: 9, min: 2, max: 250 },
  };
  const inputs = [bytes(4 * count, b.seed), bytes(4 * count, b.seed + 4)];
  return { work, inputs: isApart ? inputs : [inputs[0]!], outputBytes: count };
}

function rows(b: Block, family: 'affineF32' | 'softmaxF32' | 'softmaxU8', log: boolean): ShareCase {
  const [count, length] = [b.outer, b.channels * b.inner];
  const isBytes = family === 'softmaxU8';
  const elements = count * length;
  const work: Work =
    family === 'affineF32'
      ? {
          ...{ family, rows: count, channels: length },
          ...{ scale: floats(length, b.seed + 1), bias: floats(length, b.seed + 2) },
        }
      : family === 'softmaxF32'
        ? { family, rows: count, length, beta: 1, log }
        : {
            ...{ family, rows: count, length, inputScale: 0.1, rounding: 'xnnpack', signed: false },
            result: { scale: 1 / 256, zeroPoint: 0 },
          };
  return {
    work,
    inputs: [isBytes ? bytes(elements, b.seed) : floatBytes(elements, b.seed)],
    outputBytes: elements * (isBytes ? 1 : 4),
  };
}

function reductions(b: Block, kind: 'meanU8' | 'meanF32' | 'u8' | 'f32' | 'i32'): ShareCase {
  const { outer, channels: count, inner } = b;
  const elements = outer * count * inner;
  const isBytes = kind === 'meanU8' || kind === 'u8';
  const inputs = [
    kind === 'f32' || kind === 'meanF32'
      ? floatBytes(elements, b.seed)
      : bytes(elements * (isBytes ? 1 : 4), b.seed),
  ];
  const outputs = outer * inner;
  if (kind === 'meanF32') {
    return { work: { family: kind, outer, count, inner }, inputs, outputBytes: 4 * outputs };
  }
  if (kind === 'meanU8') {
    const parameters = { inputZeroPoint: 7, scale: 0.9 / count, zeroPoint: 12, min: 0, max: 255 };
    return {
      work: { family: kind, outer, count, inner, ...parameters },
      inputs,
      outputBytes: outputs,
    };
  }
  const outputType = b.isPerChannel ? 'i32' : 'i64';
  const shape = { outer, length: count, inner, selectLast: false };
  return {
    work: { family: 'argMax', type: kind, outputType, ...shape },
    inputs,
    outputBytes: outputs * (outputType === 'i32' ? 4 : 8),
  };
}

const dtypes: DType[] = ['float32', 'int8', 'uint8', 'int32', 'int64', 'bool'];

function elements(
  family: 'table' | 'unaryF32' | 'cast' | 'fill',
  count: number,
  s: number,
): ShareCase {
  switch (family) {
    case 'table':
      return {
        work: { family, table: bytes(256, s), count },
        inputs: [bytes(count, s + 1)],
        outputBytes: count,
      };
    case 'unaryF32': {
      const op = (['Clip', 'LeakyRelu', 'HardSwish', 'Sigmoid', 'Tanh'] as const)[s % 5]!;
      return {
        work: { family, op, alpha: 0.25, beta: 0.5, count },
        inputs: [floatBytes(count, s)],
        outputBytes: 4 * count,
      };
    }
    case 'cast': {
      const [from, to] = [dtypes[s % 6]!, dtypes[Math.floor(s / 6) % 6]!];
      const inputs = [
        from === 'float32' ? floatBytes(count, s) : bytes(count * bytesPerElement[from], s),
      ];
      return {
        work: { family, from, to, count },
        inputs,
        outputBytes: count * bytesPerElement[to],
      };
    }
    case 'fill': {
      const value = bytes([1, 4, 8][s % 3]!, s);
      return { work: { family, value, count }, inputs: [], outputBytes: count * value.length };
    }
  }
}

const products = fc.record({
  shape: fc.array(size(4), { maxLength: 2 }),
  isShared: fc.boolean(),
  m: size(9),
  n: size(12),
  k: size(9),
  seed,
});

function matMul(p: typeof products extends fc.Arbitrary<infer T> ? T : never): ShareCase {
  const { shape, m, n, k } = p;
  const strides = stridesOf(shape);
  const count = elementCount(shape);
  return {
    work: {
      ...{ family: 'matMulF32', m, n, k, shape },
      aStrides: strides.map((stride) => stride * m * k),
      bStrides: strides.map((stride) => (p.isShared ? 0 : stride * k * n)),
    },
    inputs: [
      floatBytes(count * m * k, p.seed),
      floatBytes((p.isShared ? 1 : count) * k * n, p.seed + 1),
    ],
    outputBytes: 4 * count * m * n,
  };
}

const length = fc.oneof(size(700), fc.constantFrom(64, 128, 192));

/** A way to make cases for every family of work. */
export const shareCases: Readonly<Record<Work['family'], fc.Arbitrary<ShareCase>>> = {
  ...windowCases,
  binaryU8: fc
    .tuple(broadcast, fc.constantFrom('Add', 'Mul'), fc.constantFrom('xnnpack', 'onnxruntime'))
    .map(([b, op, rounding]) => binaryU8(b, op, rounding)),
  binaryF32: fc
    .tuple(broadcast, fc.constantFrom('Add', 'Sub', 'Mul', 'Div', 'PRelu'))
    .map(([b, op]) => binaryF32(b, op)),
  copy: copies.map(copy),
  quantize: fc.tuple(blocks, fc.boolean()).map(([b, v]) => quantized(b, 'quantize', v)),
  dequantize: fc.tuple(blocks, fc.boolean()).map(([b, v]) => quantized(b, 'dequantize', v)),
  affineF32: blocks.map((b) => rows(b, 'affineF32', false)),
  ternarySums: fc.tuple(blocks, fc.boolean()).map(([b, isApart]) => ternarySums(b, isApart)),
  softmaxF32: fc.tuple(blocks, fc.boolean()).map(([b, log]) => rows(b, 'softmaxF32', log)),
  softmaxU8: blocks.map((b) => rows(b, 'softmaxU8', false)),
  meanU8: blocks.map((b) => reductions(b, 'meanU8')),
  meanF32: blocks.map((b) => reductions(b, 'meanF32')),
  argMax: fc
    .tuple(blocks, fc.constantFrom('u8', 'f32', 'i32'))
    .map(([b, type]) => reductions(b, type)),
  table: fc.tuple(length, seed).map(([n, s]) => elements('table', n, s)),
  unaryF32: fc.tuple(length, seed).map(([n, s]) => elements('unaryF32', n, s)),
  cast: fc.tuple(length, seed).map(([n, s]) => elements('cast', n, s)),
  fill: fc.tuple(length, seed).map(([n, s]) => elements('fill', n, s)),
  matMulF32: products.map(matMul),
  dynamicQuantize: length.map((count) => ({
    work: { family: 'dynamicQuantize', count },
    inputs: [floatBytes(count, count)],
    // Its scale and its zero point stand behind the numbers.
    outputBytes: count,
  })),
};
