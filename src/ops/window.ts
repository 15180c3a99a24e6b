import type { Pads, Pair } from '../graph/node.ts';
import type { Shape } from '../graph/shape.ts';
import type { WindowShape } from '../graph/work.ts';

/** Cells that a dilated kernel spans. */
export function extent(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

interface Windows {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Pads;
}

/** Output size along both axes; below 1 where the window does not fit into the padded input. */
export function windowSize(
  height: number,
  width: number,
  [kernelHeight, kernelWidth]: Pair,
  { strides, dilations, pads: [top, left, bottom, right] }: Windows,
): Pair {
  const along = (size: number, kernel: number, stride: number, dilation: number): number =>
    Math.floor((size - extent(kernel, dilation)) / stride) + 1;
  return [
    along(height + top + bottom, kernelHeight, strides[0], dilations[0]),
    along(width + left + right, kernelWidth, strides[1], dilations[1]),
  ];
}

export function windowShape(
  input: Shape,
  output: Shape,
  [kernelHeight, kernelWidth]: Pair,
  { strides, dilations, pads }: Windows,
): WindowShape {
  const [batch = 1, inputHeight = 1, inputWidth = 1, inputChannels = 1] = input;
  const [, outputHeight = 1, outputWidth = 1, outputChannels = 1] = output;
  return {
    batch,
    inputHeight,
    inputWidth,
    inputChannels,
    outputHeight,
    outputWidth,
    outputChannels,
    kernelHeight,
    kernelWidth,
    strideY: strides[0],
    strideX: strides[1],
    dilationY: dilations[0],
    dilationX: dilations[1],
    padTop: pads[0],
    padLeft: pads[1],
  };
}
