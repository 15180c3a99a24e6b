import { broadcastShape, broadcastStrides, elementCount, formatShape } from '../../graph/shape.ts';
import { allocate, type TypedArray } from '../../graph/tensor.ts';
import { type Elements, elementsOf, strided } from './constantMath.ts';
import { isFloat } from './elements.ts';
import type { NodeImport } from './nodeImport.ts';
import { ConstantValue } from './value.ts';

/** A function of two numbers, for floats and for integers of every width. */
interface Arithmetic {
  readonly float: (a: number, b: number) => number;
  readonly integer: (a: bigint, b: bigint) => bigint;
}

const operations: Readonly<Record<string, Arithmetic>> = {
  Add: { float: (a, b) => a + b, integer: (a, b) => a + b },
  Sub: { float: (a, b) => a - b, integer: (a, b) => a - b },
  Mul: { float: (a, b) => a * b, integer: (a, b) => a * b },
  Div: { float: (a, b) => a / b, integer: (a, b) => a / b },
  Pow: { float: (a, b) => a ** b, integer: (a, b) => (b < 0n || b > 64n ? 0n : a ** b) },
  // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigints
  Min: { float: Math.min, integer: (a, b) => (a < b ? a : b) },
  // biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigints
  Max: { float: Math.max, integer: (a, b) => (a > b ? a : b) },
};

/** Arithmetic of constants with numpy's broadcasting; integers wrap around in their own width. */
export function foldArithmetic(
  c: NodeImport,
  op: string,
  [a, b]: readonly [ConstantValue, ConstantValue],
): ConstantValue {
  const operation = operations[op]!;
  if (a.type !== b.type) c.fail(`${a.type} and ${b.type}`, 'operands of one type');
  const { left, right, shape } = aligned(c, a, b);
  const count = elementCount(shape);
  const data = allocate(a.dtype, count);
  const to = elementsOf(data);
  if (isFloat(a.type)) {
    for (let i = 0; i < count; i++) to[i] = operation.float(Number(left[i]), Number(right[i]));
    return new ConstantValue(c.outputId(), a.type, shape, data);
  }
  const wide = a.dtype === 'int64';
  for (let i = 0; i < count; i++) {
    const [x, y] = [BigInt(left[i]!), BigInt(right[i]!)];
    if (op === 'Div' && y === 0n) c.fail('a division by 0', 'another divisor');
    const result = BigInt.asIntN(64, operation.integer(x, y));
    to[i] = wide ? result : Number(BigInt.asIntN(32, result));
  }
  return new ConstantValue(c.outputId(), a.type, shape, data);
}

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equal: (a, b) => a === b,
  Less: (a, b) => a < b,
  Greater: (a, b) => a > b,
};

export function foldComparison(
  c: NodeImport,
  op: string,
  [a, b]: readonly [ConstantValue, ConstantValue],
): ConstantValue {
  const { left, right, shape } = aligned(c, a, b);
  const compare = comparisons[op]!;
  const data = Uint8Array.from({ length: elementCount(shape) }, (_, i) =>
    compare(Number(left[i]), Number(right[i])) ? 1 : 0,
  );
  return new ConstantValue(c.outputId(), 'bool', shape, data);
}

/** Both operands in the shape that they broadcast to. */
function aligned(c: NodeImport, a: ConstantValue, b: ConstantValue) {
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) {
    return c.fail(`${formatShape(a.shape)} and ${formatShape(b.shape)}`, 'shapes that broadcast');
  }
  c.scope.spend(c.name, elementCount(shape));
  const spread = (value: ConstantValue): Elements =>
    elementsOf(strided(value.data, value.dtype, shape, broadcastStrides(value.shape, shape)));
  return { shape, left: spread(a), right: spread(b) };
}

const functions: Readonly<Record<string, (x: number) => number>> = {
  Sqrt: Math.sqrt,
  Floor: Math.floor,
  Ceil: Math.ceil,
  Neg: (x) => -x,
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Reciprocal: (x) => 1 / x,
};

/** A function of one float; signs also of integers. */
export function foldFunction(c: NodeImport, op: string, value: ConstantValue): ConstantValue {
  if (value.dtype === 'int64' || value.dtype === 'bool') {
    c.fail(`${op} of ${value.type}`, 'a constant of floats');
  }
  const f = functions[op]!;
  const data = (value.data as Float32Array).map((x) => f(x)) as TypedArray;
  return new ConstantValue(c.outputId(), value.type, value.shape, data);
}
