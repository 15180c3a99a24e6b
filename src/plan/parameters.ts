import { inputsOf, type Node } from '../graph/node.ts';
import { elementCount } from '../graph/shape.ts';
import { isConstant, type Tensor } from '../graph/tensor.ts';

/**
 * The trained numbers of a node: weights and biases, a batch norm's scale and shift, a slope. Not
 * counted: a batch norm's mean and variance, and the factors of plain arithmetic.
 */
export function parametersOf(node: Node): readonly Tensor[] {
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose':
    case 'FullyConnected':
      return inputsOf(node).slice(1);
    case 'ConvInteger':
    case 'MatMulInteger':
    case 'PRelu':
      return [node.inputs[1]].filter(isConstant);
    case 'BatchNorm':
      return [node.inputs[1], node.inputs[2]];
    case 'Add':
      // A vector added to every row: the bias of a matrix product that stands apart from it.
      return node.inputs.filter((input) => isConstant(input) && elementCount(input.shape) > 1);
    default:
      return [];
  }
}
