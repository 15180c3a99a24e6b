import type { ConvShape, ConvU8Work, Work } from '../graph/work.ts';

/** What a kernel's time depends on, in a few words: works of one description are one shape. */
export function describeWork(work: Work): string {
  switch (work.family) {
    case 'convU8': {
      const type = work.result.type === 'u8' ? '' : `, ${work.result.type} out`;
      const weights = work.weights instanceof Uint8Array ? ', u8 weights' : ternary(work);
      const open = work.inputZeroPoint === 'operand' ? ', open zero point' : '';
      return `${convolution(work)}${type}${weights}${open}`;
    }
    case 'ternaryU8': {
      const scales = work.negativeScale === undefined ? 'one scale' : 'two scales';
      return `${convolution(work)}, ternary ${zerosOf(work.weights)}, ${scales}`;
    }
    case 'convF32':
      return `${convolution(work)}, f32`;
    case 'matMulF32': {
      const batches = work.shape.filter((size) => size !== 1);
      const count = batches.length > 0 ? `${batches.join('x')} times ` : '';
      return `matmul ${count}${work.m}x${work.k} by ${work.k}x${work.n}, f32`;
    }
    case 'binaryU8':
    case 'binaryF32': {
      const { shape, aStrides, bStrides } = work;
      const isWhole = (strides: readonly number[]) =>
        shape.every((size, axis) => size === 1 || strides[axis] !== 0);
      const whole = isWhole(aStrides) && isWhole(bStrides);
      const type = work.family === 'binaryU8' ? work.rounding : 'f32';
      return `${work.op.toLowerCase()} ${dims(shape)}${whole ? '' : ' broadcast'}, ${type}`;
    }
    case 'affineF32':
      return `affine ${work.rows}x${work.channels}, f32`;
    case 'ternarySums': {
      const { rows, channels, negativeScale, result } = work;
      return `${negativeScale ? 'two sums' : 'sum'} ${rows}x${channels} to ${result.type}`;
    }
    case 'unaryF32':
      return `${work.op.toLowerCase()} ${work.count}, f32`;
    case 'table':
      return `table ${work.count}`;
    case 'pool': {
      const { op, type, rounding, kernelHeight, kernelWidth, strideY } = work;
      const kind = type === 'u8' && op === 'average' ? rounding : type;
      const window = `${kernelHeight}x${kernelWidth} s${strideY}`;
      return `${op} pool ${window} ${inputMap(work)}, ${kind}`;
    }
    case 'meanU8':
    case 'meanF32': {
      const type = work.family === 'meanU8' ? 'u8' : 'f32';
      return `mean ${dims([work.outer, work.count, work.inner])}, ${type}`;
    }
    case 'softmaxU8':
      return `softmax ${work.rows}x${work.length}, ${work.rounding}`;
    case 'softmaxF32':
      return `${work.log ? 'log ' : ''}softmax ${work.rows}x${work.length}, f32`;
    case 'argMax':
      return `argmax ${dims([work.outer, work.length, work.inner])}, ${work.type}`;
    case 'resizeLinear': {
      const to = `${work.y.low.length}x${work.x.low.length}`;
      const from = dims([work.inputHeight, work.inputWidth, work.channels]);
      return `resize linear ${from} to ${to}, ${work.type}`;
    }
    case 'resizeNearest': {
      const from = dims([work.inputHeight, work.inputWidth]);
      return `resize nearest ${from} to ${work.y.length}x${work.x.length}, ${work.pixelBytes} B`;
    }
    case 'quantize':
    case 'dequantize': {
      const { family, outer, channels, inner, scale } = work;
      const perChannel = scale.length > 1 ? ' per channel' : '';
      const kind = family === 'quantize' ? (work.reciprocal ? 'product' : 'quotient') : work.type;
      return `${family} ${dims([outer, channels, inner])}${perChannel}, ${kind}`;
    }
    case 'dynamicQuantize':
      return `dynamic quantize ${work.count}`;
    case 'cast':
      return `cast ${work.count}, ${work.from} to ${work.to}`;
    case 'copy': {
      const { shape, inputStrides, elementBytes } = work;
      return `copy ${shape.join('x')} of ${elementBytes} B by ${inputStrides.join(',')}`;
    }
    case 'fill':
      return `fill ${work.count} of ${work.value.length} B`;
  }
}

/** Without the axes of length 1. */
function dims(lengths: readonly number[]): string {
  const long = lengths.filter((length) => length !== 1);
  return long.length === 0 ? '1' : long.join('x');
}

interface InputMap {
  readonly batch: number;
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly inputChannels: number;
}

function inputMap({ batch, inputHeight, inputWidth, inputChannels }: InputMap): string {
  const map = `${inputHeight}x${inputWidth}x${inputChannels}`;
  return batch === 1 ? map : `${batch} of ${map}`;
}

function convolution(work: ConvShape): string {
  const { kernelHeight, kernelWidth, inputChannels, outputChannels, groups } = work;
  const { batch, inputHeight, inputWidth, strideY, strideX, dilationY, dilationX } = work;
  const isOnePixel = kernelHeight * kernelWidth === 1 && batch * inputHeight * inputWidth === 1;
  if (isOnePixel && groups === 1) return `fc ${inputChannels} to ${outputChannels}`;
  const strides = strideY === strideX ? `s${strideY}` : `s${strideY}x${strideX}`;
  const dilations = dilationY * dilationX > 1 ? ` d${dilationY}` : '';
  const isDepthwise = groups > 1 && groups === inputChannels;
  const kind = isDepthwise ? 'dw' : groups > 1 ? `conv of ${groups} groups` : 'conv';
  const to = isDepthwise && outputChannels === inputChannels ? '' : ` to ${outputChannels}`;
  return `${kind} ${kernelHeight}x${kernelWidth} ${strides}${dilations} ${inputMap(work)}${to}`;
}

function ternary(work: ConvU8Work): string {
  if (work.ternary === undefined) return '';
  return `, ternary ${zerosOf(work.weights)}`;
}

function zerosOf(weights: ConvU8Work['weights']): string {
  return `${Math.round(100 * (1 - nonZeroCount(weights) / weights.length))} % zeros`;
}

export function nonZeroCount(weights: ConvU8Work['weights']): number {
  let count = 0;
  for (const weight of weights) if (weight !== 0) count++;
  return count;
}
