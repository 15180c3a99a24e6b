import type { Reshape, Transpose } from '../graph/node.ts';
import { isConstant } from '../graph/tensor.ts';
import { keepsOrder } from '../ops/move.ts';
import { forward } from './forward.ts';
import { compose, isIdentity, permuteConstant } from './permutation.ts';
import type { Rule } from './rewrite.ts';

/** Two Transposes become one, a Transpose of a constant a constant, an idle one nothing. */
export const mergeTransposes: Rule = (node, view) => {
  if (node.op !== 'Transpose') return undefined;
  const [input] = node.inputs;
  const { permutation } = node.attributes;
  if (isIdentity(permutation)) return forward(node, input, view);
  if (isConstant(input)) {
    const constant = { ...permuteConstant(input, permutation), id: node.outputs[0]!.id };
    return forward(node, constant, view);
  }
  const before = view.producerOf(input);
  if (before?.op !== 'Transpose') return undefined;
  const both = compose(before.attributes.permutation, permutation);
  const merged: Transpose = {
    ...node,
    inputs: before.inputs,
    attributes: { permutation: both },
  };
  return isIdentity(both)
    ? forward(node, before.inputs[0], view)
    : { remove: [node], by: [merged] };
};

/** A Transpose that moves no data in front of a Reshape, and two Reshapes, are one Reshape. */
export const mergeReshapes: Rule = (node, view) => {
  if (node.op !== 'Reshape') return undefined;
  const before = view.producerOf(node.inputs[0]);
  const idle =
    before?.op === 'Reshape' ||
    (before?.op === 'Transpose' &&
      keepsOrder(before.inputs[0].shape, before.attributes.permutation));
  if (!idle || before.outputs[0]!.dtype !== before.inputs[0].dtype) return undefined;
  const merged: Reshape = { ...node, inputs: before.inputs };
  return { remove: [node], by: [merged] };
};
