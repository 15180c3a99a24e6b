import type {
  ArgMax,
  BatchNorm,
  Binary,
  Concat,
  Mean,
  Node,
  Pad,
  Pool,
  Resize,
  Slice,
  Softmax,
  Split,
  Transpose,
  Unary,
} from '../../../graph/node.ts';
import { sameShape } from '../../../graph/shape.ts';
import { isConstant, isQuantized, type Tensor } from '../../../graph/tensor.ts';
import { f32 } from '../../../ops/float32.ts';
import { elementOf } from '../elements.ts';
import { writeConv, writeConvTranspose, writeFullyConnected } from './layers.ts';
import { fromFile, isPermutation, toFile } from './maps.ts';
import { axesIn, axisIn, type NodeWriter } from './nodeWriter.ts';

/** Writes a node of the graph as nodes of the file. */
export function writeNode(w: NodeWriter, node: Node): void {
  switch (node.op) {
    case 'Conv':
      return writeConv(w, node);
    case 'ConvTranspose':
      return writeConvTranspose(w, node);
    case 'FullyConnected':
      return writeFullyConnected(w, node);
    case 'MatMul': {
      const inputs = node.inputs.map((input) => w.real(input, 'plain'));
      return w.result(node, 'MatMul', inputs, node.outputs[0]!, 'plain');
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return writeBinary(w, node);
    case 'PRelu': {
      const layout = w.layoutOf(node);
      const inputs = node.inputs.map((input) => w.real(input, layout));
      return w.result(node, 'PRelu', inputs, node.outputs[0]!, layout);
    }
    case 'Relu':
    case 'Clip':
    case 'LeakyRelu':
    case 'HardSigmoid':
    case 'HardSwish':
    case 'Sigmoid':
    case 'Tanh':
      return writeUnary(w, node);
    case 'Softmax':
    case 'LogSoftmax':
      return writeSoftmax(w, node);
    case 'BatchNorm':
      return writeBatchNorm(w, node);
    case 'MaxPool':
    case 'AveragePool':
      return writePool(w, node);
    case 'Mean':
      return writeMean(w, node);
    case 'ArgMax':
      return writeArgMax(w, node);
    case 'Concat':
      return writeConcat(w, node);
    case 'Split':
      return writeSplit(w, node);
    case 'Slice':
      return writeSlice(w, node);
    case 'Pad':
      return writePad(w, node);
    case 'Resize':
      return writeResize(w, node);
    case 'Transpose':
      return writeTranspose(w, node);
    case 'Reshape': {
      const [input] = node.inputs;
      const output = node.outputs[0]!;
      const source = w.raw(input, 'plain');
      if (sameShape(input.shape, output.shape) && w.maps.has(input)) {
        return w.maps.give(output, 'plain', source);
      }
      const shape = w.file.integers(`${output.id}/shape`, output.shape);
      const name = w.maps.create(output, 'plain');
      return w.file.node('Reshape', node.name, [source, shape], [name]);
    }
    case 'Quantize': {
      const [input] = node.inputs;
      const layout = w.layoutOf(node);
      const name = w.maps.create(node.outputs[0]!, layout);
      return w.quantize(node.outputs[0]!, w.raw(input, layout), name, layout);
    }
    case 'Dequantize': {
      const [input] = node.inputs;
      const output = node.outputs[0]!;
      if (isConstant(input)) {
        w.integers.set(output, input);
        return;
      }
      const layout = w.layoutOf(node);
      const name = w.dequantize(input, w.raw(input, layout), output.id, layout);
      return w.maps.give(output, layout, name);
    }
    case 'Requantize': {
      const [input] = node.inputs;
      const output = node.outputs[0]!;
      const layout = w.layoutOf(node);
      return w.quantize(output, w.real(input, layout), w.maps.create(output, layout), layout);
    }
    case 'Cast': {
      const [input] = node.inputs;
      const output = node.outputs[0]!;
      const layout = w.layoutOf(node);
      const source = w.raw(input, layout);
      const to = elementOf(output.dtype).code;
      return w.file.node('Cast', node.name, [source], [w.maps.create(output, layout)], { to });
    }
    case 'ConvInteger':
    case 'MatMulInteger':
    case 'DynamicQuantize':
      return w.fail(node, 'scales that are known only at run time', 'constant scales');
  }
}

function writeBinary(w: NodeWriter, node: Binary): void {
  const layout = w.layoutOf(node);
  const output = node.outputs[0]!;
  // As QDQ these would follow the rule for unsigned numbers, which differs now and then.
  if (output.dtype === 'int8') w.fail(node, 'int8 operands', 'uint8 or real ones');
  const inputs = node.inputs.map((input) => w.real(input, layout));
  w.result(node, node.op, inputs, output, layout, {}, { clamp: node.attributes });
}

function writeUnary(w: NodeWriter, node: Unary): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const { alpha, beta } = node.attributes;
  const source = w.real(input, layout);
  if (node.op === 'Clip') {
    const plain = output.dtype !== 'float32' && !isQuantized(output);
    if (plain) w.fail(node, `plain ${output.dtype}`, 'real numbers');
    const bound = (name: string, value: number): string =>
      Number.isFinite(value) ? w.file.floats(`${output.id}/${name}`, [value], []) : '';
    const inputs = [source, bound('min', alpha), bound('max', beta)];
    return w.result(node, 'Clip', inputs, output, layout);
  }
  const attributes = {
    alpha: node.op === 'LeakyRelu' || node.op === 'HardSigmoid' ? { float: alpha } : undefined,
    beta: node.op === 'HardSigmoid' ? { float: beta } : undefined,
  };
  w.result(node, node.op, [source], output, layout, attributes);
}

