import type { CopyWork, FillWork } from '../../src/graph/work.ts';

/** Bytes in, bytes out: `output` is changed where the work writes. */
export function referenceCopy(work: CopyWork, input: Uint8Array, output: Uint8Array): Uint8Array {
  const bytes = work.elementBytes;
  const visit = (axis: number, from: number, to: number): void => {
    if (axis === work.shape.length) {
      for (let i = 0; i < bytes; i++) output[to * bytes + i] = input[from * bytes + i]!;
      return;
    }
    for (let i = 0; i < work.shape[axis]!; i++) {
      visit(axis + 1, from + i * work.inputStrides[axis]!, to + i * work.outputStrides[axis]!);
    }
  };
  visit(0, work.inputOffset, work.outputOffset);
  return output;
}

export function referenceFill({ value, count }: FillWork): Uint8Array {
  return Uint8Array.from({ length: count * value.length }, (_, i) => value[i % value.length]!);
}
