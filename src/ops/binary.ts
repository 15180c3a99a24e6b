import type { Binary, PRelu } from '../graph/node.ts';
import { broadcastShape, broadcastStrides, elementCount, formatShape } from '../graph/shape.ts';
import { isQuantized, type Tensor } from '../graph/tensor.ts';
import type { Broadcast } from '../graph/work.ts';
import { checkType, firstOf, type Refusal, refuse } from './checks.ts';
import type { Operator } from './operator.ts';
import { isMapU8, operandOf, resultOf } from './quantized.ts';

/** Elementwise arithmetic with numpy's broadcasting. */
export const binary: Operator<Binary> = {
  check: ({ inputs: [a, b], outputs }) => checkElementwise(a, b, outputs[0]!),
  infer: ({ inputs: [a, b] }) => [broadcastShape(a.shape, b.shape)!],
  count: ({ op, inputs: [a, b], outputs: [output] }) => {
    const count = elementCount(broadcastShape(a.shape, b.shape)!);
    const result = isQuantized(output!) ? { requantizations: count } : {};
    if (op === 'Add' || op === 'Sub') return { additions: count, ...result };
    return { [op === 'Mul' ? 'multiplications' : 'transcendentals']: count, ...result };
  },
  integer: ({ op, inputs, outputs }) =>
    (op === 'Add' || op === 'Mul') && [...inputs, ...outputs].every(isMapU8),
  lower: ({ op, inputs: [a, b], outputs, attributes: { min, max } }, { rounding }) => {
    const output = outputs[0]!;
    const operands = { inputs: [a, b], outputs: [output] };
    const shape = broadcast(a, b, output);
    if (a.dtype === 'float32') {
      return [{ work: { family: 'binaryF32', op, min, max, ...shape }, ...operands }];
    }
    const work = {
      family: 'binaryU8',
      op: op as 'Add' | 'Mul',
      rounding,
      signed: output.signed === true,
      a: operandOf(a),
      b: operandOf(b),
      result: resultOf(output, { min, max }),
      ...shape,
    } as const;
    return [{ work, ...operands }];
  },
};

export const pRelu: Operator<PRelu> = {
  check: ({ inputs: [input, slope], outputs }) =>
    firstOf(
      () => checkElementwise(input, slope, outputs[0]!),
      () => {
        const shape = broadcastShape(input.shape, slope.shape)!;
        if (elementCount(shape) === elementCount(input.shape)) return undefined;
        return refuse(
          `a slope ${formatShape(slope.shape)} for an input ${formatShape(input.shape)}`,
          "a slope that broadcasts to the input's shape",
        );
      },
    ),
  infer: ({ inputs: [input] }) => [[...input.shape]],
  count: ({ inputs: [input] }) => {
    const count = elementCount(input.shape);
    return { comparisons: count, multiplications: count };
  },
  integer: () => false,
  lower: ({ inputs: [a, b], outputs }) => {
    const output = outputs[0]!;
    const work = {
      family: 'binaryF32',
      op: 'PRelu',
      min: Number.NEGATIVE_INFINITY,
      max: Number.POSITIVE_INFINITY,
      ...broadcast(a, b, output),
    } as const;
    return [{ work, inputs: [a, b], outputs: [output] }];
  },
};

function checkElementwise(a: Tensor, b: Tensor, output: Tensor): Refusal | undefined {
  return firstOf(
    () => {
      const tensors = [a, b, output];
      const real = (t: Tensor): boolean => t.dtype === 'float32' || isQuantized(t);
      const plain = tensors.find((t) => !real(t));
      if (plain === undefined) return undefined;
      return refuse(
        `tensor ${plain.id} of type ${plain.dtype}, integers that stand for themselves`,
        'float32, or 8 bits with a scale',
        'put a Cast to float before this node',
      );
    },
    () => checkType(b, a.dtype === 'float32' ? ['float32'] : ['int8', 'uint8'], 'a second operand'),
    () => {
      if (broadcastShape(a.shape, b.shape) !== undefined) return undefined;
      return refuse(
        `operands ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
        'shapes that broadcast to each other',
      );
    },
  );
}

function broadcast(a: Tensor, b: Tensor, output: Tensor): Broadcast {
  return {
    shape: output.shape,
    aStrides: broadcastStrides(a.shape, output.shape),
    bStrides: broadcastStrides(b.shape, output.shape),
  };
}
