/** One axis of a strided operation on two operands; steps in bytes. */
export interface Axis {
  readonly size: number;
  readonly first: number;
  readonly second: number;
}

/**
 * The axes, outermost first, without those of size 1 and with neighbours merged where both operands
 * step evenly across them. One axis of size 0 remains of an empty operation.
 */
export function axesOf(axes: readonly Axis[]): Axis[] {
  const result: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 0) return [{ size: 0, first: 0, second: 0 }];
    if (axis.size === 1) continue;
    const outer = result.at(-1);
    if (
      outer !== undefined &&
      outer.first === axis.first * axis.size &&
      outer.second === axis.second * axis.size
    ) {
      result[result.length - 1] = { ...axis, size: outer.size * axis.size };
    } else {
      result.push(axis);
    }
  }
  return result;
}

/** As assembly/layout/walk.ts reads them. */
export function packAxes(axes: readonly Axis[]): Uint8Array {
  const fields = axes.toReversed().flatMap(({ size, first, second }) => [size, first, second]);
  return new Uint8Array(Int32Array.from(fields).buffer);
}

/** Scratch for assembly/layout/walk.ts. */
export function stateBytes(axes: readonly Axis[]): number {
  return 8 + 4 * axes.length;
}
