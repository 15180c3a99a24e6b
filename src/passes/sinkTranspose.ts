import { inputsOf, type Node, type Transpose } from '../graph/node.ts';
import { type Constant, isConstant, type Tensor } from '../graph/tensor.ts';
import { keepsOrder } from '../ops/move.ts';
import {
  inverse,
  isIdentity,
  type Permutation,
  permuteConstant,
  permuteQuantization,
  permuteShape,
} from './permutation.ts';
import type { GraphView, Rule } from './rewrite.ts';

/**
 * Transpose → operator becomes operator → Transpose, so that the Transposes that an NCHW file
 * brings meet those of the next convolution and cancel.
 */
export const sinkTranspose: Rule = (node, view) => {
  const permutation = permutationAbove(node, view);
  if (permutation === undefined) return undefined;
  const moved = moveAbove(node, permutation, view);
  if (moved === undefined) return undefined;
  return { remove: [node], by: moved };
};

/** The permutation of the first transposed input that is not a constant. */
function permutationAbove(node: Node, view: GraphView): Permutation | undefined {
  for (const input of inputsOf(node)) {
    const producer = view.producerOf(input);
    if (producer?.op === 'Transpose') return producer.attributes.permutation;
  }
  return undefined;
}

function moveAbove(node: Node, permutation: Permutation, view: GraphView): Node[] | undefined {
  switch (node.op) {
    case 'Relu':
    case 'Clip':
    case 'LeakyRelu':
    case 'HardSigmoid':
    case 'HardSwish':
    case 'Sigmoid':
    case 'Tanh':
    case 'Quantize':
    case 'Dequantize':
    case 'Requantize':
    case 'Cast':
      return exchange(node, permutation, view, node.attributes);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'PRelu':
      return exchange(node, permutation, view, node.attributes);
    case 'Softmax':
    case 'LogSoftmax':
      return exchange(node, permutation, view, {
        ...node.attributes,
        axis: permutation[node.attributes.axis]!,
      });
    case 'Concat':
    case 'Split':
      return exchange(node, permutation, view, {
        ...node.attributes,
        axis: permutation[node.attributes.axis]!,
      });
    case 'Slice': {
      const { starts, sizes, steps } = node.attributes;
      const back = inverse(permutation);
      return exchange(node, permutation, view, {
        starts: permuteShape(starts, back),
        sizes: permuteShape(sizes, back),
        steps: permuteShape(steps, back),
      });
    }
    case 'Pad': {
      const { before, after } = node.attributes;
      const back = inverse(permutation);
      return exchange(node, permutation, view, {
        ...node.attributes,
        before: permuteShape(before, back),
        after: permuteShape(after, back),
      });
    }
    case 'Mean': {
      const axes = node.attributes.axes.map((axis) => permutation[axis]!);
      if (node.attributes.keepDims)
        return exchange(node, permutation, view, { axes, keepDims: true });
      return reduce(node, permutation, { axes, keepDims: false }, axes, view);
    }
    case 'ArgMax': {
      const axis = permutation[node.attributes.axis]!;
      const attributes = { ...node.attributes, axis };
      if (attributes.keepDims) return exchange(node, permutation, view, attributes);
      return reduce(node, permutation, attributes, [axis], view);
    }
    default:
      return undefined;
  }
}

/** The node on its inputs before the Transpose, then a Transpose of each output. */
function exchange(
  node: Node,
  permutation: Permutation,
  view: GraphView,
  attributes: Node['attributes'],
): Node[] | undefined {
  const added: Node[] = [];
  const inputs: Tensor[] = [];
  for (const [i, input] of inputsOf(node).entries()) {
    const before = untransposed(input, permutation, `${node.outputs[0]!.id}/${i}`, view, added);
    if (before === undefined) return undefined;
    inputs.push(before);
  }
  const back = inverse(permutation);
  const outputs = node.outputs.map((output) => {
    if (output.shape.length !== permutation.length) return undefined;
    const quantization = permuteQuantization(output.quantization, back);
    const inner: Tensor = {
      ...output,
      id: `${output.id}/nhwc`,
      shape: permuteShape(output.shape, back),
      ...(quantization === undefined ? {} : { quantization }),
    };
    added.push(transposeNode(node.name, inner, output, permutation));
    return inner;
  });
  if (outputs.includes(undefined)) return undefined;
  return [{ ...node, inputs, outputs, attributes } as unknown as Node, ...added];
}

