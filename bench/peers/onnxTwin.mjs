/**
 * The ONNX twin of a quantized TFLite file, for engines that read nothing else: the same weights,
 * scales and zero points in the QOperator form, NCHW, activations uint8 (an int8 map moves up by
 * 128), which is the form that onnxruntime runs fastest.
 */
import { writeOnnx } from './onnxFile.mjs';
import { readTflite } from './tfliteFile.mjs';

const microsoft = 'com.microsoft';

/** @returns the bytes of the twin */
export function onnxTwin(bytes) {
  const file = readTflite(bytes);
  const twin = new Twin(file.tensors, file.input);
  for (const operator of file.operators) {
    twin.check(operator);
    twins[operator.name](twin, operator);
  }
  const { nodes, constants } = twin.finish(file.output);
  const shapeOf = (index) => channelsFirst(file.tensors[index].shape);
  const input = { name: 'input', dtype: 'uint8', shape: shapeOf(file.input) };
  const output = { name: 'output', dtype: 'uint8', shape: shapeOf(file.output) };
  return writeOnnx({ nodes, constants, input, output });
}

function channelsFirst(shape) {
  if (shape.length !== 4) return shape;
  const [batch, height, width, channels] = shape;
  return [batch, channels, height, width];
}

/** The nodes so far, and the name that each TFLite tensor has among them. */
class Twin {
  nodes = [];
  constants = [];
  /** Maps that only a Pad made: what they were before, and by how much. */
  padded = new Map();
  #names;

  constructor(tensors, input) {
    this.tensors = tensors;
    this.#names = new Map([[input, 'input']]);
  }

  name(index) {
    return this.#names.get(index);
  }

  rename(to, from) {
    this.#names.set(to, this.name(from));
  }

  add(op, inputs, to, { domain, attributes } = {}) {
    const output = `map${to}`;
    this.nodes.push({ op, domain, inputs, output, attributes });
    this.#names.set(to, output);
  }

  constant(data, dims = [data.length]) {
    const name = `constant${this.constants.length}`;
    this.constants.push({ name, dims, data });
    return name;
  }

  zeroPoint(index) {
    const { dtype, zeroPoint } = this.tensors[index];
    return zeroPoint[0] + (dtype === 'int8' ? 128 : 0);
  }

  /** Scale and zero point of a map. */
  quantization(index) {
    const scale = this.constant(this.tensors[index].scale.slice(0, 1), []);
    return [scale, this.constant(Uint8Array.of(this.zeroPoint(index)), [])];
  }

  /** Scale and zero point of weights, one for all or one per channel. */
  weightQuantization(index) {
    const { scale, zeroPoint, data } = this.tensors[index];
    const dims = scale.length === 1 ? [] : [scale.length];
    return [this.constant(scale, dims), this.constant(data.constructor.from(zeroPoint), dims)];
  }

  /** QOperator nodes have no activation: saturation must be the clamp. */
  check({ name, outputs, options }) {
    const clamps = options.activation !== undefined && options.activation !== 'none';
    if (clamps && this.zeroPoint(outputs[0]) !== 0)
      throw new Error(`${name}: its activation is not the end of its range`);
  }

  finish(output) {
    const name = this.name(output);
    const nodes = this.nodes.map((node) =>
      node.output === name ? { ...node, output: 'output' } : node,
    );
    return { nodes, constants: this.constants };
  }
}

function convolve(twin, { inputs: [from, weights, bias], outputs: [to], options }, order, group) {
  const { shape, data } = twin.tensors[weights];
  const [source, pads] = twin.padded.get(from) ?? [from, padsOf(twin, from, shape, options)];
  const permuted = permute(data, shape, order);
  const inputs = [
    ...[twin.name(source), ...twin.quantization(source)],
    twin.constant(
      permuted,
      order.map((axis) => shape[axis]),
    ),
    ...[...twin.weightQuantization(weights), ...twin.quantization(to)],
    ...(bias >= 0 ? [twin.constant(twin.tensors[bias].data)] : []),
  ];
  const [, height, width] = shape;
  const attributes = { kernel_shape: [height, width], strides: options.strides, pads, group };
  twin.add('QLinearConv', inputs, to, { attributes });
}

