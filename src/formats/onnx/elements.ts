import { bytesPerElement, type DType } from '../../graph/tensor.ts';

/** Element types of ONNX that the importer reads; the numbers are TensorProto.DataType's. */
interface Element {
  readonly name: string;
  readonly code: number;
  /** What holds an element inside. */
  readonly dtype: DType;
  /** Bits an element takes in the file. */
  readonly bits: number;
  /** Bounds of integers. */
  readonly min: number;
  readonly max: number;
}

const none = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
const signed = (bits: number) => ({ bits, min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });
const unsigned = (bits: number) => ({ bits, min: 0, max: 2 ** bits - 1 });

const elements = [
  { name: 'float32', code: 1, dtype: 'float32', bits: 32, ...none },
  { name: 'uint8', code: 2, dtype: 'uint8', ...unsigned(8) },
  { name: 'int8', code: 3, dtype: 'int8', ...signed(8) },
  { name: 'uint16', code: 4, dtype: 'int32', ...unsigned(16) },
  { name: 'int16', code: 5, dtype: 'int32', ...signed(16) },
  { name: 'int32', code: 6, dtype: 'int32', ...signed(32) },
  { name: 'int64', code: 7, dtype: 'int64', ...signed(64) },
  { name: 'bool', code: 9, dtype: 'bool', ...unsigned(8) },
  { name: 'float16', code: 10, dtype: 'float32', bits: 16, ...none },
  { name: 'float64', code: 11, dtype: 'float32', bits: 64, ...none },
  { name: 'uint32', code: 12, dtype: 'int32', ...unsigned(32) },
  { name: 'bfloat16', code: 16, dtype: 'float32', bits: 16, ...none },
  { name: 'uint4', code: 21, dtype: 'uint8', ...unsigned(4) },
  { name: 'int4', code: 22, dtype: 'int8', ...signed(4) },
  { name: 'uint2', code: 25, dtype: 'uint8', ...unsigned(2) },
  { name: 'int2', code: 26, dtype: 'int8', ...signed(2) },
] as const satisfies readonly Element[];

export type ElementType = (typeof elements)[number]['name'];

const byName = new Map<string, Element>(elements.map((element) => [element.name, element]));
const byCode = new Map<number, ElementType>(elements.map(({ code, name }) => [code, name]));

/** The names of the types that the importer does not read, for messages. */
const others: Readonly<Record<number, string>> = {
  0: 'undefined',
  8: 'string',
  13: 'uint64',
  14: 'complex64',
  15: 'complex128',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  23: 'float4e2m1',
  24: 'float8e8m0',
};

export function elementOf(type: ElementType): Element {
  return byName.get(type) as Element;
}

export function elementType(code: number): ElementType | undefined {
  return byCode.get(code);
}

export function elementName(code: number): string {
  return byCode.get(code) ?? others[code] ?? `number ${code}`;
}

export function isFloat(type: ElementType): boolean {
  return elementOf(type).dtype === 'float32';
}

/** Bits of an element in the file, only where it takes less room than as `dtype` inside. */
export function narrowBits(type: ElementType, dtype = elementOf(type).dtype): number | undefined {
  const { bits } = elementOf(type);
  return bits < 8 * bytesPerElement[dtype] ? bits : undefined;
}

let float16Table: Float32Array | undefined;

/** Every float16 as a float32, by its bits. */
export function float16Values(): Float32Array {
  float16Table ??= Float32Array.from({ length: 65536 }, (_, bits) => fromFloat16(bits));
  return float16Table;
}

function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The float16 nearest to x, ties to even, as a number. */
export function roundToFloat16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const magnitude = Math.abs(x);
  if (magnitude >= 65520) return Math.sign(x) * Number.POSITIVE_INFINITY;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
  const quantum = 2 ** (exponent - 10);
  return roundHalfToEven(x / quantum) * quantum;
}

/** The bfloat16 nearest to x, ties to even, as a number. */
export function roundToBfloat16(x: number): number {
  if (!Number.isFinite(x)) return x;
  const word = new Uint32Array(Float32Array.of(x).buffer);
  const bits = word[0]!;
  word[0] = (bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff0000;
  return new Float32Array(word.buffer)[0]!;
}

export function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
