import type { TypedArray } from '../../src/graph/tensor.ts';
import type {
  ArgMaxWork,
  AxisBlend,
  ResizeLinearWork,
  ResizeNearestWork,
} from '../../src/graph/work.ts';
import { roundHalfToEven } from './quantize.ts';

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

/** u8: in integers, weights in 1/2048; f32: in the order of onnxruntime (docs/quantization.md). */
export function referenceResizeLinear(
  work: ResizeLinearWork,
  input: Uint8Array | Float32Array,
): number[] {
  const at = (image: number, y: number, x: number, c: number) =>
    input[((image * work.inputHeight + y) * work.inputWidth + x) * work.channels + c]!;
  const output: number[] = [];
  for (let image = 0; image < work.batch; image++) {
    for (const y of cellsOf(work.y)) {
      for (const x of cellsOf(work.x)) {
        for (let c = 0; c < work.channels; c++) {
          const corners = [
            at(image, y.low, x.low, c),
            at(image, y.low, x.high, c),
            at(image, y.high, x.low, c),
            at(image, y.high, x.high, c),
          ] as const;
          output.push(work.type === 'u8' ? blendU8(corners, y, x) : blendF32(corners, y, x));
        }
      }
    }
  }
  return output;
}

type Cell = ReturnType<typeof cellsOf>[number];
type Corners = readonly [a: number, b: number, c: number, d: number];

function cellsOf({ low, high, fraction }: AxisBlend) {
  return Array.from(low, (first, i) => ({ low: first, high: high[i]!, fraction: fraction[i]! }));
}

function blendU8([a, b, c, d]: Corners, y: Cell, x: Cell): number {
  const weightX = roundHalfToEven(2048 * x.fraction);
  const weightY = roundHalfToEven(2048 * y.fraction);
  const top = a * 2048 + (b - a) * weightX;
  const bottom = c * 2048 + (d - c) * weightX;
  return Math.floor((top * 2048 + (bottom - top) * weightY + 2 ** 21) / 2 ** 22);
}

function blendF32([a, b, c, d]: Corners, y: Cell, x: Cell): number {
  const f = Math.fround;
  const far = ({ low, high, fraction }: Cell) => (low === high ? 0.5 : f(1 - fraction));
  const near = ({ low, high, fraction }: Cell) => (low === high ? 0.5 : fraction);
  let sum = f(f(far(x) * far(y)) * a);
  sum = f(sum + f(f(near(x) * far(y)) * b));
  sum = f(sum + f(f(far(x) * near(y)) * c));
  return f(sum + f(f(near(x) * near(y)) * d));
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
