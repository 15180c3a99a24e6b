/** To the nearest integer, halves to the even one. */
export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** To the nearest integer, halves away from zero. */
export function roundHalfAway(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

export function clamp(x: number, min: number, max: number): number {
  return Math.min(Math.max(x, min), max);
}

/** clamp(roundHalfToEven(f32(f32(acc) * scale)) + zeroPoint, min, max); `scale` is a float32. */
export function requantize(
  acc: number,
  scale: number,
  zeroPoint: number,
  min: number,
  max: number,
): number {
  const real = Math.fround(Math.fround(acc) * scale);
  return clamp(roundHalfToEven(real) + zeroPoint, min, max);
}
