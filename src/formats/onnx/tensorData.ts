import { elementCount, formatShape } from '../../graph/shape.ts';
import { allocate, type TypedArray } from '../../graph/tensor.ts';
import {
  type ElementType,
  elementName,
  elementOf,
  elementType,
  float16Values,
} from './elements.ts';
import { fail } from './fault.ts';
import type { TensorProto } from './onnx_pb.generated.ts';
import { ConstantValue } from './value.ts';

/**
 * A tensor of the file as a typed array.
 * @throws ModelError where type, shape and data do not fit each other
 */
export function decodeTensor(proto: TensorProto, name: string): ConstantValue {
  const where = `tensor ${JSON.stringify(name)}`;
  if (proto.dataLocation !== 0 || proto.externalData.length > 0) {
    fail(
      where,
      'data in another file',
      'data within the model file',
      'save the model with its weights inside: onnx.save(model, path, save_as_external_data=False)',
    );
  }
  const type = elementType(proto.dataType);
  if (type === undefined) {
    return fail(
      where,
      `elements of type ${elementName(proto.dataType)}`,
      'numbers of 2 to 64 bits',
      'export the model with float32, float16 or integer tensors',
    );
  }
  const shape = proto.dims.map((dim) => {
    const size = Number(dim);
    if (size >= 0 && size < 2 ** 31) return size;
    return fail(where, `dimension ${dim}`, 'one between 0 and 2^31');
  });
  const count = elementCount(shape);
  const bytes = Math.ceil((count * elementOf(type).bits) / 8);
  if (proto.rawData.length > 0) {
    if (proto.rawData.length !== bytes) {
      fail(where, `${proto.rawData.length} bytes`, `${bytes} for ${type}${formatShape(shape)}`);
    }
    return new ConstantValue(name, type, shape, fromBytes(proto.rawData, type, count));
  }
  const { list, expected } = listOf(proto, type, count);
  if (list.length !== expected) {
    fail(where, `${list.length} numbers`, `${expected} for ${type}${formatShape(shape)}`);
  }
  return new ConstantValue(name, type, shape, fromList(list, type, count, where));
}

/** Little-endian bytes as elements; below 8 bits the first element stands in the lowest bits. */
function fromBytes(bytes: Uint8Array, type: ElementType, count: number): TypedArray {
  // A copy begins at address 0 of its own buffer, as wide elements need.
  const buffer = (): ArrayBuffer => new Uint8Array(bytes).buffer;
  switch (type) {
    case 'float32':
      return new Float32Array(buffer());
    case 'uint8':
      return new Uint8Array(bytes);
    case 'int8':
      return new Int8Array(buffer());
    case 'int16':
      return Int32Array.from(new Int16Array(buffer()));
    case 'uint16':
      return Int32Array.from(new Uint16Array(buffer()));
    case 'int32':
    case 'uint32':
      return new Int32Array(buffer());
    case 'int64':
      return new BigInt64Array(buffer());
    case 'bool':
      return Uint8Array.from(bytes, (byte) => (byte === 0 ? 0 : 1));
    case 'float64':
      return Float32Array.from(new Float64Array(buffer()));
    case 'float16':
      return fromFloat16(new Uint16Array(buffer()));
    case 'bfloat16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer()), (b) => b << 16).buffer);
    case 'int4':
    case 'uint4':
    case 'int2':
    case 'uint2':
      return unpack(bytes, type, count);
  }
}

function fromFloat16(bits: ArrayLike<number>): Float32Array {
  const values = float16Values();
  const data = new Float32Array(bits.length);
  for (let i = 0; i < data.length; i++) data[i] = values[bits[i]! & 0xffff]!;
  return data;
}

function unpack(bytes: ArrayLike<number>, type: ElementType, count: number): TypedArray {
  const { bits, min, dtype } = elementOf(type);
  const data = allocate(dtype, count) as Int8Array | Uint8Array;
  const perByte = 8 / bits;
  const sign = min < 0 ? 2 ** (bits - 1) : 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes[Math.floor(i / perByte)]!;
    const raw = (byte >> ((i % perByte) * bits)) & (2 ** bits - 1);
    data[i] = (raw ^ sign) - sign;
  }
  return data;
}

/** The list field in which the format keeps this type, and how many numbers it has to hold. */
function listOf(
  proto: TensorProto,
  type: ElementType,
  count: number,
): { list: readonly (number | bigint)[]; expected: number } {
  if (type === 'float32') return { list: proto.floatData, expected: count };
  if (type === 'float64') return { list: proto.doubleData, expected: count };
  if (type === 'int64') return { list: proto.int64Data, expected: count };
  if (type === 'uint32') return { list: proto.uint64Data, expected: count };
  const { bits } = elementOf(type);
  return { list: proto.int32Data, expected: bits < 8 ? Math.ceil((count * bits) / 8) : count };
}

function fromList(
  list: readonly (number | bigint)[],
  type: ElementType,
  count: number,
  where: string,
): TypedArray {
  const numbers = list as readonly number[];
  if (type === 'int64') return BigInt64Array.from(list as readonly bigint[]);
  if (type === 'float16') return fromFloat16(numbers);
  if (type === 'bfloat16') {
    return new Float32Array(Uint32Array.from(numbers, (bits) => bits << 16).buffer);
  }
  const { bits, min, max, dtype } = elementOf(type);
  if (bits < 8) return unpack(numbers, type, count);
  const data = allocate(dtype, count) as Int32Array;
  for (let i = 0; i < count; i++) {
    const number = Number(list[i]);
    if (number < min || number > max) fail(where, `${number}`, `${type} numbers`);
    data[i] = type === 'bool' ? Number(number !== 0) : number;
  }
  return data;
}
