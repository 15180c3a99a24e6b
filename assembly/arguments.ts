/**
 * The argument blocks of the kernels, one definition for both sides of the wasm border: byte
 * offsets from the pointer that a kernel gets. Every field is 4 bytes, an address or an integer.
 */

/** 256-entry table, int8/table.ts. */
export enum TableArgs {
  input = 0,
  output = 4,
  table = 8,
  count = 12,
}

/** Strided copy, layout/copy.ts. */
export enum CopyArgs {
  input = 0,
  output = 4,
  axes = 8,
  state = 12,
  axisCount = 16,
  count = 20,
  rows = 24,
  columns = 28,
  inputRow = 32,
  inputColumn = 36,
  outputRow = 40,
  outputColumn = 44,
  elementBytes = 48,
}

/** Repeated element, layout/fill.ts. */
export enum FillArgs {
  output = 0,
  pattern = 4,
  bytes = 8,
}

/** float32 to 8 bits, float32/quantize.ts. */
export enum QuantizeArgs {
  input = 0,
  output = 4,
  parameters = 8,
  outer = 12,
  channels = 16,
  inner = 20,
}

/** 8 or 32 bits to float32, float32/quantize.ts. */
export enum DequantizeArgs {
  input = 0,
  output = 4,
  parameters = 8,
  outer = 12,
  channels = 16,
  inner = 20,
}

/** Convolution of 8-bit maps, int8/conv.ts and int8/depthwise.ts. */
export enum ConvArgs {
  input = 0,
  output = 4,
  parameters = 8,
  weights = 12,
  scratch = 16,
  /** The address of a byte. */
  inputZeroPoint = 20,
  batch = 24,
  inputHeight = 28,
  inputWidth = 32,
  inputChannels = 36,
  outputHeight = 40,
  outputWidth = 44,
  outputChannels = 48,
  kernelHeight = 52,
  kernelWidth = 56,
  strideY = 60,
  strideX = 64,
  dilationY = 68,
  dilationX = 72,
  padTop = 76,
  padLeft = 80,
  groups = 84,
  /** Bytes of one window in scratch. */
  rowBytes = 88,
  /** Windows in scratch at a time. */
  blockRows = 92,
  /** 1x1, stride 1, no padding, one group, an even number of channels: windows are the input. */
  isPointwise = 96,
}
