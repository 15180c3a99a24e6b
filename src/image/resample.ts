import type { FitPlan, PictureSize } from './fit.ts';
import type { Pixels } from './pixels.ts';

/** Fraction bits of the weights: 255 times their sum stays below 2^31. */
const fractionBits = 22;
const half = 1 << (fractionBits - 1);

/**
 * Scales a picture by a triangle filter that is as wide as the scale asks for, hence without
 * aliasing, and gives the part that the plan cuts out. Columns first, then rows, each rounded to
 * 8 bits: the bytes of Pillow's Image.resize(BILINEAR), with which most networks were tested, and
 * the same in Node and in every browser.
 */
export function resample(source: Pixels, plan: FitPlan, target: PictureSize): Pixels {
  const { width, channels } = source;
  const columns = filterAxis(width, plan.width, plan.left, target.width);
  const rows = filterAxis(source.height, plan.height, plan.top, target.height);
  const targetRow = target.width * channels;
  // Only the rows that the part needs.
  const first = rows.start[0]!;
  const needed = rows.end[target.height - 1]! - first;
  const narrow = new Uint8Array(needed * targetRow);
  for (let y = 0; y < needed; y++) {
    const from = source.data.subarray((first + y) * width * channels);
    filterRow(from, columns, channels, narrow.subarray(y * targetRow, (y + 1) * targetRow));
  }
  const data = new Uint8Array(target.height * targetRow);
  const sums = new Int32Array(targetRow);
  for (let y = 0; y < target.height; y++) {
    const from = narrow.subarray((rows.start[y]! - first) * targetRow);
    sumRows(from, rows.end[y]! - rows.start[y]!, rows.weights, y * rows.stride, sums);
    const to = y * targetRow;
    for (let x = 0; x < targetRow; x++) data[to + x] = sums[x]! >> fractionBits;
  }
  return { data, width: target.width, height: target.height, channels };
}

/** For each output cell of an axis: the input cells [start, end) and their weights. */
interface AxisFilter {
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** [cell][stride], in fixed point; those of a cell make up 1. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Cells `offset` to `offset + count` of an axis scaled from `from` to `to` cells. */
function filterAxis(from: number, to: number, offset: number, count: number): AxisFilter {
  const scale = from / to;
  const radius = Math.max(scale, 1);
  const stride = Math.ceil(radius) * 2 + 1;
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  for (let cell = 0; cell < count; cell++) {
    const centre = (offset + cell + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - radius + 0.5));
    const high = Math.min(from, Math.trunc(centre + radius + 0.5));
    const height = (i: number) => Math.max(0, 1 - Math.abs((i + 0.5 - centre) / radius));
    let sum = 0;
    for (let i = low; i < high; i++) sum += height(i);
    for (let i = low; i < high; i++)
      weights[cell * stride + i - low] = Math.round((height(i) / sum) * 2 ** fractionBits);
    start[cell] = low;
    end[cell] = high;
  }
  return { start, end, weights, stride };
}

function filterRow(
  from: Pixels['data'],
  { start, end, weights, stride }: AxisFilter,
  channels: number,
  to: Uint8Array,
): void {
  for (let cell = 0, at = 0; cell < start.length; cell++) {
    const low = start[cell]!;
    const length = end[cell]! - low;
    for (let c = 0; c < channels; c++, at++) {
      let sum = half;
      for (let i = 0, j = low * channels + c; i < length; i++, j += channels)
        sum += weights[cell * stride + i]! * from[j]!;
      to[at] = sum >> fractionBits;
    }
  }
}

/** The weighted sum of rows that lie one after the other, in fixed point. */
function sumRows(
  from: Uint8Array,
  count: number,
  weights: Int32Array,
  firstWeight: number,
  sums: Int32Array,
): void {
  sums.fill(half);
  for (let i = 0, at = 0; i < count; i++) {
    const weight = weights[firstWeight + i]!;
    for (let x = 0; x < sums.length; x++, at++) sums[x] = sums[x]! + weight * from[at]!;
  }
}
