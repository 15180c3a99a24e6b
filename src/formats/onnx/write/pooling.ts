import type { ArgMax, Mean, Pool } from '../../../graph/node.ts';
import { isPermutation } from './maps.ts';
import { axisIn, type NodeWriter } from './nodeWriter.ts';

export function writePool(w: NodeWriter, node: Pool): void {
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

export function writeMean(w: NodeWriter, node: Mean): void {
  const [input] = node.inputs;
  const output = node.outputs[0]!;
  const { axes, keepDims } = node.attributes;
  const global = input.shape.length === 4 && keepDims && isPermutation(axes, [1, 2]);
  if (global) {
    w.result(node, 'GlobalAveragePool', [w.real(input, 'turned')], output, 'turned');
    return;
  }
  const layout = keepDims ? w.layoutOf(node) : 'plain';
  const along = axes.map((axis) => axisIn(layout, axis)).sort((a, b) => a - b);
  const source = w.real(input, layout);
  const keepdims = keepDims ? 1 : 0;
  if (w.file.opset < 18) {
    w.result(node, 'ReduceMean', [source], output, layout, { axes: along, keepdims });
    return;
  }
  const inputs = [source, w.file.integers(`${output.id}/axes`, along)];
  w.result(node, 'ReduceMean', inputs, output, layout, { keepdims });
}

export function writeArgMax(w: NodeWriter, node: ArgMax): void {
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
