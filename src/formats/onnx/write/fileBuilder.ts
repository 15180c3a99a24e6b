import { create, toBinary } from '@bufbuild/protobuf';
import type { Shape } from '../../../graph/shape.ts';
import { type ElementType, elementOf } from '../elements.ts';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../onnx_pb.generated.ts';

/** Numbers are integers: a float attribute says so. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: Shape;
}

/** The first IR version that knows an operator set. */
const irVersions: readonly (readonly [opset: number, ir: number])[] = [
  [25, 13],
  [24, 12],
  [23, 11],
  [21, 10],
  [19, 9],
  [0, 8],
];

/** Collects the nodes and constants of a file. */
export class FileBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #constants: TensorProto[] = [];
  readonly #names = new Set<string>();
  readonly #nodeNames = new Set<string>();

  constructor(readonly opset: number) {}

  /** A name for a tensor that is free: the one asked for, or it with a number. */
  name(wanted: string): string {
    return free(shortened(wanted), this.#names);
  }

  /** The name of an input or output, as it is. */
  port(name: string): string {
    return free(name, this.#names);
  }

  /** Adds a node; an empty input is one that is left out. */
  node(
    op: string,
    name: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue | undefined>> = {},
  ): void {
    const attribute = Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [attributeOf(key, value)],
    );
    const fields = {
      opType: op,
      name: free(shortened(name), this.#nodeNames),
      input: [...inputs],
      output: [...outputs],
      attribute,
    };
    this.#nodes.push(create(NodeProtoSchema, fields));
  }

  /** Adds a constant and returns its name; `bytes` are little-endian, narrow elements packed. */
  constant(wanted: string, type: ElementType, shape: Shape, bytes: Uint8Array): string {
    const name = this.name(wanted);
    const dims = shape.map(BigInt);
    const dataType = elementOf(type).code;
    this.#constants.push(create(TensorProtoSchema, { name, dims, dataType, rawData: bytes }));
    return name;
  }

  integers(wanted: string, numbers: readonly number[]): string {
    const data = BigInt64Array.from(numbers, BigInt);
    return this.constant(wanted, 'int64', [numbers.length], new Uint8Array(data.buffer));
  }

  floats(wanted: string, numbers: ArrayLike<number>, shape: Shape = [numbers.length]): string {
    const data = Float32Array.from(numbers);
    return this.constant(wanted, 'float32', shape, new Uint8Array(data.buffer));
  }

  finish(
    name: string,
    inputs: readonly Port[],
    outputs: readonly Port[],
    metadata: Readonly<Record<string, string>>,
  ): Uint8Array {
    const graph: GraphProto = create(GraphProtoSchema, {
      name,
      node: this.#nodes,
      initializer: this.#constants,
      input: inputs.map(valueInfo),
      output: outputs.map(valueInfo),
    });
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersions.find(([opset]) => this.opset >= opset)![1]),
      producerName: 'microjoule',
      graph,
      opsetImport: [{ domain: '', version: BigInt(this.opset) }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }
}

/** TensorFlow's names are lists of all that was fused: longer than small layers' weights. */
function shortened(name: string): string {
  return name.length > 64 ? `…${name.slice(-63)}` : name;
}

function free(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}#${i}`;
  taken.add(name);
  return name;
}

/** AttributeProto.AttributeType */
const types = { float: 1, int: 2, string: 3, ints: 7 } as const;

function attributeOf(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'number') {
    return create(AttributeProtoSchema, { name, type: types.int, i: BigInt(value) });
  }
  if (typeof value === 'string') {
    const s = new TextEncoder().encode(value);
    return create(AttributeProtoSchema, { name, type: types.string, s });
  }
  if ('float' in value) {
    return create(AttributeProtoSchema, { name, type: types.float, f: value.float });
  }
  return create(AttributeProtoSchema, { name, type: types.ints, ints: value.map(BigInt) });
}

function valueInfo({ name, type, shape }: Port) {
  const dim = shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } }));
  const tensorType = { elemType: elementOf(type).code, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { tensorType } });
}
