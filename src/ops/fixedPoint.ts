import type { Rounding } from '../graph/graph.ts';
import { f32, roundHalfToEven } from './float32.ts';

/** A positive number as M · 2^(exponent − 31), M an integer from 2^30 to 2^31 − 1. */
export interface FixedPoint {
  readonly mantissa: number;
  readonly exponent: number;
}

/** @see docs/quantization.md, From one 8-bit scale to another */
export function toFixedPoint(x: number): FixedPoint {
  let exponent = Math.floor(Math.log2(x)) + 1;
  // log2 may be off by one next to a power of two.
  while (x / 2 ** exponent >= 1) exponent++;
  while (x / 2 ** exponent < 0.5) exponent--;
  const mantissa = Math.round((x / 2 ** exponent) * 2 ** 31);
  return mantissa === 2 ** 31
    ? { mantissa: 2 ** 30, exponent: exponent + 1 }
    : { mantissa, exponent };
}

/** v / 2^bits to nearest, halves away from zero. */
export function shiftAway(v: number, bits: number): number {
  const scaled = v / 2 ** bits;
  return Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
}

/** v · x in TensorFlow Lite's fixed point: a doubling high product, then a rounding shift. */
export function fixedProduct(v: number, { mantissa, exponent }: FixedPoint): number {
  const left = Math.max(exponent, 0);
  const product = BigInt(v) * 2n ** BigInt(left) * BigInt(mantissa);
  const nudge = product >= 0n ? 2n ** 30n : 1n - 2n ** 30n;
  // BigInt division truncates, as C++'s does.
  return shiftAway(Number((product + nudge) / 2n ** 31n), Math.max(-exponent, 0));
}

/** True where XNNPACK takes the ratio of two scales in eighths of a byte's bits. */
export function isXnnpackRatio(ratio: number): boolean {
  return ratio >= 2 ** -8 && ratio <= 2 ** 7;
}

/** floor((v · multiplier + 128) / 256): XNNPACK's change of scale for 8-bit numbers. */
export function xnnpackProduct(v: number, multiplier: number): number {
  return Math.floor((v * multiplier + 128) / 256);
}

/** What makes a difference q − zeroPoint at scale `from` one at scale `to`, not yet clamped. */
export function rescaling(from: number, to: number, rounding: Rounding): (v: number) => number {
  // A change of type or zero point alone is exact at any scale.
  if (from === to) return (v) => v;
  if (rounding === 'onnxruntime') return (v) => roundHalfToEven(f32(f32(v * from) / to));
  const ratio = f32(from / to);
  if (isXnnpackRatio(ratio)) {
    const multiplier = roundHalfToEven(256 * ratio);
    return (v) => xnnpackProduct(v, multiplier);
  }
  const fixed = toFixedPoint(from / to);
  return (v) => fixedProduct(v, fixed);
}
