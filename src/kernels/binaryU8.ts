import { BinaryU8Args } from '../../assembly/arguments.ts';
import { PlanError } from '../errors.ts';
import { stridesOf } from '../graph/shape.ts';
import type { BinaryU8Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { roundMagic, roundMagicBits } from './packConvU8.ts';
import { type Axis, axesOf, packAxes, stateBytes } from './strides.ts';

const parameterBytes = 64;
const f32 = Math.fround;

/** Outer axes, and the inner one along which each operand steps by 1 or 0. */
function arrange(work: BinaryU8Work): { outer: readonly Axis[]; inner: Axis } {
  const outer = axesOf(
    work.shape.map((size, i) => ({ size, first: work.aStrides[i]!, second: work.bStrides[i]! })),
  );
  const last = outer.at(-1);
  const isUnit = (step: number): boolean => step === 0 || step === 1;
  if (last !== undefined && isUnit(last.first) && isUnit(last.second)) {
    return { outer: outer.slice(0, -1), inner: last };
  }
  return { outer, inner: { size: 1, first: 0, second: 0 } };
}

function binaryKernel(
  name: string,
  fits: (work: BinaryU8Work) => string | undefined,
  write: (view: DataView, work: BinaryU8Work) => void,
) {
  return kernel<BinaryU8Work, typeof BinaryU8Args>(BinaryU8Args, {
    name,
    family: 'binaryU8',
    fits,
    pack: (work) => {
      const axes = packAxes(arrange(work).outer);
      const packed = new Uint8Array(parameterBytes + axes.length);
      write(new DataView(packed.buffer), work);
      packed.set(axes, parameterBytes);
      return packed;
    },
    scratchBytes: (work) => stateBytes(arrange(work).outer),
    // Then every element is read just before its own place is written.
    inPlace: ({ shape, aStrides }) => {
      const own = stridesOf(shape);
      return shape.every((size, axis) => size === 1 || aStrides[axis] === own[axis]);
    },
    bind: (work, at) => {
      const { outer, inner } = arrange(work);
      return {
        a: at.inputs[0]!,
        b: at.inputs[1]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        axes: at.packed + parameterBytes,
        state: at.scratch,
        axisCount: outer.length,
        count: outer.reduce((product, axis) => product * axis.size, 1),
        inner: inner.size,
        aStep: inner.first,
        bStep: inner.second,
      };
    },
  });
}

const addFixed = binaryKernel(
  'add_u8_fixed',
  ({ op, rounding }) =>
    op === 'Add' && rounding === 'xnnpack' ? "a sum in XNNPACK's fixed point" : undefined,
  (view, { a, b, result }) => {
    const aScale = f32(a.scale / result.scale);
    const bScale = f32(b.scale / result.scale);
    const largest = Math.max(aScale, bScale);
    if (!(largest < 1024)) {
      throw new PlanError({
        where: 'addition of 8-bit maps',
        got: `a scale ${largest} times the output's`,
        expected: 'less than 1024 times',
        advice: 'quantize the model again',
      });
    }
    // Below 2^-10 the shift would leave 32 bits; all that is added there is less than a step.
    const shift = Math.min(30, 20 - floorLog2(largest));
    const aFactor = roundHalfToEven(aScale * 2 ** shift);
    const bFactor = roundHalfToEven(bScale * 2 ** shift);
    const bias = 2 ** (shift - 1) - a.zeroPoint * aFactor - b.zeroPoint * bFactor;
    const words = [aFactor, bFactor, bias, shift, result.zeroPoint, result.min, result.max];
    words.forEach((word, i) => void view.setInt32(4 * i, word, true));
  },
);

/**
 * How far a plain sum in f32 and the fused one are apart at most, of the largest number on the way: four
 * roundings and a rounded bias there, two roundings here, each within 2^-24.
 */
const sumError = 8 * 2 ** -24;

const addFused = binaryKernel(
  'add_u8_fused',
  ({ op, rounding }) =>
    op === 'Add' && rounding === 'onnxruntime' ? "a sum in onnxruntime's fused floats" : undefined,
  (view, { a, b, result, signed }) => {
    const sign = signed ? 128 : 0;
    const aScale = f32(a.scale / result.scale);
    const bScale = f32(b.scale / result.scale);
    const inner = f32(aScale * (a.zeroPoint - sign) + f32(bScale * (b.zeroPoint - sign)));
    const bias = f32(result.zeroPoint - sign - inner);
    const floats = [aScale, bScale, bias];
    floats.push(result.min - sign, result.max - sign, roundMagic);
    floats.forEach((value, i) => void view.setFloat32(4 * i, value, true));
    view.setInt32(24, roundMagicBits - sign, true);
    view.setInt32(28, sign, true);
    const plainBias = bias - sign * (aScale + bScale);
    const largest = 255 * (aScale + bScale) + Math.abs(bias) + Math.abs(plainBias);
    view.setFloat32(32, 0.5 - sumError * largest, true);
    view.setFloat32(36, plainBias, true);
  },
);

/** Both operands step by 1 along the inner axis, and the result takes every byte. */
function isPlain(work: BinaryU8Work): boolean {
  const { first, second } = arrange(work).inner;
  return first === 1 && second === 1 && work.result.min === 0 && work.result.max === 255;
}

/** 16 times the ratio of scales, where that is a power of two from 1 to 16. */
function sixteenths(scale: number, result: number): number | undefined {
  const factor = 16 * f32(scale / result);
  return [1, 2, 4, 8, 16].includes(factor) ? factor : undefined;
}

const addShift = binaryKernel(
  'add_u8_shift',
  (work) => {
    const { op, rounding, a, b, result } = work;
    const factors = [a, b].map(({ scale }) => sixteenths(scale, result.scale));
    return op === 'Add' &&
      rounding === 'onnxruntime' &&
      !factors.includes(undefined) &&
      isPlain(work)
      ? 'scales are halves of the result: a sum in 16 bits'
      : undefined;
  },
  (view, { a, b, result }) => {
    const aFactor = sixteenths(a.scale, result.scale)!;
    const bFactor = sixteenths(b.scale, result.scale)!;
    const bias = 16 * result.zeroPoint - a.zeroPoint * aFactor - b.zeroPoint * bFactor;
    [aFactor, bFactor, bias].forEach((half, i) => void view.setInt16(2 * i, half, true));
  },
);

/** Of onnxruntime's product plus its zero point, in 1/256: all results are bytes where it is a u16. */
function productFits({ a, b, result }: BinaryU8Work): boolean {
  const ends = [0, 255].flatMap((x) =>
    [0, 255].map((y) => (x - a.zeroPoint) * (y - b.zeroPoint) + 256 * result.zeroPoint),
  );
  return ends.every((end) => end >= 0 && end < 2 ** 16 - 128);
}

const mulShift = binaryKernel(
  'mul_u8_shift',
  (work) => {
    const { op, rounding, a, b, result } = work;
    const scale = f32(f32(a.scale * b.scale) / result.scale);
    const isShift = op === 'Mul' && rounding === 'onnxruntime' && scale === 2 ** -8;
    return isShift && productFits(work) && isPlain(work)
      ? 'one scale is 1/256: a product in 16 bits'
      : undefined;
  },
  (view, { a, b, result }) => {
    const halves = [a.zeroPoint, b.zeroPoint, 256 * result.zeroPoint];
    halves.forEach((half, i) => void view.setUint16(2 * i, half, true));
  },
);

const mul = binaryKernel(
  'mul_u8',
  ({ op }) => (op === 'Mul' ? 'an exact product, scaled in float' : undefined),
  (view, { a, b, result, rounding, signed }) => {
    const sign = signed ? 128 : 0;
    // onnxruntime adds the zero point in float and then rounds; XNNPACK the other way round.
    const shift = rounding === 'onnxruntime' ? result.zeroPoint - sign : 0;
    const added = result.zeroPoint - shift;
    const floats = [f32(f32(a.scale * b.scale) / result.scale), shift];
    floats.push(result.min - added, result.max - added, roundMagic);
    floats.forEach((value, i) => void view.setFloat32(4 * i, value, true));
    view.setInt32(20, roundMagicBits - added, true);
    view.setInt32(24, a.zeroPoint, true);
    view.setInt32(28, b.zeroPoint, true);
  },
);

/** Exact, unlike the floor of Math.log2; 0 for 0. */
function floorLog2(x: number): number {
  if (x === 0) return 0;
  let exponent = Math.floor(Math.log2(x));
  while (2 ** (exponent + 1) <= x) exponent++;
  while (2 ** exponent > x) exponent--;
  return exponent;
}

function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

export const binaryU8 = [addShift, mulShift, addFixed, addFused, mul];
