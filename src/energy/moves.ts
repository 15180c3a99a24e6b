import { elementCount } from '../graph/shape.ts';
import { bytesPerElement } from '../graph/tensor.ts';
import type { Broadcast, MatMulF32Work, Work } from '../graph/work.ts';
import { outputPixels } from '../kernels/geometry.ts';
import type { Moved } from './layer.ts';

export interface Moves {
  readonly moved: Moved;
  readonly fused: Moved;
  /** Of work that is no product. */
  readonly parameterBytes?: number;
}

const nothing: Moved = { inputBytes: 0, outputBytes: 0 };

/**
 * What a piece of work moves: by itself, and fused into its neighbours. Elementwise work and moves
 * vanish when they are fused; an addition then only reads its second operand.
 */
export function movesOf(work: Work): Moves {
  switch (work.family) {
    case 'convU8':
    case 'ternaryU8':
    case 'convF32': {
      const { batch, inputHeight, inputWidth, inputChannels } = work;
      const inputs = batch * inputHeight * inputWidth * inputChannels;
      const outputs = outputPixels(work) * work.outputChannels;
      if (work.family === 'convF32') return apart(4 * inputs, 4 * outputs);
      const isByte = work.family === 'ternaryU8' || work.result.type === 'u8';
      return apart(inputs, outputs * (isByte ? 1 : 4));
    }
    case 'matMulF32':
      return matMulMoves(work);
    case 'binaryU8':
    case 'binaryF32':
      return binaryMoves(work, work.family === 'binaryU8' ? 1 : 4);
    case 'affineF32': {
      const bytes = 4 * work.rows * work.channels;
      return { ...apart(bytes, bytes), parameterBytes: 8 * work.channels };
    }
    case 'ternarySums': {
      const { rows, channels, negativeScale, result } = work;
      const [sums, sizes] = negativeScale === undefined ? [1, 8] : [2, 12];
      const outputBytes = rows * channels * (result.type === 'u8' ? 1 : 4);
      return {
        moved: { inputBytes: 4 * sums * rows * channels, outputBytes },
        // Fused into the products before it, it takes their sums from registers.
        fused: { inputBytes: 0, outputBytes },
        parameterBytes: sizes * channels,
      };
    }
    case 'pool': {
      const { batch, inputHeight, inputWidth, inputChannels } = work;
      const bytes = work.type === 'u8' ? 1 : 4;
      const inputs = batch * inputHeight * inputWidth * inputChannels;
      return apart(bytes * inputs, bytes * outputPixels(work) * work.outputChannels);
    }
    case 'meanU8':
    case 'meanF32': {
      const bytes = work.family === 'meanU8' ? 1 : 4;
      const outputs = bytes * work.outer * work.inner;
      return apart(outputs * work.count, outputs);
    }
    case 'resizeLinear': {
      const bytes = (work.type === 'u8' ? 1 : 4) * work.batch * work.channels;
      const outputs = work.y.low.length * work.x.low.length;
      return apart(bytes * work.inputHeight * work.inputWidth, bytes * outputs);
    }
    default:
      return { moved: elementwise(work), fused: nothing };
  }
}

type Elementwise = Exclude<
  Work,
  {
    family:
      | 'convU8'
      | 'ternaryU8'
      | 'convF32'
      | 'matMulF32'
      | 'binaryU8'
      | 'binaryF32'
      | 'affineF32'
      | 'ternarySums'
      | 'pool'
      | 'meanU8'
      | 'meanF32'
      | 'resizeLinear';
  }
>;

function elementwise(work: Elementwise): Moved {
  switch (work.family) {
    case 'unaryF32':
      return both(work.count, 4, 4);
    case 'table':
      return both(work.count, 1, 1);
    case 'softmaxU8':
      return both(work.rows * work.length, 1, 1);
    case 'softmaxF32':
      return both(work.rows * work.length, 4, 4);
    case 'quantize':
      return both(work.outer * work.channels * work.inner, 4, 1);
    case 'dequantize':
      return both(work.outer * work.channels * work.inner, work.type === 'u8' ? 1 : 4, 4);
    case 'dynamicQuantize':
      return both(work.count, 4, 1);
    case 'cast':
      return both(work.count, bytesPerElement[work.from], bytesPerElement[work.to]);
    case 'copy':
      return both(elementCount(work.shape), work.elementBytes, work.elementBytes);
    case 'fill':
      return both(work.count, 0, work.value.length);
    case 'argMax': {
      const outputs = work.outer * work.inner;
      return {
        inputBytes: outputs * work.length * (work.type === 'u8' ? 1 : 4),
        outputBytes: outputs * (work.outputType === 'i64' ? 8 : 4),
      };
    }
    case 'resizeNearest': {
      const pixels = work.batch * work.pixelBytes;
      return {
        inputBytes: pixels * work.inputHeight * work.inputWidth,
        outputBytes: pixels * work.y.length * work.x.length,
      };
    }
  }
}

/** Work that an ideal schedule does not fuse either. */
function apart(inputBytes: number, outputBytes: number): Moves {
  const moved = { inputBytes, outputBytes };
  return { moved, fused: moved };
}

function both(count: number, inputBytes: number, outputBytes: number): Moved {
  return { inputBytes: count * inputBytes, outputBytes: count * outputBytes };
}

function binaryMoves({ shape, aStrides, bStrides }: Broadcast, bytes: number): Moves {
  const read = (strides: readonly number[]): number =>
    bytes * elementCount(shape.filter((_, i) => strides[i] !== 0));
  const [a, b] = [read(aStrides), read(bStrides)];
  const outputBytes = bytes * elementCount(shape);
  const moved = { inputBytes: a + b, outputBytes };
  // A gate that scales a map (squeeze and excite) depends on all of it: it cannot be fused.
  const isWhole = a === b;
  return { moved, fused: isWhole ? { inputBytes: b, outputBytes: 0 } : moved };
}

function matMulMoves({ shape, m, n, k, aStrides, bStrides }: MatMulF32Work): Moves {
  const batches = (strides: readonly number[]): number =>
    elementCount(shape.filter((_, i) => strides[i] !== 0));
  const inputs = batches(aStrides) * m * k + batches(bStrides) * k * n;
  return apart(4 * inputs, 4 * elementCount(shape) * m * n);
}
