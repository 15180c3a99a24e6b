import { allocate, type DType, type TypedArray } from '../../src/graph/tensor.ts';

/** ONNX Cast, with the choices of assembly/layout/cast.ts where the specification leaves them open. */
export function referenceCast(to: DType, input: TypedArray): TypedArray {
  const output = allocate(to, input.length);
  for (let i = 0; i < input.length; i++) {
    const value = input[i]!;
    if (to === 'bool') output[i] = Number(value) === 0 ? 0 : 1;
    else if (to === 'float32') output[i] = toFloat(value);
    else if (to === 'int64') output[i] = toInteger(value, 64);
    // A typed array keeps the low bits.
    else output[i] = Number(BigInt.asIntN(32, toInteger(value, 32)));
  }
  return output;
}

/** The nearest float32, ties to even; a double on the way would round twice. */
function toFloat(value: number | bigint): number {
  if (typeof value === 'number') return Math.fround(value);
  const size = value < 0n ? -value : value;
  const extra = size.toString(2).length - 24;
  if (extra <= 0) return Number(value);
  const unit = 1n << BigInt(extra);
  const rest = size % unit;
  let rounded = size - rest;
  const isOdd = (rounded / unit) % 2n === 1n;
  if (rest * 2n > unit || (rest * 2n === unit && isOdd)) rounded += unit;
  return Number(value < 0n ? -rounded : rounded);
}

/** Floats saturate at `bits`; integers pass whole. */
function toInteger(value: number | bigint, bits: number): bigint {
  if (typeof value === 'bigint') return value;
  if (Number.isNaN(value)) return 0n;
  const limit = 2 ** (bits - 1);
  if (value >= limit) return 2n ** BigInt(bits - 1) - 1n;
  if (value <= -limit) return -(2n ** BigInt(bits - 1));
  return BigInt(Math.trunc(value));
}
