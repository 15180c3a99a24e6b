import { ModelError } from '../../errors.ts';
import { elementCount, formatShape, type Shape } from '../../graph/shape.ts';
import {
  bytesPerElement,
  type Constant,
  type DType,
  type Quantization,
  type TypedArray,
  viewOf,
} from '../../graph/tensor.ts';
import { limits } from '../limits.ts';
import type { FileTensor } from './model.ts';
import { tensorTypes } from './schema.ts';

/** Types of computed tensors; constants may be FLOAT16 and INT4 too, which are widened. */
const dtypes: Readonly<Record<string, DType>> = {
  FLOAT32: 'float32',
  INT32: 'int32',
  UINT8: 'uint8',
  INT64: 'int64',
  BOOL: 'bool',
  INT8: 'int8',
};

export function typeName(tensor: FileTensor): string {
  return tensorTypes[tensor.type] ?? `number ${tensor.type}`;
}

/** @throws ModelError where a tensor of that type, or of its kind, cannot be computed */
export function dtypeOf(tensor: FileTensor): DType {
  const dtype = dtypes[typeName(tensor)];
  const kind = tensor.isSparse ? 'sparse' : tensor.isVariable ? 'variable' : undefined;
  if (dtype !== undefined && kind === undefined) return dtype;
  throw new ModelError({
    where: `tensor ${tensor.id}`,
    got: kind === undefined ? `type ${typeName(tensor)}` : `a ${kind} tensor`,
    expected: `a plain tensor of type ${Object.keys(dtypes).join(', ')}`,
    advice: 'convert the model again without that feature',
  });
}

/** @throws ModelError on empty tensors and on those whose size no counter holds */
export function checkShape(shape: Shape, where: string): void {
  const natural = shape.every((size) => Number.isInteger(size) && size >= 1);
  if (natural && shape.length <= limits.rank && elementCount(shape) <= limits.elements) return;
  throw new ModelError({
    where,
    got: `shape ${formatShape(shape)}`,
    expected: `at most ${limits.rank} axes of 1 or more, and at most ${limits.elements} elements`,
    advice: 'export the model again with fixed shapes',
  });
}

const ranges: Readonly<Record<string, readonly [low: number, high: number]>> = {
  INT4: [-8, 7],
  INT8: [-128, 127],
  UINT8: [0, 255],
  INT32: [-(2 ** 31), 2 ** 31 - 1],
};

/** The file's parameters, checked against type and shape; none for types that hold real numbers. */
export function quantizationOf(tensor: FileTensor): Quantization | undefined {
  const { quantization, shape } = tensor;
  const range = ranges[typeName(tensor)];
  if (quantization === undefined || range === undefined) return undefined;
  const { scale, zeroPoint, detailsType } = quantization;
  // Old converters name axis 3 for the biases of depthwise layers, which have one.
  const axis = shape.length === 1 ? 0 : quantization.axis;
  const refuse = (got: string, expected: string): never => {
    throw new ModelError({
      where: `tensor ${tensor.id}`,
      got,
      expected,
      advice: 'quantize the model again, or look for a layer whose range was never calibrated',
    });
  };
  if (detailsType !== 0) refuse('a quantization scheme of its own', 'scales and zero points');
  if (scale.length === 0) return undefined;
  if (scale.length > 1 && shape[axis] !== scale.length) {
    refuse(
      `${scale.length} scales for axis ${axis} of ${formatShape(shape)}`,
      'one, or one for each index of the axis',
    );
  }
  const wrongScale = outside(scale, Number.MIN_VALUE, Number.MAX_VALUE);
  if (wrongScale !== undefined) refuse(`scale ${wrongScale}`, 'a positive finite number');
  if (zeroPoint.length !== 0 && zeroPoint.length !== scale.length) {
    refuse(`${zeroPoint.length} zero points`, `one for each of ${scale.length} scales`);
  }
  const [low, high] = range;
  const wrongZeroPoint = outside(zeroPoint, low, high);
  if (wrongZeroPoint !== undefined) {
    refuse(`zero point ${wrongZeroPoint}`, `one from ${low} to ${high}`);
  }
  return {
    scale,
    zeroPoint: zeroPoint.length === 0 ? new Int32Array(scale.length) : new Int32Array(zeroPoint),
    axis: scale.length === 1 ? 0 : axis,
  };
}