/** A reduction that drops axes: the Transpose below permutes those that stay. */
function reduce(
  node: Node,
  permutation: Permutation,
  attributes: Node['attributes'],
  axes: readonly number[],
  view: GraphView,
): Node[] | undefined {
  const input = untransposed(inputsOf(node)[0]!, permutation, node.name, view, []);
  if (input === undefined) return undefined;
  const output = node.outputs[0]!;
  const kept = permutation.filter((axis) => !axes.includes(axis));
  const sorted = [...kept].sort((a, b) => a - b);
  const order = kept.map((axis) => sorted.indexOf(axis));
  if (isIdentity(order)) return [{ ...node, inputs: [input], attributes } as unknown as Node];
  const inner = {
    ...output,
    id: `${output.id}/nhwc`,
    shape: permuteShape(output.shape, inverse(order)),
  };
  return [
    { ...node, inputs: [input], outputs: [inner], attributes } as unknown as Node,
    transposeNode(node.name, inner, output, order),
  ];
}

/** The tensor whose transpose `tensor` is, where it can be had for nothing. */
function untransposed(
  tensor: Tensor,
  permutation: Permutation,
  id: string,
  view: GraphView,
  added: Node[],
): Tensor | undefined {
  const rank = permutation.length;
  const back = inverse(permutation);
  const producer = view.producerOf(tensor);
  if (producer?.op === 'Transpose') {
    const own = producer.attributes.permutation;
    if (own.length === rank && own.every((axis, i) => axis === permutation[i])) {
      return producer.inputs[0];
    }
  }
  if (tensor.shape.length > rank) return undefined;
  const shape = [...new Array<number>(rank - tensor.shape.length).fill(1), ...tensor.shape];
  if (isConstant(tensor)) {
    if (tensor.quantization !== undefined && tensor.quantization.scale.length > 1) return undefined;
    const constant: Constant = permuteConstant({ ...tensor, shape }, back);
    return { ...constant, id: `${tensor.id}/nhwc` };
  }
  if (tensor.shape.length !== rank || !keepsOrder(tensor.shape, back)) return undefined;
  const inner = { ...tensor, id: `${id}/nhwc`, shape: permuteShape(tensor.shape, back) };
  added.push(transposeNode(id, tensor, inner, back));
  return inner;
}

export function transposeNode(
  name: string,
  input: Tensor,
  output: Tensor,
  permutation: Permutation,
): Transpose {
  return { op: 'Transpose', name, inputs: [input], outputs: [output], attributes: { permutation } };
}

/** Dequantize → Transpose becomes Transpose → Dequantize: bytes move, and what follows may fuse. */
export const raiseTranspose: Rule = (node, view) => {
  if (node.op !== 'Transpose') return undefined;
  const dequantize = view.producerOf(node.inputs[0]);
  if (dequantize?.op !== 'Dequantize') return undefined;
  const [source] = dequantize.inputs;
  const output = node.outputs[0]!;
  const { permutation } = node.attributes;
  const quantization = permuteQuantization(source.quantization, permutation);
  const turned: Tensor = {
    id: `${output.id}/quantized`,
    dtype: source.dtype,
    shape: permuteShape(source.shape, permutation),
    ...(quantization === undefined ? {} : { quantization }),
  };
  return {
    remove: [node],
    by: [
      transposeNode(node.name, source, turned, permutation),
      { ...dequantize, inputs: [turned], outputs: [output] },
    ],
  };
};
