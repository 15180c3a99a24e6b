import type { ConvU8Work } from '../../src/graph/work.ts';
import {
  type ConvDot,
  elementsPerStep,
  runsOf,
  stepOffsets,
} from '../../src/kernels/convWindows.ts';
import type { Block } from '../../src/kernels/packBlocks.ts';
import { type Form, grouping, paddedWidth, type Unit } from '../../src/kernels/packDepthwiseU8.ts';

/** The layouts of assembly/pack/, number by number. */

/** Which numbers of the four, or eight, share 16 bits on their way; none where sums have 32. */
const lanesOf: Readonly<Record<string, readonly (readonly number[])[]>> = {
  bytePairs: [
    [0, 1],
    [2, 3],
  ],
  byteEights: [
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ],
};

/** What dots of bytes can multiply of some weights exactly, and what is left of them. */
function takePart(weights: readonly number[], dot: ConvDot): { part: number[]; rest: number[] } {
  const part = weights.map((weight) => Math.max(-128, Math.min(127, weight)));
  if (dot === 'byteQuads') {
    // Two products (-128) (-128) may wrap.
    for (let i = 1; i < part.length; i += 2) {
      if (part[i - 1] === -128 && part[i] === -128) part[i] = -127;
    }
  }
  for (const lane of lanesOf[dot] ?? []) {
    // 255 * 128 fits 16 bits.
    let [most, least] = [128, -128];
    for (const i of lane) {
      part[i] = Math.max(least, Math.min(most, part[i]!));
      if (part[i]! > 0) most -= part[i]!;
      else least -= part[i]!;
    }
  }
  return { part, rest: weights.map((weight, i) => weight - part[i]!) };
}

/** A channel's weights less their zero point, run by run, each filled up to whole steps. */
function valuesOf(work: ConvU8Work, channel: number, dot: ConvDot, steps: number): number[] {
  const per = elementsPerStep(dot);
  const k = work.weights.length / work.outputChannels;
  const values: number[] = [];
  for (const { first, length } of runsOf(work)) {
    for (let i = 0; i < length; i++)
      values.push(work.weights[channel * k + first + i]! - zeroPointOf(work, channel));
    while (values.length % per !== 0) values.push(0);
  }
  while (values.length < per * steps) values.push(0);
  return values;
}

/** One block of a convolution's channels, as assembly/int8/conv.ts reads it. */
export function referenceBlock(
  work: ConvU8Work,
  dot: ConvDot,
  flip: number,
  headBytes: number,
  { first, width, channels }: Block,
): Uint8Array {
  const offsets = stepOffsets(work, dot);
  const per = elementsPerStep(dot);
  const group = dot === 'byteEights' ? 8 : 4;
  const head: number[] = new Array((width * headBytes) / 4).fill(0);
  /** [step][width] of `per` numbers. */
  const steps = Array.from(offsets, () => new Array<number[]>(width).fill(new Array(per).fill(0)));
  /** By fours of channels: the step, and what each of them has left. */
  const lists: { offset: number; parts: number[][] }[][] = [[], [], [], []];
  const rests = Array.from(offsets, () => new Array<number[]>(width).fill([0, 0, 0, 0]));
  for (let lane = 0; lane < channels; lane++) {
    const values = valuesOf(work, first + lane, dot, offsets.length);
    const sum = values.reduce((total, value) => total + value, 0);
    const zero = dot === 'words' ? 0 : Number(work.inputZeroPoint);
    head[lane] = work.bias[first + lane]! + sum * (flip - zero);
    for (let i = 0; i < values.length; i += group) {
      const four = values.slice(i, i + group);
      const { part, rest } = dot === 'words' ? { part: four, rest: [] } : takePart(four, dot);
      for (let j = 0; j < four.length; j += per) {
        steps[(i + j) / per]![lane] = part.slice(j, j + per);
        if (dot !== 'words') rests[(i + j) / per]![lane] = rest.slice(j, j + per);
      }
    }
  }
  for (const [step, offset] of offsets.entries()) {
    for (let four = 0; four < width; four += 4) {
      let left = rests[step]!.slice(four, four + 4);
      while (left.flat().some((value) => value !== 0)) {
        const taken = left.map((rest) => takePart(rest, dot === 'byteEights' ? 'bytePairs' : dot));
        lists[four / 4]!.push({ offset, parts: taken.map(({ part }) => part) });
        left = taken.map(({ rest }) => rest);
      }
    }
  }
  const extraSteps = Math.max(...lists.map((list) => list.length));
  const size = 16 + width * headBytes + 4 * width * offsets.length + extraSteps * (16 + 4 * width);
  const view = new DataView(new ArrayBuffer(size));
  view.setInt32(0, extraSteps * (16 + 4 * width), true);
  for (let lane = 0; lane < channels; lane++) {
    const { result } = work;
    view.setInt32(16 + 4 * lane, head[lane]! | 0, true);
    if (result.type !== 'i32' && headBytes > 4)
      view.setFloat32(16 + 4 * (width + lane), result.scale[first + lane]!, true);
    if (result.type === 'f32' && headBytes > 8)
      view.setFloat32(16 + 4 * (2 * width + lane), result.bias[first + lane]!, true);
  }
  let at = 16 + width * headBytes;
  for (const value of steps.flat(2)) {
    if (dot === 'words') view.setInt16(at, value, true);
    else view.setInt8(at, value);
    at += 4 / per;
  }
  for (let i = 0; i < extraSteps; i++) {
    for (let four = 0; four < 4; four++)
      view.setInt32(at + 4 * four, lists[four]![i]?.offset ?? offsets[0]!, true);
    at += 16;
    for (let lane = 0; lane < width; lane++) {
      const part = lists[lane >> 2]![i]?.parts[lane & 3] ?? [0, 0, 0, 0];
      for (const value of part) view.setInt8(at++, value);
    }
  }
  return new Uint8Array(view.buffer);
}

