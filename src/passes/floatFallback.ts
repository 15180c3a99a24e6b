import type { Rounding } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import { isQuantized, type Tensor } from '../graph/tensor.ts';
import { operatorOf } from '../ops/table.ts';
import type { Rule } from './rewrite.ts';

/**
 * An operator on 8-bit maps that has no integer form is computed in float32: Dequantize each
 * operand, the operator, Quantize the result.
 */
export function floatFallback(rounding: Rounding): Rule {
  return (node) => {
    if (node.op === 'Quantize' || node.op === 'Dequantize' || node.op === 'Requantize')
      return undefined;
    const inputs = inputsOf(node);
    if (![...inputs, ...node.outputs].some(isQuantized)) return undefined;
    if (operatorOf(node.op).integer(node, { rounding })) return undefined;
    const added: Node[] = [];
    const real = (tensor: Tensor): Tensor => ({
      id: `${node.outputs[0]!.id}/${tensor.id}/real`,
      dtype: 'float32',
      shape: tensor.shape,
    });
    const operands = inputs.map((input) => {
      if (!isQuantized(input)) return input;
      const output = real(input);
      added.push({
        op: 'Dequantize',
        name: node.name,
        inputs: [input],
        outputs: [output],
        attributes: {},
      });
      return output;
    });
    const results = node.outputs.map((output) => {
      if (!isQuantized(output)) return output;
      const input = real(output);
      added.push({
        op: 'Quantize',
        name: node.name,
        inputs: [input],
        outputs: [output],
        attributes: {},
      });
      return input;
    });
    const computed = { ...node, inputs: operands, outputs: results } as unknown as Node;
    return { remove: [node], by: [computed, ...added] };
  };
}
