/** A figure with its bounds; none is ever given alone. */
export interface Range {
  readonly low: number;
  readonly nominal: number;
  readonly high: number;
}

export type Bound = keyof Range;

export const bounds: readonly Bound[] = ['low', 'nominal', 'high'];

export function exactly(value: number): Range {
  return { low: value, nominal: value, high: value };
}

/** A range whose bounds are computed one by one. */
export function rangeOf(at: (bound: Bound) => number): Range {
  return { low: at('low'), nominal: at('nominal'), high: at('high') };
}
