import type { Clamp, Pads, Pair } from '../../graph/node.ts';
import { formatShape } from '../../graph/shape.ts';
import { allocate, bytesPerElement, type Constant, type Tensor } from '../../graph/tensor.ts';
import type { Table } from './flatbuffer.ts';
import type { Importing, OperatorImporter } from './operator.ts';
import {
  ConvField,
  DepthwiseField,
  FullyConnectedField,
  OptionsType,
  PoolField,
  TransposeConvField,
  WindowField,
} from './schema.ts';

const same = 0;

function stridesOf(options: Table): Pair {
  return [options.int32(WindowField.strideHeight), options.int32(WindowField.strideWidth)];
}

/** SAME: as many output cells as strides begin in the input, and the odd cell of padding after. */
function padsOf(
  operator: Importing,
  options: Table,
  input: Pair,
  kernel: Pair,
  strides: Pair,
  dilations: Pair,
): Pads {
  const padding = options.int8(WindowField.padding);
  if (padding !== same) {
    if (padding === 1) return [0, 0, 0, 0];
    operator.refuse(`padding number ${padding}`, 'SAME or VALID');
  }
  const wrong = [...strides, ...dilations].find((n) => n < 1);
  if (wrong !== undefined) operator.refuse(`a stride or dilation of ${wrong}`, '1 or more');
  const along = (axis: 0 | 1): Pair => {
    const outputs = Math.ceil(input[axis] / strides[axis]);
    const extent = (kernel[axis] - 1) * dilations[axis] + 1;
    return split(Math.max(0, (outputs - 1) * strides[axis] + extent - input[axis]));
  };
  const [top, bottom] = along(0);
  const [left, right] = along(1);
  return [top, left, bottom, right];
}

function split(padding: number): Pair {
  return [padding >> 1, padding - (padding >> 1)];
}

const heightWidth = ({ shape }: Tensor): Pair => [shape[1]!, shape[2]!];

/** input, weights [out][ky][kx][in / groups], bias */
export const importConv: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.Conv2D);
  const input = operator.ranked(0, 4);
  const weights = weightsOf(operator, input, 1);
  const dilations: Pair = [
    options.int32(ConvField.dilationHeight, 1),
    options.int32(ConvField.dilationWidth, 1),
  ];
  const groups = Math.max(1, Math.floor(input.shape[3]! / weights.shape[3]!));
  return convolve(operator, input, weights, {
    options,
    dilations,
    groups,
    activation: options.int8(ConvField.activation),
  });
};

/** input, weights [1][ky][kx][out], bias; the multiplier follows from the shapes. */
export const importDepthwise: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.DepthwiseConv2D);
  const input = operator.ranked(0, 4);
  const weights = outputsFirst(operator, weightsOf(operator, input, 1));
  const dilations: Pair = [
    options.int32(DepthwiseField.dilationHeight, 1),
    options.int32(DepthwiseField.dilationWidth, 1),
  ];
  return convolve(operator, input, weights, {
    options,
    dilations,
    groups: input.shape[3]!,
    activation: options.int8(DepthwiseField.activation),
  });
};

function convolve(
  operator: Importing,
  input: Tensor,
  weights: Constant,
  how: { options: Table; dilations: Pair; groups: number; activation: number },
): Tensor[] {
  const { options, dilations, groups, activation } = how;
  const strides = stridesOf(options);
  const kernel = heightWidth(weights);
  const pads = padsOf(operator, options, heightWidth(input), kernel, strides, dilations);
  const inputs = withBias(input, weights, operator.bias(2));
  return operator.activated(activation, (clamp, output) =>
    operator.node('Conv', inputs, { strides, dilations, pads, groups, ...clamp }, [output]),
  );
}

function weightsOf(operator: Importing, input: Tensor, i: number): Constant {
  operator.ranked(i, 4);
  return operator.weights(i, input);
}

function withBias(input: Tensor, weights: Tensor, bias: Tensor | undefined) {
  return bias === undefined ? ([input, weights] as const) : ([input, weights, bias] as const);
}

