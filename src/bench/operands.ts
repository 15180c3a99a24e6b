import { allocate, type TypedArray } from '../graph/tensor.ts';
import type { Broadcast, CopyWork, Work } from '../graph/work.ts';
import { fillRandom } from '../profile/random.ts';

/** What a kernel reads, and room for what it writes. */
export interface Operands {
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TypedArray[];
}

/** Operands of the sizes and types that the work asks for, the inputs filled at random. */
export function operandsOf(work: Work, next: () => number): Operands {
  const { inputs, outputs } = emptyOperands(work);
  for (const input of inputs) fillRandom(input, next);
  const [input] = inputs;
  // Where results would all be the same, a comparison would say little.
  if (input instanceof Float32Array) {
    const range =
      work.family === 'quantize' ? 128 * Math.max(...work.scale) : work.family === 'cast' ? 1e6 : 1;
    input.set(input.map((x) => x * range));
  }
  if (work.family === 'meanU8' && input instanceof Uint8Array) {
    const levels = Array.from({ length: work.inner }, next);
    input.set(input.map((x, i) => x * levels[i % work.inner]!));
  }
  return { inputs, outputs };
}

function emptyOperands(work: Work): Operands {
  const u8 = (length: number) => new Uint8Array(length);
  const f32 = (length: number) => new Float32Array(length);
  switch (work.family) {
    case 'convU8': {
      const { inputZeroPoint, result } = work;
      const inputs = [u8(inputSize(work)), ...(inputZeroPoint === 'operand' ? [u8(1)] : [])];
      const dtype = ({ u8: 'uint8', i32: 'int32', f32: 'float32' } as const)[result.type];
      return { inputs, outputs: [allocate(dtype, outputSize(work))] };
    }
    case 'ternaryU8':
      return { inputs: [u8(inputSize(work))], outputs: [u8(outputSize(work))] };
    case 'convF32':
      return { inputs: [f32(inputSize(work))], outputs: [f32(outputSize(work))] };
    case 'pool': {
      const array = work.type === 'u8' ? u8 : f32;
      return { inputs: [array(inputSize(work))], outputs: [array(outputSize(work))] };
    }
    case 'matMulF32': {
      const { m, n, k, shape, aStrides, bStrides } = work;
      const a = reach(shape, aStrides) + m * k;
      const b = reach(shape, bStrides) + k * n;
      return { inputs: [f32(a), f32(b)], outputs: [f32(product(shape) * m * n)] };
    }
    case 'binaryU8':
      return { inputs: broadcastSizes(work).map(u8), outputs: [u8(product(work.shape))] };
    case 'binaryF32':
      return { inputs: broadcastSizes(work).map(f32), outputs: [f32(product(work.shape))] };
    case 'affineF32':
      return same(f32, work.rows * work.channels);
    case 'ternarySums': {
      const size = work.rows * work.channels;
      const sums = work.negativeScale === undefined ? 1 : 2;
      const inputs = Array.from({ length: sums }, () => new Int32Array(size));
      return { inputs, outputs: [work.result.type === 'u8' ? u8(size) : f32(size)] };
    }
    case 'unaryF32':
      return same(f32, work.count);
    case 'table':
      return same(u8, work.count);
    case 'softmaxU8':
      return same(u8, work.rows * work.length);
    case 'softmaxF32':
      return same(f32, work.rows * work.length);
    case 'meanU8':
    case 'meanF32': {
      const array = work.family === 'meanU8' ? u8 : f32;
      const { outer, count, inner } = work;
      return { inputs: [array(outer * count * inner)], outputs: [array(outer * inner)] };
    }
    case 'argMax': {
      const { type, outputType, outer, length, inner } = work;
      const input = ({ u8: 'uint8', f32: 'float32', i32: 'int32' } as const)[type];
      const output = outputType === 'i64' ? 'int64' : 'int32';
      return {
        inputs: [allocate(input, outer * length * inner)],
        outputs: [allocate(output, outer * inner)],
      };
    }
    case 'resizeLinear': {
      const { type, batch, inputHeight, inputWidth, channels, y, x } = work;
      const array = type === 'u8' ? u8 : f32;
      return {
        inputs: [array(batch * inputHeight * inputWidth * channels)],
        outputs: [array(batch * y.low.length * x.low.length * channels)],
      };
    }
    case 'resizeNearest': {
      const { pixelBytes, batch, inputHeight, inputWidth, y, x } = work;
      return {
        inputs: [u8(batch * inputHeight * inputWidth * pixelBytes)],
        outputs: [u8(batch * y.length * x.length * pixelBytes)],
      };
    }
    case 'quantize': {
      const size = work.outer * work.channels * work.inner;
      return { inputs: [f32(size)], outputs: [u8(size)] };
    }
    case 'dequantize': {
      const size = work.outer * work.channels * work.inner;
      const input = allocate(work.type === 'u8' ? 'uint8' : 'int32', size);
      return { inputs: [input], outputs: [f32(size)] };
    }
    case 'dynamicQuantize':
      return { inputs: [f32(work.count)], outputs: [u8(work.count), f32(1), u8(1)] };
    case 'cast':
      return {
        inputs: [allocate(work.from, work.count)],
        outputs: [allocate(work.to, work.count)],
      };
    case 'copy':
      return { inputs: [u8(copyBytes(work, 'input'))], outputs: [u8(copyBytes(work, 'output'))] };
    case 'fill':
      return { inputs: [], outputs: [u8(work.value.length * work.count)] };
  }
}

function same(array: (length: number) => TypedArray, length: number): Operands {
  return { inputs: [array(length)], outputs: [array(length)] };
}

interface Map {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
  readonly outputHeight: number;
  readonly outputWidth: number;
  readonly outputChannels: number;
}

function inputSize({ batch, inputHeight, inputWidth, inputChannels }: Map): number {
  return batch * inputHeight * inputWidth * inputChannels;
}

function outputSize({ batch, outputHeight, outputWidth, outputChannels }: Map): number {
  return batch * outputHeight * outputWidth * outputChannels;
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Elements from the first to the last that strides lead to. */
function reach(shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((sum, length, axis) => sum + (length - 1) * Math.max(0, strides[axis]!), 0);
}

function broadcastSizes({ shape, aStrides, bStrides }: Broadcast): [number, number] {
  return [reach(shape, aStrides) + 1, reach(shape, bStrides) + 1];
}

function copyBytes(work: CopyWork, side: 'input' | 'output'): number {
  const { shape, elementBytes } = work;
  const [strides, offset] =
    side === 'input'
      ? [work.inputStrides, work.inputOffset]
      : [work.outputStrides, work.outputOffset];
  return elementBytes * (offset + reach(shape, strides) + 1);
}
