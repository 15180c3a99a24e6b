import { elementCount } from '../graph/shape.ts';
import type { ConvShape, Work } from '../graph/work.ts';
import { outputPixels, windowSize } from '../kernels/geometry.ts';

/**
 * About how long the work takes on one thread of a machine of 2023, in nanoseconds. It tells what is
 * too small to be shared, and need not be better than that.
 */
export function nanosecondsOf(work: Work): number {
  switch (work.family) {
    case 'convU8':
    case 'ternaryU8':
      return convNanoseconds(work, 30, 10);
    case 'convF32':
      return convNanoseconds(work, 8, 4);
    case 'matMulF32':
      return (elementCount(work.shape) * work.m * work.n * work.k) / 8;
    case 'pool':
      return 0.2 * outputPixels(work) * work.outputChannels * work.kernelHeight * work.kernelWidth;
    case 'resizeLinear':
      return work.batch * work.y.low.length * work.x.low.length * work.channels;
    case 'resizeNearest':
      return 0.1 * work.batch * work.y.length * work.x.length * work.pixelBytes;
    case 'binaryU8':
    case 'binaryF32':
      return 0.5 * elementCount(work.shape);
    case 'copy':
      return 0.3 * elementCount(work.shape);
    case 'table':
      return 0.3 * work.count;
    case 'fill':
      return 0.05 * work.count * work.value.length;
    case 'cast':
    case 'unaryF32':
    case 'dynamicQuantize':
      return work.count;
    case 'quantize':
    case 'dequantize':
      return 0.5 * work.outer * work.channels * work.inner;
    case 'affineF32':
    case 'ternarySums':
      return 0.5 * work.rows * work.channels;
    case 'softmaxU8':
    case 'softmaxF32':
      return 3 * work.rows * work.length;
    case 'meanU8':
    case 'meanF32':
      return 0.2 * work.outer * work.count * work.inner;
    case 'argMax':
      return work.outer * work.length * work.inner;
  }
}

/** @param rate multiply-accumulates of a nanosecond, `grouped` where each group has few channels */
function convNanoseconds(work: ConvShape, rate: number, grouped: number): number {
  const macs = outputPixels(work) * work.outputChannels * windowSize(work);
  return macs / (work.groups === 1 ? rate : grouped);
}
