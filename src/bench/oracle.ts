import { referenceBinaryU8 } from '../../test/reference/binaryU8.ts';
import { referenceCast } from '../../test/reference/cast.ts';
import { referenceConvF32, referenceMatMulF32 } from '../../test/reference/convF32.ts';
import { referenceConvU8 } from '../../test/reference/convU8.ts';
import { referenceCopy, referenceFill } from '../../test/reference/copy.ts';
import {
  referenceAffine,
  referenceBinary,
  referenceMean,
  referencePoolF32,
  referenceSoftmax,
  referenceUnary,
} from '../../test/reference/float32.ts';
import { referenceMeanU8 } from '../../test/reference/meanU8.ts';
import { referencePoolU8 } from '../../test/reference/poolU8.ts';
import { referenceDequantize, referenceQuantize } from '../../test/reference/quantize.ts';
import {
  referenceArgMax,
  referenceResizeLinear,
  referenceResizeNearest,
} from '../../test/reference/select.ts';
import { referenceSoftmaxU8 } from '../../test/reference/softmaxU8.ts';
import { referenceTernarySums, referenceTernaryU8 } from '../../test/reference/ternarySums.ts';
import type { TypedArray } from '../graph/tensor.ts';
import type { DynamicQuantizeWork, SoftmaxF32Work, Work } from '../graph/work.ts';
import type { Operands } from './operands.ts';

/** What an output must be, and how far each element may be off: integers not at all. */
export interface Expected {
  readonly values: ArrayLike<number | bigint>;
  readonly bound?: (i: number) => number;
}

/** The outputs by the slow loops that the kernels are tested against. */
export function expectedOf(work: Work, { inputs, outputs }: Operands): Expected[] {
  // The types of the operands follow from the family, see operands.ts.
  const u8 = inputs as Uint8Array[];
  const f32 = inputs as Float32Array[];
  const i32 = inputs as Int32Array[];
  switch (work.family) {
    case 'convU8':
      return [{ values: referenceConvU8(work, u8[0]!, u8[1]?.[0]) }];
    case 'ternaryU8':
      return [{ values: referenceTernaryU8(work, u8[0]!) }];
    case 'convF32': {
      const { values, bounds } = referenceConvF32(work, f32[0]!);
      return [{ values, bound: (i) => bounds[i]! }];
    }
    case 'matMulF32': {
      const { values, bounds } = referenceMatMulF32(work, f32[0]!, f32[1]!);
      return [{ values, bound: (i) => bounds[i]! }];
    }
    case 'pool': {
      if (work.type === 'u8') return [{ values: referencePoolU8(work, u8[0]!) }];
      const terms = work.op === 'max' ? 0 : work.kernelHeight * work.kernelWidth + 1;
      return [{ values: referencePoolF32(work, f32[0]!), bound: () => terms * 2 ** -24 }];
    }
    case 'binaryU8':
      return [{ values: referenceBinaryU8(work, u8[0]!, u8[1]!) }];
    case 'binaryF32':
      return [{ values: referenceBinary(work, f32[0]!, f32[1]!) }];
    case 'affineF32':
      return [{ values: referenceAffine(work, f32[0]!) }];
    case 'ternarySums':
      return [{ values: referenceTernarySums(work, i32[0]!, i32[1]) }];
    case 'unaryF32': {
      const values = Float64Array.from(f32[0]!, (x) => referenceUnary(work, x));
      return [{ values, bound: (i) => Math.max(2 ** -22, 3 * 2 ** -23 * Math.abs(values[i]!)) }];
    }
    case 'table':
      return [{ values: u8[0]!.map((x) => work.table[x]!) }];
    case 'meanU8':
      return [{ values: referenceMeanU8(work, u8[0]!) }];
    case 'meanF32': {
      const values = referenceMean(work, f32[0]!);
      return [{ values, bound: (i) => 2 ** -23 * Math.abs(values[i]!) }];
    }
    case 'softmaxU8':
      return [{ values: referenceSoftmaxU8(work, u8[0]!) }];
    case 'softmaxF32':
      return [softmax(work, f32[0]!)];
    case 'argMax':
      return [{ values: referenceArgMax(work, inputs[0]!) }];
    case 'resizeLinear':
      return [{ values: referenceResizeLinear(work, inputs[0] as Uint8Array | Float32Array) }];
    case 'resizeNearest':
      return [{ values: referenceResizeNearest(work, u8[0]!) }];
    case 'quantize':
      return [{ values: referenceQuantize(work, f32[0]!) }];
    case 'dequantize':
      return [{ values: referenceDequantize(work, inputs[0] as Uint8Array | Int32Array) }];
    case 'dynamicQuantize':
      return dynamicQuantize(work, f32[0]!);
    case 'cast':
      return [{ values: referenceCast(work.to, inputs[0]!) as Int32Array }];
    case 'copy':
      return [{ values: referenceCopy(work, u8[0]!, (outputs[0] as Uint8Array).slice()) }];
    case 'fill':
      return [{ values: referenceFill(work) }];
  }
}

/** The exponent is rounded twice, which its size magnifies. */
function softmax(work: SoftmaxF32Work, input: Float32Array): Expected {
  const values = referenceSoftmax(work, input);
  const span = 2 * work.beta * input.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const bound = (i: number): number =>
    2 ** -23 * (work.log ? Math.abs(values[i]!) + span + 8 : values[i]! * (span + 8));
  return { values, bound };
}

/** By the formula of ONNX DynamicQuantizeLinear, rounded to float32 at each step. */
function dynamicQuantize({ count }: DynamicQuantizeWork, input: Float32Array): Expected[] {
  const low = Math.min(0, ...input);
  const high = Math.max(0, ...input);
  const scale = Math.fround(Math.fround(high - low) / 255);
  const zeroPoint = roundedByte(Math.fround(-low / scale));
  const quantize = {
    ...({ family: 'quantize', reciprocal: false, outer: 1, channels: 1, inner: count } as const),
    scale: Float32Array.of(scale),
    zeroPoint: Int32Array.of(zeroPoint),
  };
  const values = referenceQuantize(quantize, input);
  return [{ values }, { values: [scale] }, { values: [zeroPoint] }];
}

/** Half to even, 0 to 255. */
function roundedByte(x: number): number {
  return new Uint8ClampedArray([x])[0]!;
}

/**
 * Compares an output with what it must be.
 * @returns a sentence about the first element that differs, or undefined
 */
export function difference(got: TypedArray, { values, bound }: Expected): string | undefined {
  if (got.length !== values.length) return `${got.length} elements, expected ${values.length}`;
  for (let i = 0; i < got.length; i++) {
    const [is, wanted] = [got[i]!, values[i]!];
    if (Number(is) === Number(wanted)) continue;
    if (bound !== undefined && Math.abs(Number(is) - Number(wanted)) <= bound(i)) continue;
    return `element ${i} is ${is}, expected ${wanted}`;
  }
  return undefined;
}