/** The first number that is none or not between the two. */
function outside(numbers: Float32Array | Float64Array, low: number, high: number) {
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!(number >= low && number <= high)) return number;
  }
  return undefined;
}

/** The parameters of an input or a computed map, which has one scale. */
export function mapQuantizationOf(tensor: FileTensor): Quantization | undefined {
  const quantization = quantizationOf(tensor);
  if (quantization === undefined || quantization.scale.length === 1) return quantization;
  throw new ModelError({
    where: `tensor ${tensor.id}`,
    got: `${quantization.scale.length} scales`,
    expected: 'one, since it is no constant',
    advice: 'quantize activations per tensor',
  });
}

/** What the constants that are written anew may take together. */
export class CopyBudget {
  #left: number;

  constructor(fileBytes: number) {
    this.#left = limits.copiedBytes(fileBytes);
  }

  spend(bytes: number, where: string): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new ModelError({
      where,
      got: 'constants that share their bytes many times over',
      expected: 'a file whose constants are of about its own size',
      advice: 'the file is broken, or made to do harm',
    });
  }
}

export interface ConstantData {
  readonly dtype: DType;
  readonly data: TypedArray;
  readonly storedBits?: number;
}

/** The elements of a constant: a view of the file where type and alignment allow it. */
export function dataOf(tensor: FileTensor, budget: CopyBudget): ConstantData {
  const where = `tensor ${tensor.id}`;
  checkShape(tensor.shape, where);
  const count = elementCount(tensor.shape);
  const type = typeName(tensor);
  const isNarrow = (type === 'FLOAT16' || type === 'INT4') && !tensor.isSparse;
  const dtype = isNarrow ? (type === 'INT4' ? 'int8' : 'float32') : dtypeOf(tensor);
  const bits = type === 'FLOAT16' ? 16 : type === 'INT4' ? 4 : 8 * bytesPerElement[dtype];
  const bytes = Math.ceil((count * bits) / 8);
  if (tensor.data.length !== bytes) {
    throw new ModelError({
      where,
      got: `${tensor.data.length} bytes of data`,
      expected: `${bytes}, as shape ${formatShape(tensor.shape)} and type ${type} say`,
      advice: 'the file is broken; fetch or export it again',
    });
  }
  const aligned = tensor.data.byteOffset % bytesPerElement[dtype] === 0;
  if (!aligned || isNarrow) budget.spend(count * bytesPerElement[dtype], where);
  if (type === 'FLOAT16') return { dtype, data: widenHalves(tensor.data), storedBits: 16 };
  if (type === 'INT4') return { dtype, data: widenNibbles(tensor.data, count), storedBits: 4 };
  const source = aligned ? tensor.data : tensor.data.slice();
  return { dtype, data: viewOf(dtype, source.buffer, source.byteOffset, count) };
}

/** IEEE half precision, little-endian, to single precision. */
function widenHalves(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 2 }, (_, i) => {
    const half = view.getUint16(2 * i, true);
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    if (exponent === 0) return sign * fraction * 2 ** -24;
    return sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** Two's complement in four bits, the low half of a byte first. */
function widenNibbles(bytes: Uint8Array, count: number): Int8Array {
  return Int8Array.from({ length: count }, (_, i) => {
    const nibble = (bytes[i >> 1]! >> (4 * (i & 1))) & 15;
    return (nibble << 28) >> 28;
  });
}

/** The real numbers that a quantized constant stands for, f32(f32(q − zeroPoint) * scale). */
export function dequantized(tensor: Constant, quantization: Quantization): Float32Array {
  const { scale, zeroPoint, axis } = quantization;
  const inner = elementCount(tensor.shape.slice(axis + 1));
  const { data } = tensor;
  return Float32Array.from({ length: data.length }, (_, i) => {
    const index = scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length;
    return (Number(data[i]!) - zeroPoint[index]!) * scale[index]!;
  });
}

interface Meaning {
  readonly dtype: DType;
  readonly quantization?: Quantization | undefined;
}

/** Whether two tensors give the same numbers the same meaning. */
export function sameMeaning(a: Meaning, b: Meaning): boolean {
  const [p, q] = [a.quantization, b.quantization];
  if (a.dtype !== b.dtype) return false;
  if (p === undefined || q === undefined) return p === q;
  const sameScales = p.scale.length === q.scale.length && p.scale.every((s, i) => s === q.scale[i]);
  return sameScales && p.zeroPoint.every((z, i) => z === q.zeroPoint[i]);
}
