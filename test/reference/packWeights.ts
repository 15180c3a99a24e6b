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

/** What some dots of bytes can multiply exactly, and what is left. */
interface Taken {
  readonly part: number[];
  readonly rest: number[];
}

/** What bytes can hold of four weights; two products (-128) (-128) may wrap where bytes are signed. */
function takeBytes(weights: readonly number[]): Taken {
  const part = weights.map((weight) => Math.max(-128, Math.min(127, weight)));
  for (let i = 1; i < part.length; i += 2) {
    if (part[i - 1] === -128 && part[i] === -128) part[i] = -127;
  }
  return { part, rest: weights.map((weight, i) => weight - part[i]!) };
}

/** The same where the sums of pairs must fit 16 bits: 255 * 128 does. */
function takePairs(weights: readonly number[]): Taken {
  const part = weights.map((weight) => Math.max(-128, Math.min(127, weight)));
  for (let i = 1; i < part.length; i += 2) {
    const [positive, negative] = [Math.max(0, part[i - 1]!), Math.min(0, part[i - 1]!)];
    part[i] = Math.max(-128 - negative, Math.min(128 - positive, part[i]!));
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

/** A step of a block: four bytes, or two words, of each channel. */
interface BlockStep {
  readonly offset: number;
  readonly weights: readonly (readonly number[])[];
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
  const zero = dot === 'words' ? 0 : Number(work.inputZeroPoint);
  const lanes = Array.from({ length: width }, (_, lane) =>
    lane < channels
      ? valuesOf(work, first + lane, dot, offsets.length)
      : new Array<number>(per * offsets.length).fill(0),
  );
  const biases = lanes.map((values, lane) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return lane < channels ? work.bias[first + lane]! + sum * (flip - zero) : 0;
  });
  const whole = [...offsets].map((offset, step) => ({
    offset,
    weights: lanes.map((values) => values.slice(per * step, per * (step + 1))),
  }));
  const { steps, extras } = dot === 'words' ? { steps: whole, extras: [] } : splitSteps(whole);
  if (dot === 'bytePairs') return sortedBlock(biases, [...steps, ...extras]);

  const extraBytes = extras.length * (16 + 4 * width);
  const body = steps.flatMap(({ weights }) => bytesOf(weights.flat(), per));
  const more = extras.flatMap(({ offset, weights }) => [
    ...bytesOf([offset, 0, 0, 0], 1),
    ...bytesOf(weights.flat(), 4),
  ]);
  return Uint8Array.from([...bytesOf([extraBytes, 0, 0, 0], 1), ...head(biases), ...body, ...more]);

  function head(values: readonly number[]): number[] {
    const of = (field: Float32Array | undefined) =>
      Array.from({ length: width }, (_, lane) => (lane < channels ? field![first + lane]! : 0));
    const { result } = work;
    const reals = [
      ...(result.type !== 'i32' && headBytes > 4 ? of(result.scale) : []),
      ...(result.type === 'f32' && headBytes > 8 ? of(result.bias) : []),
    ];
    const fields = [...bytesOf(values, 1), ...new Uint8Array(Float32Array.from(reals).buffer)];
    return [...fields, ...new Array<number>(width * headBytes - fields.length).fill(0)];
  }

  /** By kinds, as assembly/int8/convMixed.ts has them. */
  function sortedBlock(sums: readonly number[], all: readonly BlockStep[]): Uint8Array {
    const corrected = [...sums];
    const masked: (BlockStep & { masks: number[] })[] = [];
    const twos: BlockStep[] = [];
    const alone: BlockStep[] = [];
    let held: BlockStep | undefined;
    for (const step of all) {
      const masks = step.weights.map(complementsOf);
      if (masks.flat().includes(255)) {
        const weights = step.weights.map((four, lane) =>
          four.map((weight, i) => {
            if (masks[lane]![i] === 0) return weight;
            corrected[lane]! += 255 * weight;
            return -weight;
          }),
        );
        masked.push({ offset: step.offset, weights, masks: masks.flat() });
      } else if (held === undefined) {
        held = step;
      } else if (goTogether(held, step)) {
        twos.push(held, step);
        held = undefined;
      } else {
        alone.push(held);
        held = step;
      }
    }
    if (held !== undefined) alone.push(held);
    const sorted = [...twos, ...alone, ...masked];
    const ends = [twos.length, twos.length + alone.length, sorted.length];
    const end = [
      ...masked.flatMap(({ masks }) => masks),
      ...bytesOf(
        sorted.map(({ offset }) => offset),
        1,
      ),
    ];
    while (end.length % 16 !== 0) end.push(0);
    const body = sorted.flatMap(({ weights }) => bytesOf(weights.flat(), 4));
    const extraBytes = body.length + end.length - 4 * width * offsets.length;
    return Uint8Array.from([
      ...bytesOf([extraBytes, ...ends], 1),
      ...head(corrected),
      ...body,
      ...end,
    ]);
  }
}

/** What bytes hold of the steps, and steps for what they do not, in the order of those. */
function splitSteps(whole: readonly BlockStep[]): { steps: BlockStep[]; extras: BlockStep[] } {
  const steps: BlockStep[] = [];
  const extras: BlockStep[] = [];
  for (const { offset, weights } of whole) {
    let left = weights.map(takeBytes);
    steps.push({ offset, weights: left.map(({ part }) => part) });
    while (left.some(({ rest }) => rest.some((value) => value !== 0))) {
      left = left.map(({ rest }) => takeBytes(rest));
      extras.push({ offset, weights: left.map(({ part }) => part) });
    }
  }
  return { steps, extras };
}

/** 255 for each weight that meets 255 less its input: one of a pair beyond 128, the second if it can. */
function complementsOf(weights: readonly number[]): number[] {
  return weights.map((_, i) => {
    const [a, b] = [weights[i - (i % 2)]!, weights[i - (i % 2) + 1]!];
    if (Math.abs(a + b) <= 128) return 0;
    const second = b !== -128;
    return (i % 2 === 1) === second ? 255 : 0;
  });
}

/** Whether the sums of each pair of both fit 16 bits together. */
function goTogether(one: BlockStep, other: BlockStep): boolean {
  return one.weights.every((four, lane) =>
    [0, 2].every((i) => {
      const both = [...four.slice(i, i + 2), ...other.weights[lane]!.slice(i, i + 2)];
      const sum = (sign: number) => both.reduce((n, weight) => n + Math.max(0, sign * weight), 0);
      return sum(1) <= 128 && sum(-1) <= 128;
    }),
  );
}

/** @param per how many numbers share four bytes: 1, 2 or 4 */
function bytesOf(numbers: readonly number[], per: number): number[] {
  const type = ({ 1: Int32Array, 2: Int16Array, 4: Int8Array } as const)[per as 1 | 2 | 4];
  return [...new Uint8Array(type.from(numbers.map((number) => number | 0)).buffer)];
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
  const take = {
    words: (taps: readonly number[]): Taken => ({ part: [...taps], rest: [0, 0] }),
    pairs: takePairs,
    quads: takeBytes,
  }[form.dot];
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
        const taken = left.map((phase) => phase.map(take));
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
