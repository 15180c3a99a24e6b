import type { Clamp, Node } from '../graph/node.ts';
import { sameQuantization } from '../ops/quantized.ts';
import type { Rule } from './rewrite.ts';

/** An operator → Relu or Clip becomes the operator with bounds on its result. */
export const fuseClamp: Rule = (node, view) => {
  const bounds = boundsOf(node);
  if (bounds === undefined) return undefined;
  const unclamped = node.inputs[0]!;
  const producer = view.producerOf(unclamped);
  if (producer === undefined || !hasClamp(producer)) return undefined;
  if (!view.isOnlyReader(node, unclamped)) return undefined;
  const output = node.outputs[0]!;
  if (output.dtype !== unclamped.dtype || !sameQuantization(unclamped, output)) return undefined;
  // Bounds in the other order mean the upper one everywhere: not what two clamps in a row do.
  const min = Math.max(producer.attributes.min, bounds.min);
  const max = Math.min(producer.attributes.max, bounds.max);
  if (min > max) return undefined;

  const clamped = {
    ...producer,
    outputs: node.outputs,
    attributes: { ...producer.attributes, min, max },
  };
  return { remove: [node, producer], by: [clamped as Node] };
};

function boundsOf(node: Node): Clamp | undefined {
  if (node.op === 'Relu') return { min: 0, max: Number.POSITIVE_INFINITY };
  if (node.op === 'Clip') return { min: node.attributes.alpha, max: node.attributes.beta };
  return undefined;
}

type Clamped = Extract<Node, { readonly attributes: Clamp }>;

function hasClamp(node: Node): node is Clamped {
  return 'min' in node.attributes && 'max' in node.attributes;
}
