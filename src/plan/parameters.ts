import { inputsOf, type Node } from '../graph/node.ts';
import { isConstant, type Tensor } from '../graph/tensor.ts';

/**
 * The trained numbers of a node: weights and biases, a batch norm's scale and shift, a slope.
 * Its mean and variance, and constants of plain arithmetic, are not counted (docs/quantization.md).
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
    default:
      return [];
  }
}
