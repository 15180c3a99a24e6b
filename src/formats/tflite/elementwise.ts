import type { BinaryOp, UnaryOp } from '../../graph/node.ts';
import { isConstant, type Tensor } from '../../graph/tensor.ts';
import type { OperatorImporter } from './operator.ts';
import {
  BatchMatMulField,
  BinaryField,
  LeakyReluField,
  OptionsType,
  SoftmaxField,
} from './schema.ts';

export const importBinary =
  (op: BinaryOp): OperatorImporter =>
  (operator) => {
    const options = operator.options(OptionsType[op]);
    const inputs = [operator.input(0), operator.input(1)] as const;
    return operator.activated(options.int8(BinaryField.activation), (clamp, output) =>
      operator.node(op, inputs, clamp, [output]),
    );
  };

export const importUnary =
  (op: UnaryOp, alpha = 0, beta = 0): OperatorImporter =>
  (operator) =>
    operator.unary(op, operator.input(0), alpha, beta);

/** MAXIMUM or MINIMUM with one number, the way converters write a clip. */
export const importBound =
  (side: 'lower' | 'upper'): OperatorImporter =>
  (operator) => {
    const [first, second] = [operator.input(0), operator.input(1)];
    const [input, bound] = isConstant(second) ? [first, second] : [second, first];
    const number = isConstant(bound) ? operator.toFloat(bound) : undefined;
    if (number === undefined || number.data.length !== 1 || number.dtype !== 'float32') {
      return operator.refuse(
        'two computed operands, or a bound for each element',
        'one operand that is a constant of one element',
        'build the model without this operator',
      );
    }
    const value = Number(number.data[0]);
    if (side === 'lower') return operator.unary('Clip', input, value, Number.POSITIVE_INFINITY);
    return operator.unary('Clip', input, Number.NEGATIVE_INFINITY, value);
  };

export const importLeakyRelu: OperatorImporter = (operator) => {
  const alpha = operator.options(OptionsType.LeakyRelu).float32(LeakyReluField.alpha);
  if (!Number.isFinite(alpha)) operator.refuse(`a slope of ${alpha}`, 'a finite number');
  return operator.unary('LeakyRelu', operator.input(0), alpha);
};

export const importPRelu: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const slope = operator.weights(1, input);
  return operator.node('PRelu', [input, slope], {});
};

export const importSoftmax: OperatorImporter = (operator) => {
  const beta = operator.options(OptionsType.Softmax).float32(SoftmaxField.beta);
  if (!(beta > 0 && beta < Number.POSITIVE_INFINITY)) {
    operator.refuse(`beta ${beta}`, 'a positive finite number');
  }
  const input = operator.input(0);
  const axis = operator.axis(-1, input.shape.length);
  return operator.node('Softmax', [input], { axis, beta });
};

export const importLogSoftmax: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const axis = operator.axis(-1, input.shape.length);
  return operator.node('LogSoftmax', [input], { axis, beta: 1 });
};

const isByte = ({ dtype }: Pick<Tensor, 'dtype'>): boolean => dtype === 'int8' || dtype === 'uint8';

export const importQuantize: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const output = operator.output();
  if (isByte(output) && input.dtype === 'float32') return operator.node('Quantize', [input], {});
  if (isByte(output) && isByte(input)) return operator.node('Requantize', [input], {});
  return operator.refuse(
    `${input.dtype} to ${output.dtype}`,
    'float32, int8 or uint8 to int8 or uint8',
    'quantize the model to 8 bits',
  );
};

export const importDequantize: OperatorImporter = (operator) => {
  const input = operator.input(0);
  // Weights that are stored small: float16 ones are float32 already, others become so here.
  if (isConstant(input)) {
    const weights = operator.toFloat(input);
    if (weights.dtype === 'float32') return [weights];
  }
  return operator.node('Dequantize', [input], {});
};

export const importCast: OperatorImporter = (operator) =>
  operator.node('Cast', [operator.input(0)], {});

/** Either factor may be stored with its last two axes turned. */
export const importBatchMatMul: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.BatchMatMul);
  const a = operator.input(0);
  const second = operator.input(1);
  const b = isConstant(second) ? operator.weights(1, a) : second;
  if (a.dtype !== 'float32' || b.dtype !== 'float32') {
    operator.refuse(
      `${a.dtype} times ${b.dtype}`,
      'float32 factors',
      'quantize the model with this operator left in float',
    );
  }
  const turned = (tensor: Tensor, turn: boolean, part: string): Tensor => {
    if (!turn) return tensor;
    const { length } = tensor.shape;
    if (length < 2) operator.refuse(`a factor of ${length} axes`, 'two axes or more');
    const permutation = tensor.shape.map((_, axis) => axis);
    permutation.push(permutation.splice(-2, 1)[0]!);
    const output = operator.between(part, tensor);
    return operator.node('Transpose', [tensor], { permutation }, [output])[0]!;
  };
  return operator.node(
    'MatMul',
    [
      turned(a, options.bool(BatchMatMulField.transposeA), 'a'),
      turned(b, options.bool(BatchMatMulField.transposeB), 'b'),
    ],
    {},
  );
};
