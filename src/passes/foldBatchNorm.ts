import type { Conv, FullyConnected } from '../graph/node.ts';
import { type Constant, isConstant, type Tensor } from '../graph/tensor.ts';
import { codedWeights } from '../graph/ternary.ts';
import { affineOf } from '../ops/batchNorm.ts';
import { dequantized } from './fuseQdq.ts';
import type { GraphView, Rule } from './rewrite.ts';

/** Conv → BatchNorm becomes a Conv with other weights; computed in double and rounded once. */
export const foldBatchNorm: Rule = (node, view) => {
  if (node.op !== 'BatchNorm') return undefined;
  const [normed] = node.inputs;
  const layer = view.producerOf(normed);
  if (layer?.op !== 'Conv' && layer?.op !== 'FullyConnected') return undefined;
  if (!view.isOnlyReader(node, normed)) return undefined;
  const { min, max } = layer.attributes;
  if (Number.isFinite(min) || Number.isFinite(max)) return undefined;
  const [input, , bias] = layer.inputs;
  const weights = realWeights(layer.inputs[1], view);
  if (weights === undefined || (bias !== undefined && !isConstant(bias))) return undefined;

  const { factor, offset } = affineOf(node);
  const perChannel = weights.data.length / factor.length;
  const scaled = Float32Array.from(weights.data as Float32Array, (w, i) => {
    return w * factor[Math.floor(i / perChannel)]!;
  });
  const shifted = Float32Array.from(offset, (b, c) => {
    return b + Number(bias?.data?.[c] ?? 0) * factor[c]!;
  });
  const foldedBias: Tensor = {
    id: `${normed.id}/bias`,
    dtype: 'float32',
    shape: [factor.length],
    data: shifted,
  };
  const inputs = [input, { ...weights, data: scaled }, foldedBias] as const;
  const folded: Conv | FullyConnected = { ...layer, inputs, outputs: node.outputs };
  return { remove: [node, layer], by: [folded] };
};

/**
 * Weights that can be scaled. Those behind a Dequantize stay integers, since scaling would round them
 * anew; but ternary ones are as ternary after it.
 */
export function realWeights(weights: Tensor, view: GraphView): Constant | undefined {
  if (isConstant(weights)) return weights.dtype === 'float32' ? weights : undefined;
  const producer = view.producerOf(weights);
  if (producer?.op !== 'Dequantize') return undefined;
  const [source] = producer.inputs;
  if (!isConstant(source) || (source.dtype !== 'int8' && source.dtype !== 'uint8'))
    return undefined;
  const real = dequantized(source, weights.id);
  return codedWeights(real) && real;
}