function writeSoftmax(w: NodeWriter, node: Softmax): void {
  const [input] = node.inputs;
  const layout = w.layoutOf(node);
  const { axis, beta } = node.attributes;
  if (beta !== 1) w.fail(node, `beta ${beta}`, '1');
  const attributes = { axis: axisIn(layout, axis) };
  w.result(node, node.op, [w.real(input, layout)], node.outputs[0]!, layout, attributes);
}

function writeBatchNorm(w: NodeWriter, node: BatchNorm): void {
  const [input, ...parameters] = node.inputs;
  const rank = input.shape.length;
  if (rank !== 4 && rank !== 2) w.fail(node, `an input of ${rank} axes`, '2 or 4');
  const layout = rank === 4 ? 'turned' : 'plain';
  const inputs = [w.real(input, layout), ...parameters.map((p) => w.real(p, 'plain'))];
  const attributes = { epsilon: { float: node.attributes.epsilon } };
  w.result(node, 'BatchNormalization', inputs, node.outputs[0]!, layout, attributes);
}

function writePool(w: NodeWriter, node: Pool): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { kernel, strides, dilations, pads, ceilMode, countIncludePad } = node.attributes;
  const average = node.op === 'AveragePool';
  if (average && output.dtype === 'int8') w.fail(node, 'int8 operands', 'uint8 or real ones');
  const attributes = {
    kernel_shape: kernel,
    strides,
    pads,
    // AveragePool knows them since opset 19.
    dilations: average && dilations.every((d) => d === 1) ? undefined : dilations,
    ceil_mode: ceilMode ? 1 : undefined,
    count_include_pad: average && countIncludePad ? 1 : undefined,
  };
  const more = { clamp: node.attributes };
  w.result(node, node.op, [w.real(input, 'turned')], output, 'turned', attributes, more);
}

function writeMean(w: NodeWriter, node: Mean): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { axes, keepDims } = node.attributes;
  const global = input.shape.length === 4 && keepDims && isPermutation(axes, [1, 2]);
  if (global) {
    return w.result(node, 'GlobalAveragePool', [w.real(input, 'turned')], output, 'turned');
  }
  const layout = keepDims ? w.layoutOf(node) : 'plain';
  const along = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
  const source = w.real(input, layout);
  const keepdims = keepDims ? 1 : 0;
  if (w.file.opset < 18) {
    return w.result(node, 'ReduceMean', [source], output, layout, { axes: along, keepdims });
  }
  const inputs = [source, w.file.integers(`${output.id}/axes`, along)];
  w.result(node, 'ReduceMean', inputs, output, layout, { keepdims });
}

function writeArgMax(w: NodeWriter, node: ArgMax): void {
  const [input] = node.inputs;
  const { axis, keepDims, selectLast } = node.attributes;
  const layout = keepDims ? w.layoutOf(node) : 'plain';
  const attributes = {
    axis: axisIn(layout, axis),
    keepdims: keepDims ? 1 : 0,
    select_last_index: selectLast ? 1 : undefined,
  };
  w.result(node, 'ArgMax', [w.real(input, layout)], node.outputs[0]!, layout, attributes);
}

