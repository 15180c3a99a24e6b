import type { ConvShape, WindowShape } from '../graph/work.ts';

/** The fields that the argument blocks of all convolutions and windows share with their work. */
export function geometryOf(work: WindowShape) {
  return {
    batch: work.batch,
    inputHeight: work.inputHeight,
    inputWidth: work.inputWidth,
    inputChannels: work.inputChannels,
    outputHeight: work.outputHeight,
    outputWidth: work.outputWidth,
    outputChannels: work.outputChannels,
    kernelHeight: work.kernelHeight,
    kernelWidth: work.kernelWidth,
    strideY: work.strideY,
    strideX: work.strideX,
    dilationY: work.dilationY,
    dilationX: work.dilationX,
    padTop: work.padTop,
    padLeft: work.padLeft,
  };
}

/** Multiplications of one output: k of the matrix product. */
export function windowSize(work: ConvShape): number {
  return (work.kernelHeight * work.kernelWidth * work.inputChannels) / work.groups;
}

export function outputPixels({ batch, outputHeight, outputWidth }: WindowShape): number {
  return batch * outputHeight * outputWidth;
}

/** 1x1, stride 1, no padding: in one group the windows are the input as it is. */
export function isPointwise(work: WindowShape): boolean {
  return (
    work.kernelHeight === 1 &&
    work.kernelWidth === 1 &&
    work.strideY === 1 &&
    work.strideX === 1 &&
    work.padTop === 0 &&
    work.padLeft === 0 &&
    work.outputHeight === work.inputHeight &&
    work.outputWidth === work.inputWidth
  );
}
