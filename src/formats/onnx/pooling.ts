import { noClamp } from '../../graph/node.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { mapId, outputMap, toMap } from './map.ts';
import type { Kind, NodeImport } from './nodeImport.ts';
import { pairOf, windowOf } from './window.ts';

export function importPool(op: 'MaxPool' | 'AveragePool'): (c: NodeImport) => void {
  return (c) => {
    c.onlyOutputs(1);
    // The order in which MaxPool would number its second output.
    c.attributes.ignore('storage_order');
    const input = c.real(c.tensor(0));
    const rank = input.shape.length;
    const map = toMap(c, input);
    outputMap(c, emitPool(c, op, map, rank, map, mapId(c)), rank);
  };
}

/** A pool over an NHWC map by the attributes of the node. */
export function emitPool(
  c: NodeImport,
  op: 'MaxPool' | 'AveragePool',
  map: Tensor,
  rank: number,
  kind: Kind,
  id?: string,
): Tensor {
  const kernel = pairOf(c, 'kernel_shape', rank) ?? c.fail('no kernel_shape', 'a kernel_shape');
  const [, height = 1, width = 1] = map.shape;
  const { automatic, ...window } = windowOf(c, rank, kernel, [height, width]);
  const attributes = {
    ...window,
    ...noClamp,
    kernel,
    ceilMode: c.attributes.flag('ceil_mode') && !automatic,
    countIncludePad: op === 'AveragePool' && c.attributes.flag('count_include_pad'),
  };
  return c.emit(op, [map], attributes, kind, id);
}

export function importGlobalAveragePool(c: NodeImport): void {
  const input = c.tensor(0);
  const attributes = { axes: [1, 2], keepDims: true };
  const map = toMap(c, input);
  outputMap(c, c.emit('Mean', [map], attributes, map, mapId(c)), input.shape.length);
}

export function importGlobalMaxPool(c: NodeImport): void {
  const input = c.real(c.tensor(0));
  const map = toMap(c, input);
  const [, height = 1, width = 1] = map.shape;
  const attributes = {
    kernel: [height, width] as const,
    strides: [1, 1] as const,
    dilations: [1, 1] as const,
    pads: [0, 0, 0, 0] as const,
    ceilMode: false,
    countIncludePad: false,
    ...noClamp,
  };
  outputMap(c, c.emit('MaxPool', [map], attributes, map, mapId(c)), input.shape.length);
}

/** Axes as an attribute up to opset 17, as an input since. */
export function importReduceMean(c: NodeImport): void {
  const input = c.tensor(0);
  const { shape } = input;
  const rank = shape.length;
  const stated = c.opset < 18 ? c.attributes.ints('axes') : c.optionalIntegers(1, 'axes');
  const keepDims = c.attributes.flag('keepdims', true);
  const noop = c.opset >= 18 && c.attributes.flag('noop_with_empty_axes');
  if (stated === undefined || stated.length === 0) {
    if (noop) {
      c.output(input);
      return;
    }
  }
  const given = stated === undefined || stated.length === 0 ? [...shape.keys()] : stated;
  const axes = [...new Set(given.map((axis) => c.axis(axis, rank)))].sort((a, b) => a - b);
  // The mean over height and width of a file's map is one of an NHWC map.
  if (rank === 4 && axes.length === 2 && axes[0] === 2 && axes[1] === 3) {
    const map = toMap(c, input);
    const mean = c.emit('Mean', [map], { axes: [1, 2], keepDims: true }, map, mapId(c));
    if (keepDims) outputMap(c, mean, 4);
    else c.output(c.reshape(mean, shape.slice(0, 2), c.outputId()));
    return;
  }
  c.output(c.emit('Mean', [input], { axes, keepDims }, input, c.outputId()));
}

export function importArgMax(c: NodeImport): void {
  const input = c.tensor(0);
  const attributes = {
    axis: c.axis(c.attributes.int('axis', 0), input.shape.length),
    keepDims: c.attributes.flag('keepdims', true),
    selectLast: c.attributes.flag('select_last_index'),
  };
  c.output(c.emit('ArgMax', [input], attributes, { dtype: 'int64' }, c.outputId()));
}
