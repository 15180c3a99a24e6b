/** Operands start at cache lines. */
export const lineBytes = 64;

export function alignUp(bytes: number, to: number = lineBytes): number {
  return Math.ceil(bytes / to) * to;
}
