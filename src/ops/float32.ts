/** The arithmetic of the rounding contract on single numbers (docs/quantization.md). */

export const f32 = Math.fround;

/** To the nearest integer, ties to the even one. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

export function clamp(x: number, min: number, max: number): number {
  return Math.min(Math.max(x, min), max);
}

/** The 8-bit number that stands for `real`, without rounding to the type's range. */
export function quantizeReal(real: number, scale: number, zeroPoint: number): number {
  return roundHalfToEven(f32(f32(real) / f32(scale))) + zeroPoint;
}