/** [top, left, bottom, right] */
function padsOf(twin, from, [, kernelHeight, kernelWidth], { same, strides }) {
  const [, height, width] = twin.tensors[from].shape;
  const total = (size, kernelSize, stride) =>
    same ? Math.max((Math.ceil(size / stride) - 1) * stride + kernelSize - size, 0) : 0;
  const down = total(height, kernelHeight, strides[0]);
  const across = total(width, kernelWidth, strides[1]);
  const [top, left] = [Math.floor(down / 2), Math.floor(across / 2)];
  return [top, left, down - top, across - left];
}

/** Elements of a tensor whose axes come in another order. */
function permute(data, shape, order) {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const out = new data.constructor(data.length);
  const sizes = order.map((axis) => shape[axis]);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    let rest = i;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += (rest % sizes[axis]) * strides[order[axis]];
      rest = Math.floor(rest / sizes[axis]);
    }
    out[i] = data[from];
  }
  return out;
}

function globalPool(twin, { name, inputs: [from], outputs: [to], options }) {
  const [, height, width] = twin.tensors[from].shape;
  const whole = options.size === undefined || String(options.size) === String([height, width]);
  if (!whole) throw new Error(`${name}: only pools over the whole map have a twin`);
  const inputs = [twin.name(from), ...twin.quantization(from), ...twin.quantization(to)];
  const settings = { domain: microsoft, attributes: { channels_last: 0 } };
  if (twin.tensors[to].shape.length === 4)
    return twin.add('QLinearGlobalAveragePool', inputs, to, settings);
  const pooled = `pooled${to}`;
  twin.nodes.push({ op: 'QLinearGlobalAveragePool', inputs, output: pooled, ...settings });
  return reshape(twin, pooled, to);
}

function reshape(twin, name, to) {
  const shape = BigInt64Array.from(channelsFirst(twin.tensors[to].shape), BigInt);
  twin.add('Reshape', [name, twin.constant(shape)], to);
}

const twins = {
  CONV_2D: (twin, operator) => convolve(twin, operator, [0, 3, 1, 2], 1),
  DEPTHWISE_CONV_2D: (twin, operator) => {
    const groups = twin.tensors[operator.inputs[0]].shape[3];
    convolve(twin, operator, [3, 0, 1, 2], groups);
  },
  FULLY_CONNECTED: (twin, { inputs: [from, weights, bias], outputs: [to] }) => {
    let name = twin.name(from);
    if (twin.tensors[from].shape.length !== 2) {
      const flat = `flat${to}`;
      twin.nodes.push({ op: 'Flatten', inputs: [name], output: flat, attributes: { axis: 1 } });
      name = flat;
    }
    const { data, shape } = twin.tensors[weights];
    const inputs = [
      ...[name, ...twin.quantization(from)],
      ...[twin.constant(data, shape), ...twin.weightQuantization(weights)],
      ...[twin.constant(twin.tensors[bias].data), ...twin.quantization(to)],
    ];
    const attributes = { transA: 0, transB: 1, alpha: { float: 1 } };
    twin.add('QGemm', inputs, to, { domain: microsoft, attributes });
  },
  ADD: (twin, { inputs: [left, right], outputs: [to] }) => {
    const operand = (index) => [twin.name(index), ...twin.quantization(index)];
    const inputs = [...operand(left), ...operand(right), ...twin.quantization(to)];
    twin.add('QLinearAdd', inputs, to, { domain: microsoft });
  },
  AVERAGE_POOL_2D: globalPool,
  MEAN: globalPool,
  PAD: (twin, { inputs: [from, amounts], outputs: [to] }) => {
    const [, , top, bottom, left, right] = twin.tensors[amounts].data;
    twin.padded.set(to, [from, [top, left, bottom, right]]);
  },
  RESHAPE: (twin, { inputs: [from], outputs: [to] }) => reshape(twin, twin.name(from), to),
  SOFTMAX: (twin, { inputs: [from], outputs: [to] }) => {
    const inputs = [twin.name(from), ...twin.quantization(from), ...twin.quantization(to)];
    const attributes = { axis: -1, opset: 13 };
    twin.add('QLinearSoftmax', inputs, to, { domain: microsoft, attributes });
  },
  /** Between int8 and uint8 of one scale: the twin has uint8 only. */
  QUANTIZE: (twin, { name, inputs: [from], outputs: [to] }) => {
    const scaleOf = (index) => twin.tensors[index].scale[0];
    if (scaleOf(from) !== scaleOf(to) || twin.zeroPoint(from) !== twin.zeroPoint(to))
      throw new Error(`${name}: changes the scale, which has no twin`);
    twin.rename(to, from);
  },
};
