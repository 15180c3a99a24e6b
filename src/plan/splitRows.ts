import type {
  AxisBlend,
  ConvF32Work,
  ConvU8Work,
  PoolWork,
  ResizeLinearWork,
  ResizeNearestWork,
  TernaryU8Work,
} from '../graph/work.ts';
import { isPointwise, outputPixels } from '../kernels/geometry.ts';
import { type Range, ranges, type Share, slice } from './share.ts';

type Conv = ConvU8Work | ConvF32Work;
type Windows = Conv | TernaryU8Work | PoolWork;
type Resize = ResizeLinearWork | ResizeNearestWork;

/** Channels that a kernel takes together, twice: a part ends where a tile does. */
const channelUnit = 16;

/**
 * Maps by images, by rows of the output or by pixels, and fully connected layers by output channels.
 * A band of rows sees the rows of the input that its windows reach, and no more padding than that.
 */
export function splitRows(work: Windows | Resize, parts: number): Share[] {
  if (work.batch > 1) return splitImages(work, parts);
  if (work.family === 'resizeLinear' || work.family === 'resizeNearest') {
    return splitResize(work, parts);
  }
  if (work.family === 'pool') return splitWindows(work, parts);
  if (work.family !== 'ternaryU8' && outputPixels(work) === 1)
    return work.groups === 1 ? splitChannels(work, parts) : [];
  return isPointwise(work) ? splitPixels(work, parts) : splitWindows(work, parts);
}

function splitImages(work: Windows | Resize, parts: number): Share[] {
  const { input, output } = rowBytes(work);
  return ranges(work.batch, parts).map(({ first, count }) => ({
    work: { ...work, batch: count },
    inputOffsets: [first * work.inputHeight * input],
    outputOffsets: [first * outputHeightOf(work) * output],
    packsAlike: true,
  }));
}

function splitWindows(work: Windows, parts: number): Share[] {
  const { input, output } = rowBytes(work);
  return ranges(work.outputHeight, parts).map((rows) => {
    const { firstRow, ...band } = bandOf(work, rows);
    return {
      work: { ...work, ...band },
      inputOffsets: [firstRow * input],
      outputOffsets: [rows.first * output],
      packsAlike: true,
    };
  });
}

/** The geometry of some rows of the output, over the rows of the input from `firstRow` on. */
function bandOf(work: Windows, { first, count }: Range) {
  const { inputHeight, kernelHeight, strideY, dilationY, padTop } = work;
  const top = first * strideY - padTop;
  const firstRow = Math.max(0, Math.min(top, inputHeight - 1));
  const bottom = top + (count - 1) * strideY + (kernelHeight - 1) * dilationY;
  const end = Math.max(firstRow + 1, Math.min(bottom + 1, inputHeight));
  return {
    firstRow,
    inputHeight: end - firstRow,
    outputHeight: count,
    padTop: firstRow - top,
  };
}

/** A map is one long row for a 1x1 convolution. */
function splitPixels(work: Conv | TernaryU8Work, parts: number): Share[] {
  return ranges(outputPixels(work), parts).map(({ first, count }) => ({
    work: { ...work, inputHeight: 1, inputWidth: count, outputHeight: 1, outputWidth: count },
    inputOffsets: [first * work.inputChannels * inputBytes(work)],
    outputOffsets: [first * work.outputChannels * outputBytes(work)],
    packsAlike: true,
  }));
}

function splitChannels(work: Conv, parts: number): Share[] {
  const { outputChannels } = work;
  const k = work.weights.length / outputChannels;
  const bytes = outputBytes(work);
  return ranges(outputChannels, parts, channelUnit).map((channels) => {
    const weights = { first: channels.first * k, count: channels.count * k };
    const share = { inputOffsets: [], outputOffsets: [channels.first * bytes], packsAlike: false };
    return work.family === 'convF32'
      ? {
          ...share,
          work: {
            ...work,
            outputChannels: channels.count,
            weights: slice(work.weights, weights),
            bias: slice(work.bias, channels),
          },
        }
      : { ...share, work: channelsOf(work, channels, weights) };
  });
}

function channelsOf(work: ConvU8Work, channels: Range, weights: Range): ConvU8Work {
  const { weightZeroPoint, result, ternary } = work;
  const perChannel = weightZeroPoint.length > 1;
  return {
    ...work,
    outputChannels: channels.count,
    weights: work.weights.subarray(weights.first, weights.first + weights.count),
    weightZeroPoint: perChannel ? slice(weightZeroPoint, channels) : weightZeroPoint,
    bias: slice(work.bias, channels),
    ...(ternary && {
      ternary: { plus: slice(ternary.plus, channels), minus: slice(ternary.minus, channels) },
    }),
    result:
      result.type === 'i32'
        ? result
        : result.type === 'u8'
          ? { ...result, scale: slice(result.scale, channels) }
          : {
              ...result,
              scale: slice(result.scale, channels),
              bias: slice(result.bias, channels),
            },
  };
}

function splitResize(work: Resize, parts: number): Share[] {
  const { output } = rowBytes(work);
  return ranges(outputHeightOf(work), parts).map((rows) => ({
    work:
      work.family === 'resizeNearest'
        ? { ...work, y: slice(work.y, rows) }
        : { ...work, y: sliceAxis(work.y, rows) },
    inputOffsets: [],
    outputOffsets: [rows.first * output],
    packsAlike: false,
  }));
}

function sliceAxis(axis: AxisBlend, rows: Range): AxisBlend {
  return {
    low: slice(axis.low, rows),
    high: slice(axis.high, rows),
    fraction: slice(axis.fraction, rows),
  };
}

/** Bytes of a row of the input, and of the output. */
function rowBytes(work: Windows | Resize): { input: number; output: number } {
  const { inputWidth } = work;
  switch (work.family) {
    case 'resizeNearest':
      return { input: inputWidth * work.pixelBytes, output: work.x.length * work.pixelBytes };
    case 'resizeLinear': {
      const pixelBytes = work.channels * (work.type === 'f32' ? 4 : 1);
      return { input: inputWidth * pixelBytes, output: work.x.low.length * pixelBytes };
    }
    default:
      return {
        input: inputWidth * work.inputChannels * inputBytes(work),
        output: work.outputWidth * work.outputChannels * outputBytes(work),
      };
  }
}

function outputHeightOf(work: Windows | Resize): number {
  if (work.family === 'resizeNearest') return work.y.length;
  return work.family === 'resizeLinear' ? work.y.low.length : work.outputHeight;
}

function inputBytes(work: Windows): number {
  if (work.family === 'pool') return work.type === 'f32' ? 4 : 1;
  return work.family === 'convF32' ? 4 : 1;
}

function outputBytes(work: Windows): number {
  if (work.family !== 'convU8') return inputBytes(work);
  return work.result.type === 'u8' ? 1 : 4;
}
