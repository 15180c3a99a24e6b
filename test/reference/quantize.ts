import type { DequantizeWork, QuantizeWork } from '../../src/graph/work.ts';

export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5 || (rest === 0.5 && floor % 2 === 0)) return floor;
  return floor + 1;
}

/** clamp(roundHalfToEven(f32(x / scale)) + zeroPoint, 0, 255); NaN is the zero point. */
export function quantizeOne(
  x: number,
  scale: number,
  zeroPoint: number,
  reciprocal = false,
): number {
  if (Number.isNaN(x)) return zeroPoint;
  const real = Math.fround(reciprocal ? x * Math.fround(1 / scale) : x / scale);
  if (!Number.isFinite(real)) return real > 0 ? 255 : 0;
  return Math.min(255, Math.max(0, roundHalfToEven(real) + zeroPoint));
}

/** The index of the parameters of each element. */
function parameterOf({ channels, inner, scale }: QuantizeWork | DequantizeWork, i: number): number {
  return scale.length === 1 ? 0 : Math.floor(i / inner) % channels;
}

export function referenceQuantize(work: QuantizeWork, input: Float32Array): Uint8Array {
  return Uint8Array.from(input, (x, i) => {
    const p = parameterOf(work, i);
    return quantizeOne(x, work.scale[p]!, work.zeroPoint[p]!, work.reciprocal);
  });
}

export function referenceDequantize(
  work: DequantizeWork,
  input: Uint8Array | Int32Array,
): Float32Array {
  return Float32Array.from(input, (q, i) => {
    const p = parameterOf(work, i);
    return Math.fround(Math.fround((q - work.zeroPoint[p]!) | 0) * work.scale[p]!);
  });
}
