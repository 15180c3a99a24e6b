import type { Conv } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { isConstant } from '../graph/tensor.ts';
import { codedWeights } from '../graph/ternary.ts';
import { realWeights } from './foldBatchNorm.ts';
import type { Rule } from './rewrite.ts';

/**
 * A Conv of ternary weights without a bias, then an Add of a constant per channel: a Conv with that
 * bias, as a real number. Written as the bias of a quantized Conv it would be rounded to multiples of
 * the weights' scale, which for ternary weights are coarse; this is how files keep it whole.
 */
export const foldBias: Rule = (node, view) => {
  if (node.op !== 'Add') return undefined;
  const [a, b] = node.inputs;
  const [sum, bias] = isConstant(b) ? [a, b] : [b, a];
  const layer = view.producerOf(sum);
  if (layer?.op !== 'Conv' || layer.inputs[2] !== undefined) return undefined;
  if (!isConstant(bias) || bias.dtype !== 'float32' || !view.isOnlyReader(node, sum))
    return undefined;
  const channels = layer.inputs[1].shape[0]!;
  if (elementCount(bias.shape) !== channels || bias.shape.at(-1) !== channels) return undefined;
  if (Number.isFinite(layer.attributes.min) || Number.isFinite(layer.attributes.max))
    return undefined;
  const weights = realWeights(layer.inputs[1], view);
  if (weights === undefined || codedWeights(weights) === undefined) return undefined;
  const { min, max } = node.attributes;
  const folded: Conv = {
    ...layer,
    inputs: [layer.inputs[0], weights, { ...bias, shape: [channels] }],
    outputs: node.outputs,
    attributes: { ...layer.attributes, min, max },
  };
  return { remove: [node, layer], by: [folded] };
};
