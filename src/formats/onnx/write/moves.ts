import type { Concat, Pad, Reshape, Resize, Slice, Split, Transpose } from '../../../graph/node.ts';
import { sameShape } from '../../../graph/shape.ts';
import { isQuantized, type Tensor } from '../../../graph/tensor.ts';
import { f32 } from '../../../ops/float32.ts';
import { fromFile, isPermutation, toFile } from './maps.ts';
import { axesIn, axisIn, type NodeWriter } from './nodeWriter.ts';

export function writeConcat(w: NodeWriter, node: Concat): void {
  const layout = w.layoutOf(node);
  const inputs = node.inputs.map((input) => w.real(input, layout));
  const attributes = { axis: axisIn(layout, node.attributes.axis) };
  w.result(node, 'Concat', inputs, node.outputs[0]!, layout, attributes);
}

/** Parts are bytes where the whole is: each has its scale. */
export function writeSplit(w: NodeWriter, node: Split): void {
  const [input] = node.inputs;
  const layout = w.layoutOf(node);
  const { axis, sizes } = node.attributes;
  const inputs = [w.raw(input, layout), w.file.integers(`${node.outputs[0]!.id}/sizes`, sizes)];
  const outputs = node.outputs.map((output) => w.maps.create(output, layout));
  w.file.node('Split', node.name, inputs, outputs, { axis: axisIn(layout, axis) });
}

export function writeSlice(w: NodeWriter, node: Slice): void {
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

export function writePad(w: NodeWriter, node: Pad): void {
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

export function writeResize(w: NodeWriter, node: Resize): void {
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
export function writeTranspose(w: NodeWriter, node: Transpose): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { permutation } = node.attributes;
  if (w.maps.has(input)) {
    if (isPermutation(permutation, toFile)) {
      w.maps.give(output, 'plain', w.maps.name(input, 'turned'));
      return;
    }
    if (isPermutation(permutation, fromFile)) {
      w.maps.give(output, 'turned', w.maps.name(input, 'plain'));
      return;
    }
  }
  const name = w.maps.create(output, 'plain');
  const perm = { perm: permutation };
  w.file.node('Transpose', node.name, [w.raw(input, 'plain')], [name], perm);
}

/** The same elements under another shape; the bytes of an 8-bit tensor stand for what the output says. */
export function writeReshape(w: NodeWriter, node: Reshape): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const source = w.raw(input, 'plain');
  if (sameShape(input.shape, output.shape) && w.maps.has(input)) {
    w.maps.give(output, 'plain', source);
    return;
  }
  const shape = w.file.integers(`${output.id}/shape`, output.shape);
  w.file.node('Reshape', node.name, [source, shape], [w.maps.create(output, 'plain')]);
}
