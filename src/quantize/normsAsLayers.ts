import { type Conv, noClamp } from '../graph/node.ts';
import type { Constant } from '../graph/tensor.ts';
import { affineOf } from '../ops/batchNorm.ts';
import type { Rule } from '../passes/rewrite.ts';

/**
 * A BatchNorm that no layer could take in, as those in front of an activation, becomes a depthwise
 * 1x1 Conv: one weight a channel, which int8 and a scale per channel hold without loss.
 */
export const normsAsLayers: Rule = (node) => {
  if (node.op !== 'BatchNorm') return undefined;
  const [input] = node.inputs;
  if (input.shape.length !== 4) return undefined;
  const { factor, offset } = affineOf(node);
  const channels = factor.length;
  const weights: Constant = {
    id: `${node.outputs[0]!.id}/factor`,
    dtype: 'float32',
    shape: [channels, 1, 1, 1],
    data: Float32Array.from(factor),
  };
  const bias: Constant = {
    id: `${node.outputs[0]!.id}/offset`,
    dtype: 'float32',
    shape: [channels],
    data: Float32Array.from(offset),
  };
  const layer: Conv = {
    op: 'Conv',
    name: node.name,
    inputs: [input, weights, bias],
    outputs: node.outputs,
    attributes: {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      groups: channels,
      ...noClamp,
    },
  };
  return { remove: [node], by: [layer] };
};
