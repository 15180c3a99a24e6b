import { type Constant, isConstant, type Tensor } from '../../graph/tensor.ts';
import type { Importing } from './operator.ts';
import { ConcatenationField, OptionsType, PackField } from './schema.ts';
import { readStridedSlice } from './slices.ts';

/**
 * What converters leave of shape arithmetic: int32 scalars and short lists that follow from the
 * shapes alone, SHAPE → STRIDED_SLICE → PACK → RESHAPE.
 * @returns the constant, or undefined where the operator is none of that
 */
export function foldIntegers(operator: Importing): Constant | undefined {
  const { kind } = operator.operator;
  if (kind === 'SHAPE') return made(operator, [...operator.input(0).shape], 1);
  const fold = folds[kind];
  if (fold === undefined) return undefined;
  const inputs = operator.inputs();
  return inputs.every(isShort) ? fold(operator, inputs) : undefined;
}

/** True where `foldIntegers` is the only way to import an operator of that kind. */
export function isOnlyFolded(kind: string): boolean {
  return kind === 'SHAPE' || kind === 'PACK' || kind === 'REDUCE_PROD';
}

type Fold = (operator: Importing, inputs: readonly Constant[]) => Constant | undefined;

const folds: Readonly<Record<string, Fold>> = {
  PACK: (operator, inputs) => {
    const isFlat = inputs.every((input) => input.shape.length === 0);
    if (!isFlat || operator.options(OptionsType.Pack).int32(PackField.axis) !== 0) return undefined;
    return made(operator, inputs.flatMap(numbers), 1);
  },
  CONCATENATION: (operator, inputs) => {
    const options = operator.options(OptionsType.Concatenation);
    const isPlain = options.int8(ConcatenationField.activation) === 0;
    if (!isPlain || inputs.some((input) => input.shape.length !== 1)) return undefined;
    return made(operator, inputs.flatMap(numbers), 1);
  },
  STRIDED_SLICE: (operator, [list]) => {
    if (list === undefined || list.shape.length !== 1) return undefined;
    const { starts, sizes, steps, shape } = readStridedSlice(operator, list.shape);
    const all = numbers(list);
    const part = Array.from({ length: sizes[0]! }, (_, i) => all[starts[0]! + i * steps[0]!]);
    if (shape.length > 1 || part.some((n) => n === undefined)) return undefined;
    return made(operator, part as number[], shape.length);
  },
  REDUCE_PROD: (operator, [list]) => {
    if (list === undefined || list.shape.length !== 1) return undefined;
    return made(operator, [numbers(list).reduce((product, n) => product * n, 1)], 0);
  },
  ADD: (operator, inputs) => binary(operator, inputs, (a, b) => a + b),
  SUB: (operator, inputs) => binary(operator, inputs, (a, b) => a - b),
  MUL: (operator, inputs) => binary(operator, inputs, (a, b) => a * b),
};

function binary(
  operator: Importing,
  [a, b]: readonly Constant[],
  compute: (a: number, b: number) => number,
): Constant | undefined {
  if (a === undefined || b === undefined || a.dtype !== 'int32' || b.dtype !== 'int32') {
    return undefined;
  }
  const [x, y] = [numbers(a), numbers(b)];
  if (x.length !== y.length && x.length !== 1 && y.length !== 1) return undefined;
  const values = Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
    compute(x[x.length === 1 ? 0 : i]!, y[y.length === 1 ? 0 : i]!),
  );
  return made(operator, values, Math.max(a.shape.length, b.shape.length));
}

function isShort(tensor: Tensor): tensor is Constant {
  const isInteger = tensor.dtype === 'int32' || tensor.dtype === 'int64';
  return isConstant(tensor) && isInteger && tensor.shape.length <= 1 && tensor.data.length <= 64;
}

function numbers({ data }: Constant): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

function made(operator: Importing, values: number[], rank: number): Constant {
  const { id } = operator.output();
  const fits =
    values.length >= 1 && values.every((n) => Number.isInteger(n) && Math.abs(n) < 2 ** 31);
  if (!fits) operator.refuse(`shape arithmetic that gives ${values.join(', ')}`, 'int32 numbers');
  const shape = rank === 0 ? [] : [values.length];
  return operator.tensors.builder.constant(id, 'int32', shape, Int32Array.from(values));
}