/** Units of a depthwise convolution, as assembly/int8/depthwiseColumns.ts reads them. */
export function referenceUnits(
  work: ConvU8Work,
  form: Form,
  squares: boolean,
  units: readonly Unit[],
): Uint8Array {
  const bytes: number[] = [];
  const put = (...words: number[]) =>
    bytes.push(...new Uint8Array(Int32Array.from(words, (word) => word | 0).buffer));
  for (const { first, blocks } of units) {
    put(first, blocks, 0, 0);
    for (let i = 0; i < blocks; i++) {
      const dots = dotsOf(work, form, first + 8 * i);
      const isSquare = squares && dots.length === 3 * grouping(work, form).groups;
      put(dots.length, isSquare && (form.dot !== 'pairs' || isSummable(dots)) ? 1 : 0);
      put(...dots.map(({ offset }) => offset + 32 * i));
      while (bytes.length % 16 !== 0) bytes.push(0);
      putHead(work, form, first + 8 * i, put);
      for (let phase = 0; phase < grouping(work, form).phases; phase++) {
        for (const { taps } of dots) {
          const own = taps[phase]!.flat();
          bytes.push(
            ...new Uint8Array((form.rows === 2 ? Int16Array : Int8Array).from(own).buffer),
          );
        }
      }
    }
  }
  return Uint8Array.from(bytes);
}

interface DotOfBlock {
  readonly offset: number;
  /** [phase][8][rows] */
  readonly taps: readonly (readonly number[])[][];
}

function dotsOf(work: ConvU8Work, form: Form, first: number): DotOfBlock[] {
  const { groups, phases } = grouping(work, form);
  const order = form.rows === 2 ? [0, 1] : [0, 2, 1, 3];
  const dot = ({ words: 'words', pairs: 'bytePairs', quads: 'byteQuads' } as const)[form.dot];
  const whole: DotOfBlock[] = [];
  const more: DotOfBlock[] = [];
  for (let group = 0; group < groups; group++) {
    for (let kx = 0; kx < work.kernelWidth; kx++) {
      const offset = 64 * (group * paddedWidth(work) + kx * work.dilationX);
      let left = Array.from({ length: phases }, (_, phase) =>
        Array.from({ length: 8 }, (_, lane) =>
          order.map((row) =>
            tapOf(work, first + lane, group * form.rows - phase * work.strideY + row, kx),
          ),
        ),
      );
      for (let list = whole; list === whole || left.flat(2).some((tap) => tap !== 0); list = more) {
        const taken = left.map((phase) =>
          phase.map((taps) =>
            dot === 'words' ? { part: taps, rest: [0, 0] } : takePart(taps, dot),
          ),
        );
        list.push({ offset, taps: taken.map((phase) => phase.map(({ part }) => part)) });
        left = taken.map((phase) => phase.map(({ rest }) => rest));
      }
    }
  }
  return [...whole, ...more];
}

function tapOf(work: ConvU8Work, channel: number, ky: number, kx: number): number {
  const { kernelHeight, kernelWidth, weights } = work;
  if (ky < 0 || ky >= kernelHeight) return 0;
  return weights[(channel * kernelHeight + ky) * kernelWidth + kx]! - zeroPointOf(work, channel);
}

/** Whether the sums over all dots in each 16-bit lane fit it. */
function isSummable(dots: readonly DotOfBlock[]): boolean {
  const flat = dots.map(({ taps }) => taps.flat(2));
  for (let i = 0; i < flat[0]!.length; i += 2) {
    const both = flat.flatMap((taps) => [taps[i]!, taps[i + 1]!]);
    const sum = (sign: number) => both.reduce((n, tap) => n + Math.max(0, sign * tap), 0);
    if (sum(1) > 128 || sum(-1) > 128) return false;
  }
  return true;
}

function putHead(
  work: ConvU8Work,
  form: Form,
  first: number,
  put: (...words: number[]) => void,
): void {
  const { bias, result, inputZeroPoint } = work;
  const k = work.kernelHeight * work.kernelWidth;
  const zero = Number(inputZeroPoint) - (form.isSigned ? 128 : 0);
  for (let channel = first; channel < first + 8; channel++) {
    let sum = 0;
    for (let i = 0; i < k; i++) sum += work.weights[channel * k + i]! - zeroPointOf(work, channel);
    put(bias[channel]! - zero * sum);
  }
  const scale =
    result.type === 'u8' ? result.scale.subarray(first, first + 8) : new Float32Array(8);
  put(...new Int32Array(scale.slice().buffer));
}

function zeroPointOf({ weightZeroPoint }: ConvU8Work, channel: number): number {
  return weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
}
