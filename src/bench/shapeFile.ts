import type { TypedArray } from '../graph/tensor.ts';
import type { ConvU8Work, Work } from '../graph/work.ts';

/**
 * An array of a layer, as a file of shapes has it: small ones and tables whole; weights by their mean and
 * deviation, which decide how often neighbours exceed a sum's range; others by their range.
 */
export type EncodedArray = {
  readonly type: keyof typeof arrayTypes;
  readonly length: number;
} & (
  | { readonly values: readonly number[] }
  | { readonly mean: number; readonly deviation: number }
  | { readonly low: number; readonly high: number }
);

/** The distinct layers of a network. */
export interface ShapeFile {
  readonly network: string;
  /** The model file that they are from. */
  readonly source: string;
  readonly shapes: readonly EncodedShape[];
}

export interface EncodedShape {
  /** As describe.ts says it. */
  readonly name: string;
  /** Layers of the network that have this shape. */
  readonly count: number;
  /** A `Work` whose arrays are encoded; infinite numbers are strings. */
  readonly work: unknown;
}

const arrayTypes = { Int8Array, Uint8Array, Int32Array, Float32Array };

/** The work of a shape, its arrays filled at random in the manner of the layer's own. */
export function reviveWork(encoded: unknown, next: () => number): Work {
  // The files are ours, written by bench/shapes.ts from works.
  const work = revive(encoded, next) as Work;
  return work.family === 'convU8' ? unsaturated(work, next) : work;
}

/**
 * With bias and scales under which random weights on random bytes give results all over their range:
 * those of the layer belong to its own weights, and would saturate.
 */
function unsaturated(work: ConvU8Work, next: () => number): ConvU8Work {
  const { weights, weightZeroPoint, inputZeroPoint, outputChannels, result } = work;
  const taps = weights.length / outputChannels;
  const zeroPoint = weightZeroPoint[0]!;
  let [mean, square] = [0, 0];
  for (const weight of weights) {
    mean += (weight - zeroPoint) / weights.length;
    square += (weight - zeroPoint) ** 2 / weights.length;
  }
  const inputMean = 127.5 - (inputZeroPoint === 'operand' ? 127.5 : inputZeroPoint);
  const inputSquare = 256 ** 2 / 12 + inputMean ** 2;
  const deviation = Math.sqrt(taps * square * inputSquare);
  const spread = (): number => deviation * (next() - 0.5);
  const bias = work.bias.map(() => spread() - taps * mean * inputMean);
  if (result.type !== 'u8') return { ...work, bias };
  const scale = result.scale.map(() => (60 / deviation) * (0.5 + next()));
  return { ...work, bias, result: { ...result, scale } };
}

function revive(value: unknown, next: () => number): unknown {
  if (value === 'Infinity' || value === '-Infinity') return Number(value);
  if (Array.isArray(value)) return value.map((item) => revive(item, next));
  if (typeof value !== 'object' || value === null) return value;
  if (isEncodedArray(value)) return reviveArray(value, next);
  const entries = Object.entries(value).map(([key, item]) => [key, revive(item, next)]);
  return Object.fromEntries(entries);
}

function isEncodedArray(value: object): value is EncodedArray {
  return 'type' in value && String(value.type) in arrayTypes;
}

function reviveArray(encoded: EncodedArray, next: () => number): TypedArray {
  const array = new arrayTypes[encoded.type](encoded.length);
  if ('values' in encoded) array.set(encoded.values);
  else if ('mean' in encoded) {
    const [low, high] = array instanceof Int8Array ? [-128, 127] : [0, 255];
    const isFloat = array instanceof Float32Array;
    for (let i = 0; i < array.length; i++) {
      const value = encoded.mean + encoded.deviation * gaussian(next);
      array[i] = isFloat ? value : Math.min(high, Math.max(low, Math.round(value)));
    }
  } else {
    const { low, high } = encoded;
    const isFloat = array instanceof Float32Array;
    for (let i = 0; i < array.length; i++) {
      const value = low + (high - low) * next();
      array[i] = isFloat ? value : Math.round(value);
    }
  }
  return array;
}

/** Mean 0, deviation 1: Box and Muller. */
function gaussian(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