/** [1][ky][kx][out] becomes [out][ky][kx][1]; per-channel parameters move to axis 0. */
function outputsFirst(operator: Importing, weights: Constant): Constant {
  const { dtype, shape, quantization, storedBits } = weights;
  const [one = 1, kernelHeight = 1, kernelWidth = 1, channels = 1] = shape;
  const axis = quantization?.axis ?? 0;
  const isPerChannel = (quantization?.scale.length ?? 1) > 1;
  if (one !== 1 || (isPerChannel && axis !== 3)) {
    operator.refuse(
      `weights ${formatShape(shape)} quantized along axis ${axis}`,
      'weights [1][ky][kx][out] quantized as a whole or along axis 3',
    );
  }
  const { budget, builder } = operator.tensors;
  return operator.tensors.derive('outputs first', weights, () => {
    const taps = kernelHeight * kernelWidth;
    budget.spend(taps * channels * bytesPerElement[dtype], operator.name);
    const from = weights.data;
    const data = allocate(dtype, from.length);
    for (let tap = 0, i = 0; tap < taps; tap++) {
      for (let to = tap; to < data.length; to += taps) data[to] = from[i++]!;
    }
    const more = { quantization: quantization && { ...quantization, axis: 0 }, storedBits };
    const turned = [channels, kernelHeight, kernelWidth, 1];
    return builder.constant(weights.id, dtype, turned, data, more);
  });
}

/** output shape, weights [out][ky][kx][in], input, bias */
export const importTransposeConv: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.TransposeConv);
  const input = operator.ranked(2, 4);
  const weights = weightsOf(operator, input, 1);
  const strides = stridesOf(options);
  const [, height = 0, width = 0] = operator.integers(0);
  const kernel = heightWidth(weights);
  const isSame = options.int8(WindowField.padding) === same;
  const along = (axis: 0 | 1) => {
    const size = [height, width][axis]!;
    const stride = strides[axis];
    const cells = heightWidth(input)[axis];
    // A convolution of the output with these options must give a map of the input's size.
    const back = isSame ? Math.ceil(size / stride) : Math.floor((size - kernel[axis]) / stride) + 1;
    if (back !== cells) {
      operator.refuse(`${cells} cells to make ${size} at stride ${stride}`, `${back} cells`);
    }
    const full = (cells - 1) * stride + kernel[axis];
    const [before, after] = split(isSame ? Math.max(0, full - size) : 0);
    return { before, after, extra: size - (full - before - after) };
  };
  const [y, x] = [along(0), along(1)];
  const attributes = {
    strides,
    dilations: [1, 1] as const,
    pads: [y.before, x.before, y.after, x.after] as const,
    outputPadding: [y.extra, x.extra] as const,
    groups: 1,
  };
  const inputs = withBias(input, weights, operator.bias(3));
  const activation = options.int8(TransposeConvField.activation);
  return operator.activated(activation, (clamp, output) =>
    operator.node('ConvTranspose', inputs, { ...attributes, ...clamp }, [output]),
  );
};

/** input, weights [n][k], bias */
export const importFullyConnected: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.FullyConnected);
  const format = options.int8(FullyConnectedField.weightsFormat);
  if (format !== 0) {
    operator.refuse(
      `weights of format ${format}`,
      'weights [n][k] in their plain order',
      'convert the model again without shuffled weights',
    );
  }
  const input = operator.input(0);
  const inputs = withBias(input, operator.weights(1, input), operator.bias(2));
  const keepDims = options.bool(FullyConnectedField.keepDims);
  return operator.activated(options.int8(FullyConnectedField.activation), (clamp, output) =>
    operator.node('FullyConnected', inputs, { keepDims, ...clamp }, [output]),
  );
};

export const importPool =
  (op: 'MaxPool' | 'AveragePool'): OperatorImporter =>
  (operator) => {
    const options = operator.options(OptionsType.Pool2D);
    const input = operator.ranked(0, 4);
    const kernel: Pair = [
      options.int32(PoolField.filterHeight),
      options.int32(PoolField.filterWidth),
    ];
    const strides = stridesOf(options);
    const dilations: Pair = [1, 1];
    const pads = padsOf(operator, options, heightWidth(input), kernel, strides, dilations);
    const window = { kernel, strides, dilations, pads, ceilMode: false, countIncludePad: false };
    return operator.activated(options.int8(PoolField.activation), (clamp: Clamp, output) =>
      operator.node(op, [input], { ...window, ...clamp }, [output]),
    );
  };
