import { Builder } from 'flatbuffers';
import {
  BufferField,
  builtinOperators,
  MetadataField,
  ModelField,
  OperatorCodeField,
  OperatorField,
  OptionsType,
  QuantizationField,
  SubGraphField,
  TensorField,
  tensorTypes,
} from '../../../src/formats/tflite/schema.ts';
import type { TypedArray } from '../../../src/graph/tensor.ts';

/** A small TFLite file for a test, in words. */
export interface ModelSpec {
  readonly tensors: readonly TensorSpec[];
  readonly operators: readonly OperatorSpec[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly version?: number;
  readonly metadata?: Readonly<Record<string, Uint8Array>>;
}

export interface TensorSpec {
  readonly name?: string;
  readonly type?: (typeof tensorTypes)[number];
  readonly shape: readonly number[];
  readonly signature?: readonly number[];
  readonly data?: TypedArray | Uint16Array;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly isVariable?: boolean;
}

export interface OperatorSpec {
  readonly kind: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: OptionsSpec;
}

/** An options' table: its fields by slot. */
export interface OptionsSpec {
  readonly type: keyof typeof OptionsType;
  readonly fields: readonly FieldSpec[];
}
type FieldSpec =
  | readonly [slot: number, type: 'int8' | 'int32' | 'float32', value: number]
  | readonly [slot: number, type: 'int32s', value: readonly number[]];

export function writeModel(spec: ModelSpec): Uint8Array {
  const b = new Builder(1024);
  const buffers: (Uint8Array | undefined)[] = [undefined];
  const kept = new Map<object, number>();
  /** Tensors that share an array share a buffer. */
  const keep = (data: TypedArray | Uint16Array | undefined): number => {
    if (data === undefined) return 0;
    const index = kept.get(data) ?? buffers.length;
    buffers[index] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    kept.set(data, index);
    return index;
  };
  const tensors = spec.tensors.map((tensor) => writeTensor(b, tensor, keep(tensor.data)));
  const kinds = [...new Set(spec.operators.map(({ kind }) => kind))];
  const operators = spec.operators.map((operator) => writeOperator(b, operator, kinds));
  const codes = kinds.map((kind) => writeCode(b, kind));
  const metadata = Object.entries(spec.metadata ?? {}).map(([name, data]) => {
    const text = b.createString(name);
    const index = keep(data);
    b.startObject(2);
    b.addFieldOffset(MetadataField.name, text, 0);
    b.addFieldInt32(MetadataField.buffer, index, 0);
    return b.endObject();
  });
  const bytes = buffers.map((data) => {
    if (data === undefined) {
      b.startObject(1);
      return b.endObject();
    }
    b.startVector(1, data.length, 16);
    for (let i = data.length - 1; i >= 0; i--) b.addInt8(data[i]!);
    const vector = b.endVector();
    b.startObject(1);
    b.addFieldOffset(BufferField.data, vector, 0);
    return b.endObject();
  });
  const lists = {
    tensors: offsets(b, tensors),
    inputs: int32s(b, spec.inputs),
    outputs: int32s(b, spec.outputs),
    operators: offsets(b, operators),
    name: b.createString('test'),
  };
  b.startObject(5);
  for (const [field, vector] of Object.entries(lists)) {
    b.addFieldOffset(SubGraphField[field as keyof typeof lists], vector, 0);
  }
  const subgraph = b.endObject();
  const vectors = {
    operatorCodes: offsets(b, codes),
    subgraphs: offsets(b, [subgraph]),
    buffers: offsets(b, bytes),
    metadata: offsets(b, metadata),
  };
  b.startObject(7);
  b.addFieldInt32(ModelField.version, spec.version ?? 3, 0);
  for (const [field, vector] of Object.entries(vectors)) {
    b.addFieldOffset(ModelField[field as keyof typeof vectors], vector, 0);
  }
  b.finish(b.endObject(), 'TFL3');
  // A copy, so that the constants' alignment is that of the file.
  return b.asUint8Array().slice();
}

function int32s(b: Builder, list: readonly number[]): number {
  b.startVector(4, list.length, 4);
  for (const value of list.toReversed()) b.addInt32(value);
  return b.endVector();
}

function offsets(b: Builder, list: readonly number[]): number {
  b.startVector(4, list.length, 4);
  for (const value of list.toReversed()) b.addOffset(value);
  return b.endVector();
}

function writeTensor(b: Builder, tensor: TensorSpec, buffer: number): number {
  const name = b.createString(tensor.name ?? '');
  const shape = int32s(b, tensor.shape);
  const signature = tensor.signature && int32s(b, tensor.signature);
  const quantization = tensor.scale && writeQuantization(b, tensor);
  b.startObject(8);
  b.addFieldOffset(TensorField.shape, shape, 0);
  b.addFieldInt8(TensorField.type, tensorTypes.indexOf(tensor.type ?? 'FLOAT32'), 0);
  b.addFieldInt32(TensorField.buffer, buffer, 0);
  b.addFieldOffset(TensorField.name, name, 0);
  b.addFieldOffset(TensorField.quantization, quantization ?? 0, 0);
  b.addFieldInt8(TensorField.isVariable, tensor.isVariable ? 1 : 0, 0);
  b.addFieldOffset(TensorField.shapeSignature, signature ?? 0, 0);
  return b.endObject();
}

function writeQuantization(b: Builder, { scale = [], zeroPoint = [0], axis = 0 }: TensorSpec) {
  b.startVector(4, scale.length, 4);
  for (const value of scale.toReversed()) b.addFloat32(value);
  const scales = b.endVector();
  b.startVector(8, zeroPoint.length, 8);
  for (const value of zeroPoint.toReversed()) b.addInt64(BigInt(value));
  const zeroPoints = b.endVector();
  b.startObject(7);
  b.addFieldOffset(QuantizationField.scale, scales, 0);
  b.addFieldOffset(QuantizationField.zeroPoint, zeroPoints, 0);
  b.addFieldInt32(QuantizationField.quantizedDimension, axis, 0);
  return b.endObject();
}

function writeOperator(b: Builder, operator: OperatorSpec, kinds: readonly string[]): number {
  const inputs = int32s(b, operator.inputs);
  const outputs = int32s(b, operator.outputs);
  const options = operator.options && writeOptions(b, operator.options);
  b.startObject(5);
  b.addFieldInt32(OperatorField.opcodeIndex, kinds.indexOf(operator.kind), 0);
  b.addFieldOffset(OperatorField.inputs, inputs, 0);
  b.addFieldOffset(OperatorField.outputs, outputs, 0);
  if (operator.options !== undefined) {
    b.addFieldInt8(OperatorField.optionsType, OptionsType[operator.options.type], 0);
    b.addFieldOffset(OperatorField.options, options ?? 0, 0);
  }
  return b.endObject();
}

function writeOptions(b: Builder, { fields }: OptionsSpec): number {
  const lists = fields.map(([, type, value]) => (type === 'int32s' ? int32s(b, value) : 0));
  b.startObject(8);
  fields.forEach(([slot, type, value], i) => {
    if (type === 'int8') b.addFieldInt8(slot, value, 0);
    else if (type === 'int32') b.addFieldInt32(slot, value, 0);
    else if (type === 'float32') b.addFieldFloat32(slot, value, 0);
    else b.addFieldOffset(slot, lists[i]!, 0);
  });
  return b.endObject();
}

function writeCode(b: Builder, kind: string): number {
  const custom = kind.startsWith('CUSTOM ') ? b.createString(kind.slice('CUSTOM '.length)) : 0;
  const builtin =
    custom === 0 ? builtinOperators.indexOf(kind) : builtinOperators.indexOf('CUSTOM');
  b.startObject(4);
  // As converters do it: numbers beyond 127 do not fit the old field, which says so with 127.
  b.addFieldInt8(OperatorCodeField.deprecatedBuiltinCode, Math.min(builtin, 127), 0);
  b.addFieldOffset(OperatorCodeField.customCode, custom, 0);
  b.addFieldInt32(OperatorCodeField.builtinCode, builtin, 0);
  return b.endObject();
}
