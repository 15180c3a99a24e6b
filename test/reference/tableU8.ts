import type { Rounding } from '../../src/graph/graph.ts';
import type { QuantizedOperand } from '../../src/graph/work.ts';
import { clamp, roundHalfAway, roundHalfToEven } from './requantize.ts';

/** A unary operator from 8 bits to 8 bits, zero points as stored (0 to 255). */
export interface TableCase {
  readonly op: 'Requantize' | 'Relu' | 'LeakyRelu' | 'HardSwish' | UnaryFunction;
  readonly rounding: Rounding;
  readonly input: QuantizedOperand;
  readonly output: QuantizedOperand;
  /** The file has int8 on one side and uint8 on the other. */
  readonly typesDiffer: boolean;
  readonly alpha: number;
}

type UnaryFunction = 'Sigmoid' | 'Tanh' | 'HardSigmoid';

const f = Math.fround;

/** The output for each stored number of the input (docs/quantization.md). */
export function referenceTableU8(c: TableCase): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, x) => {
    const steps = c.rounding === 'xnnpack' ? integerSteps(c, x - c.input.zeroPoint) : undefined;
    return clamp((steps ?? floatSteps(c, x)) + c.output.zeroPoint, 0, 255);
  });
}

/** Dequantize, the function in float32, quantize: in steps from the zero point. */
function floatSteps({ op, input, output, alpha }: TableCase, x: number): number {
  const real = f(f(x - input.zeroPoint) * input.scale);
  return roundHalfToEven(f(evaluate(op, real, alpha) / output.scale));
}

function evaluate(op: TableCase['op'], x: number, alpha: number): number {
  switch (op) {
    case 'Requantize':
      return x;
    case 'Relu':
      return Math.max(0, x);
    case 'LeakyRelu':
      return x >= 0 ? x : f(x * alpha);
    case 'Sigmoid':
      return f(1 / (1 + Math.exp(-x)));
    case 'Tanh':
      return f(Math.tanh(x));
    case 'HardSigmoid':
      return hardSigmoid(x, f(0.2));
    case 'HardSwish':
      return f(x * hardSigmoid(x, f(1 / 6)));
  }
}

function hardSigmoid(x: number, slope: number): number {
  return clamp(f(f(x * slope) + 0.5), 0, 1);
}

/** The operators that TFLite's engines compute in integers; undefined for the others. */
function integerSteps(c: TableCase, difference: number): number | undefined {
  const { op, input, output, typesDiffer, alpha } = c;
  const ratio = f(input.scale / output.scale);
  switch (op) {
    case 'Requantize':
      if (!typesDiffer && fitsShort(ratio)) return shortProduct(difference, ratio);
      return fixedProduct(difference, input.scale / output.scale);
    case 'Relu':
      return Math.max(0, fixedProduct(difference, input.scale / output.scale));
    case 'LeakyRelu': {
      const negative = f(ratio * alpha);
      if (fitsShort(ratio) && fitsShort(Math.abs(negative))) {
        return shortProduct(difference, difference >= 0 ? ratio : negative);
      }
      const slope = difference >= 0 ? 1 : alpha;
      return fixedProduct(difference, (input.scale * slope) / output.scale);
    }
    case 'HardSwish':
      return hardSwishSteps(difference, input.scale, output.scale);
    default:
      return undefined;
  }
}

/** XNNPACK takes ratios from 2^-8 to 2^7 as 8.8 numbers. */
function fitsShort(ratio: number): boolean {
  return ratio >= 2 ** -8 && ratio <= 2 ** 7;
}

function shortProduct(difference: number, ratio: number): number {
  return Math.floor((difference * roundHalfToEven(256 * ratio) + 128) / 256);
}

/** d = multiplier * 2^(exponent - 31), the multiplier in [2^30, 2^31). */
export function fixedPoint(d: number): { multiplier: number; exponent: number } {
  let exponent = Math.floor(Math.log2(d)) + 1;
  while (d >= 2 ** exponent) exponent++;
  while (d < 2 ** (exponent - 1)) exponent--;
  const multiplier = Math.round(d * 2 ** (31 - exponent));
  return multiplier === 2 ** 31
    ? { multiplier: 2 ** 30, exponent: exponent + 1 }
    : { multiplier, exponent };
}

/** x * d as TensorFlow Lite's own kernels round it: a doubling high product, then a shift. */
export function fixedProduct(x: number, d: number): number {
  const { multiplier, exponent } = fixedPoint(d);
  const product = BigInt(x) * BigInt(2 ** Math.max(exponent, 0)) * BigInt(multiplier);
  const nudge = product >= 0n ? 2n ** 30n : 1n - 2n ** 30n;
  return roundHalfAway(Number((product + nudge) / 2n ** 31n) / 2 ** Math.max(-exponent, 0));
}

/** TensorFlow Lite's hard swish in 16-bit fixed point. */
function hardSwishSteps(difference: number, inputScale: number, outputScale: number): number {
  const fine = f(f(1 / 128) * inputScale);
  const output = fixedPoint(fine / outputScale);
  const relu = fixedPoint(fine / (3 / 32768));
  const x = difference * 128;
  let blend = x;
  if (relu.exponent > 0) blend = toI16(blend * 2 ** (relu.exponent - 1));
  blend = highProduct(blend, half(relu.multiplier), true);
  if (relu.exponent > 0) blend = toI16(blend * 2);
  if (relu.exponent < 0) blend = roundHalfAway(blend * 2 ** relu.exponent);
  blend = Math.floor((blend + 2 ** 15) / 2);
  const product = highProduct(blend, highProduct(x, half(output.multiplier), true), false);
  return roundHalfAway(product * 2 ** output.exponent);
}

function half(multiplier: number): number {
  return Math.min(Math.floor((multiplier + 2 ** 15) / 2 ** 16), 2 ** 15 - 1);
}

function toI16(x: number): number {
  return clamp(x, -(2 ** 15), 2 ** 15 - 1);
}

function highProduct(a: number, b: number, nearest: boolean): number {
  const product = a * b;
  const nudge = product >= 0 ? 2 ** 14 : 1 - 2 ** 14;
  return Math.trunc((product + (nearest ? nudge : 0)) / 2 ** 15);
}
