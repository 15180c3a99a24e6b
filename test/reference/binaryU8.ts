import type { BinaryU8Work } from '../../src/graph/work.ts';
import { clamp, requantize, roundHalfToEven } from './requantize.ts';

const f = Math.fround;

export function referenceBinaryU8(work: BinaryU8Work, a: Uint8Array, b: Uint8Array): Uint8Array {
  const { shape, aStrides, bStrides } = work;
  const count = shape.reduce((product, size) => product * size, 1);
  const output = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let rest = i;
    let atA = 0;
    let atB = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const index = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
      atA += index * aStrides[axis]!;
      atB += index * bStrides[axis]!;
    }
    output[i] = element(work, a[atA]!, b[atB]!);
  }
  return output;
}

function element(work: BinaryU8Work, xa: number, xb: number): number {
  const { op, rounding, signed, a, b, result } = work;
  const { min, max } = result;
  const sign = signed ? 128 : 0;
  if (op === 'Mul') {
    const product = (xa - a.zeroPoint) * (xb - b.zeroPoint);
    const scale = f(f(a.scale * b.scale) / result.scale);
    if (rounding === 'xnnpack') return requantize(product, scale, result.zeroPoint, min, max);
    const real = f(f(product * scale) + (result.zeroPoint - sign));
    return clamp(roundHalfToEven(real) + sign, min, max);
  }
  const ra = f(a.scale / result.scale);
  const rb = f(b.scale / result.scale);
  if (rounding === 'xnnpack') {
    const shift = Math.min(30, 20 - Math.floor(Math.log2(Math.max(ra, rb, 2 ** -99))));
    const ma = roundHalfToEven(ra * 2 ** shift);
    const mb = roundHalfToEven(rb * 2 ** shift);
    const sum = (xa - a.zeroPoint) * ma + (xb - b.zeroPoint) * mb + 2 ** (shift - 1);
    return clamp(Math.floor(sum / 2 ** shift) + result.zeroPoint, min, max);
  }
  const [za, zb, zo] = [a.zeroPoint - sign, b.zeroPoint - sign, result.zeroPoint - sign];
  const k = f(zo - f(ra * za + f(rb * zb)));
  const real = f((xa - sign) * ra + f((xb - sign) * rb + k));
  return clamp(roundHalfToEven(real) + sign, min, max);
}
