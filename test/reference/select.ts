import type { TypedArray } from '../../src/graph/tensor.ts';
import type {
  ArgMaxWork,
  AxisBlend,
  ResizeLinearWork,
  ResizeNearestWork,
} from '../../src/graph/work.ts';

export function referenceArgMax(work: ArgMaxWork, input: TypedArray): number[] {
  const { outer, length, inner, selectLast } = work;
  const output: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const column = Array.from({ length }, (_, j) => input[(o * length + j) * inner + i]!);
      let best = 0;
      column.forEach((value, j) => {
        const incumbent = column[best]!;
        if (value > incumbent || (selectLast && value === incumbent)) best = j;
      });
      output.push(best);
    }
  }
  return output;
}

/** In double precision; u8 rounded half up, from steps rounded to float32. */
export function referenceResizeLinear(
  work: ResizeLinearWork,
  input: Uint8Array | Float32Array,
): number[] {
  const round = work.type === 'u8' ? Math.fround : (x: number) => x;
  const blend = (a: number, b: number, fraction: number) =>
    round(a + round(round(b - a) * fraction));
  const at = (image: number, y: number, x: number, c: number) =>
    input[((image * work.inputHeight + y) * work.inputWidth + x) * work.channels + c]!;
  const output: number[] = [];
  const pairs = ({ low, high, fraction }: AxisBlend) =>
    Array.from(low, (l, i) => [l, high[i]!, fraction[i]!] as const);
  for (let image = 0; image < work.batch; image++) {
    for (const [upper, lower, fractionY] of pairs(work.y)) {
      for (const [left, right, fractionX] of pairs(work.x)) {
        for (let c = 0; c < work.channels; c++) {
          const top = blend(at(image, upper, left, c), at(image, upper, right, c), fractionX);
          const bottom = blend(at(image, lower, left, c), at(image, lower, right, c), fractionX);
          const value = blend(top, bottom, fractionY);
          output.push(work.type === 'u8' ? Math.floor(value + 0.5) : value);
        }
      }
    }
  }
  return output;
}

export function referenceResizeNearest(work: ResizeNearestWork, input: Uint8Array): Uint8Array {
  const { batch, inputHeight, inputWidth, pixelBytes, y, x } = work;
  const output: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (const row of y) {
      for (const column of x) {
        const from = ((image * inputHeight + row) * inputWidth + column) * pixelBytes;
        output.push(...input.subarray(from, from + pixelBytes));
      }
    }
  }
  return Uint8Array.from(output);
}