function writeConcat(w: NodeWriter, node: Concat): void {
  const layout = w.layoutOf(node);
  const inputs = node.inputs.map((input) => w.real(input, layout));
  const attributes = { axis: axisIn(layout, node.attributes.axis) };
  w.result(node, 'Concat', inputs, node.outputs[0]!, layout, attributes);
}

/** Parts are bytes where the whole is: each has its scale. */
function writeSplit(w: NodeWriter, node: Split): void {
  const [input] = node.inputs;
  const layout = w.layoutOf(node);
  const { axis, sizes } = node.attributes;
  const inputs = [w.raw(input, layout), w.file.integers(`${node.outputs[0]!.id}/sizes`, sizes)];
  const outputs = node.outputs.map((output) => w.maps.create(output, layout));
  w.file.node('Split', node.name, inputs, outputs, { axis: axisIn(layout, axis) });
}

function writeSlice(w: NodeWriter, node: Slice): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const [starts, sizes, steps] = [
    axesIn(layout, node.attributes.starts),
    axesIn(layout, node.attributes.sizes),
    axesIn(layout, node.attributes.steps),
  ];
  // Backwards, the end in front of the first element has no number of its own.
  const ends = starts.map((start, i) => {
    const end = start + sizes[i]! * steps[i]!;
    return end < 0 ? -(2 ** 31) : end;
  });
  const lists = { starts, ends, axes: [...starts.keys()], steps };
  const operands = Object.entries(lists).map(([name, numbers]) =>
    w.file.integers(`${output.id}/${name}`, numbers),
  );
  w.result(node, 'Slice', [w.real(input, layout), ...operands], output, layout);
}

function writePad(w: NodeWriter, node: Pad): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const layout = w.layoutOf(node);
  const { before, after, mode, value } = node.attributes;
  if (input.dtype !== 'float32' && !isQuantized(input)) {
    w.fail(node, `plain ${input.dtype}`, 'real numbers');
  }
  const pads = w.file.integers(`${output.id}/pads`, [
    ...axesIn(layout, before),
    ...axesIn(layout, after),
  ]);
  const constant = w.file.floats(`${output.id}/value`, [realOf(value, input)], []);
  w.result(node, 'Pad', [w.real(input, layout), pads, constant], output, layout, { mode });
}

/** What a stored element of a tensor stands for. */
function realOf(value: number, { quantization }: Tensor): number {
  if (quantization === undefined) return value;
  return f32(f32(value - quantization.zeroPoint[0]!) * quantization.scale[0]!);
}

const coordinates = {
  asymmetric: 'asymmetric',
  halfPixel: 'half_pixel',
  pytorchHalfPixel: 'pytorch_half_pixel',
  alignCorners: 'align_corners',
} as const;

const nearestModes = {
  roundPreferFloor: 'round_prefer_floor',
  roundPreferCeil: 'round_prefer_ceil',
  floor: 'floor',
  ceil: 'ceil',
} as const;

function writeResize(w: NodeWriter, node: Resize): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { mode, size, scales, nearest } = node.attributes;
  const [batch = 1, height = 1, width = 1, channels = 1] = input.shape;
  const bySize = scales[0] === size[0] / height && scales[1] === size[1] / width;
  const target = bySize
    ? ['', w.file.integers(`${output.id}/size`, [batch, channels, ...size])]
    : [w.file.floats(`${output.id}/scales`, [1, 1, ...scales])];
  const attributes = {
    mode,
    coordinate_transformation_mode: coordinates[node.attributes.coordinates],
    nearest_mode: nearestModes[nearest],
  };
  const inputs = [w.real(input, 'turned'), '', ...target];
  w.result(node, 'Resize', inputs, output, 'turned', attributes);
}

/** Between NHWC and NCHW only names change. */
function writeTranspose(w: NodeWriter, node: Transpose): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { permutation } = node.attributes;
  if (w.maps.has(input)) {
    if (isPermutation(permutation, toFile)) {
      return w.maps.give(output, 'plain', w.maps.name(input, 'turned'));
    }
    if (isPermutation(permutation, fromFile)) {
      return w.maps.give(output, 'turned', w.maps.name(input, 'plain'));
    }
  }
  const name = w.maps.create(output, 'plain');
  const perm = { perm: permutation };
  w.file.node('Transpose', node.name, [w.raw(input, 'plain')], [name], perm);
}

/** True for nodes that need a newer set of operators than others. */
export function needsOpset19(node: Node): boolean {
  return node.op === 'AveragePool' && node.attributes.dilations.some((d) => d !== 1);
}
