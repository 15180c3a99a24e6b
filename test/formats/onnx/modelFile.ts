import { create, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../../src/formats/onnx/onnx_pb.generated.ts';
import type { TypedArray } from '../../../src/graph/tensor.ts';

/** TensorProto.DataType by name, as far as tests use it. */
export const types = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  uint4: 21,
  int4: 22,
  uint2: 25,
  int2: 26,
} as const;
type Type = keyof typeof types;

type AttributeValue = number | string | readonly number[] | { float: number } | TensorProto;

export interface NodeText {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface ModelText {
  readonly opset?: number;
  /** Domains beside ONNX's own, each of version 1. */
  readonly domains?: readonly string[];
  readonly nodes: readonly NodeText[];
  readonly inputs?: readonly ValueInfoProto[];
  readonly outputs?: readonly ValueInfoProto[];
  readonly constants?: readonly TensorProto[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** An input or output; a string is an open dimension. */
export function info(
  name: string,
  shape: readonly (number | string)[],
  type: Type = 'float32',
): ValueInfoProto {
  const dim = shape.map((size) =>
    create(TensorShapeProto_DimensionSchema, {
      value:
        typeof size === 'number'
          ? { case: 'dimValue', value: BigInt(size) }
          : { case: 'dimParam', value: size },
    }),
  );
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: types[type],
    shape: create(TensorShapeProtoSchema, { dim }),
  });
  return create(ValueInfoProtoSchema, { name, type: create(TypeProtoSchema, { tensorType }) });
}

/** A tensor with its bytes as they lie in memory. */
export function tensor(
  name: string,
  type: Type,
  shape: readonly number[],
  data: TypedArray | Uint16Array,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: types[type],
    dims: shape.map(BigInt),
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
}

export function floats(name: string, shape: readonly number[], ...data: number[]): TensorProto {
  return tensor(name, 'float32', shape, Float32Array.from(data));
}

export function integers(name: string, ...data: number[]): TensorProto {
  return tensor(name, 'int64', [data.length], BigInt64Array.from(data, BigInt));
}

function attribute(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: 3, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: 1, f: value.float });
  if ('$typeName' in value) return create(AttributeProtoSchema, { name, type: 4, t: value });
  return create(AttributeProtoSchema, { name, type: 7, ints: value.map(BigInt) });
}

export function modelBytes(model: ModelText): Uint8Array {
  const { opset = 17, domains = [], nodes, constants = [], metadata = {} } = model;
  const opsetImport = [
    { domain: '', version: opset },
    ...domains.map((domain) => ({ domain, version: 1 })),
  ];
  const graph = create(GraphProtoSchema, {
    name: 'test',
    node: nodes.map(({ op, inputs, outputs, name = '', domain = '', attributes = {} }) =>
      create(NodeProtoSchema, {
        opType: op,
        input: [...inputs],
        output: [...outputs],
        name,
        domain,
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    ),
    input: [...(model.inputs ?? [])],
    output: [...(model.outputs ?? [])],
    initializer: [...constants],
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      graph,
      opsetImport: opsetImport.map(({ domain, version }) =>
        create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
      ),
      metadataProps: Object.entries(metadata).map(([key, value]) =>
        create(StringStringEntryProtoSchema, { key, value }),
      ),
    }),
  );
}
