import type { QuantizedOperand } from '../graph/work.ts';
import {
  type FixedPoint,
  fixedProduct,
  isXnnpackRatio,
  shiftAway,
  toFixedPoint,
  xnnpackProduct,
} from './fixedPoint.ts';
import { clamp, f32, roundHalfToEven } from './float32.ts';

/** Tables of the operators that TFLite files compute in fixed point (docs/quantization.md, Unary operators). */

export function leakyReluTable(
  input: QuantizedOperand,
  output: QuantizedOperand,
  alpha: number,
): Uint8Array {
  const ratio = f32(input.scale / output.scale);
  const slope = f32(ratio * f32(alpha));
  const multipliers = [roundHalfToEven(256 * ratio), roundHalfToEven(256 * slope)] as const;
  const fixed = [input.scale / output.scale, (input.scale * alpha) / output.scale] as const;
  const simple = isXnnpackRatio(ratio) && Math.abs(slope) >= 2 ** -8;
  return entries(input, output, (v) => {
    const side = v >= 0 ? 0 : 1;
    if (simple) return xnnpackProduct(v, multipliers[side]);
    // A slope may be negative or 0; the fixed point form knows positive factors only.
    const factor = fixed[side];
    return factor === 0 ? 0 : Math.sign(factor) * fixedProduct(v, toFixedPoint(Math.abs(factor)));
  });
}

/** TensorFlow Lite's int16 hard-swish: x · relu6(x + 3) / 6 with 7 bits of fraction on the input. */
export function hardSwishTable(input: QuantizedOperand, output: QuantizedOperand): Uint8Array {
  const fine = f32(f32(1 / 128) * input.scale);
  const toOutput = toFixedPoint(fine / output.scale);
  const toRelu = toFixedPoint(fine / (3 / 32768));
  return entries(input, output, (v) => {
    const high = v * 128;
    const product = multiplyRounding(high, halfMantissa(toOutput));
    let relu = high;
    if (toRelu.exponent > 0) relu = saturate(relu * 2 ** (toRelu.exponent - 1));
    relu = multiplyRounding(relu, halfMantissa(toRelu));
    if (toRelu.exponent > 0) relu = saturate(2 * relu);
    if (toRelu.exponent < 0) relu = shiftAway(relu, -toRelu.exponent);
    const gate = (relu + 32768) >> 1;
    return shiftAway(Math.trunc((gate * product) / 32768), -toOutput.exponent);
  });
}

function entries(
  input: QuantizedOperand,
  output: QuantizedOperand,
  f: (v: number) => number,
): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, q) =>
    clamp(f(q - input.zeroPoint) + output.zeroPoint, 0, 255),
  );
}

function halfMantissa({ mantissa }: FixedPoint): number {
  return Math.min((mantissa + 32768) >> 16, 32767);
}

function multiplyRounding(a: number, b: number): number {
  const product = a * b;
  return Math.trunc((product + (product >= 0 ? 16384 : 1 - 16384)) / 32768);
}

function saturate(x: number): number {
  return clamp(x, -32768, 32767);
}
