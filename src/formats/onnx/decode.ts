import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type Fault, ModelError } from '../../errors.ts';
import { limits } from '../limits.ts';
import { Attributes } from './attributes.ts';
import { type ElementType, elementName, elementType } from './elements.ts';
import { brokenFile, fail } from './fault.ts';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  ValueInfoProtoSchema,
} from './onnx_pb.generated.ts';
import { survey } from './survey.ts';
import { decodeTensor } from './tensorData.ts';
import type { ConstantValue } from './value.ts';

export interface OnnxNode {
  /** The file's name of the node, or its operator and number. */
  readonly name: string;
  readonly op: string;
  /** '' is ONNX's own. */
  readonly domain: string;
  /** An empty name is an input that was left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** An input or output of the graph; −1 stands for an open dimension. */
export interface OnnxTensorInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[] | undefined;
}

export interface OnnxModel {
  readonly name: string;
  /** Versions of the operator sets by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, ConstantValue>;
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws ModelError on bytes that are no ONNX model, and on tensors that contradict themselves */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  const model = parse(bytes);
  const { graph } = model;
  if (graph === undefined) {
    return fail(
      'the model',
      'no graph',
      'an ONNX model with a graph',
      'check that it is the file you mean',
    );
  }
  if (graph.sparseInitializer.length > 0) {
    fail(
      'the model',
      'sparse initializers',
      'dense ones',
      'convert the weights to dense tensors, then export the model again',
    );
  }
  checkCounts(graph);
  const initializers = new Map<string, ConstantValue>();
  for (const proto of graph.initializer) {
    if (initializers.has(proto.name)) {
      fail(`tensor ${JSON.stringify(proto.name)}`, 'two initializers of this name', 'one');
    }
    initializers.set(proto.name, decodeTensor(proto, proto.name));
  }
  return {
    name: graph.name,
    opsets: opsetsOf(model),
    nodes: graph.node.map((node, i) => {
      const domain = domainOf(node.domain);
      const name = node.name === '' ? `${node.opType} #${i}` : node.name;
      return {
        name,
        op: node.opType,
        domain,
        inputs: node.input,
        outputs: node.output,
        attributes: new Attributes(name, node.attribute),
      };
    }),
    initializers,
    inputs: graph.input.map((info) => tensorInfo(info, 'input')),
    outputs: graph.output.map((info) => tensorInfo(info, 'output')),
    metadata: new Map(model.metadataProps.map(({ key, value }) => [key, value])),
  };
}

const graphField = 7;
const valueInfoField = 13;

/**
 * What the file states of tensors between its nodes. Only counting asks for it: decoding leaves it
 * out.
 */
export function statedInfo(bytes: Uint8Array): Map<string, OnnxTensorInfo> {
  const stated = new Map<string, OnnxTensorInfo>();
  for (const graph of fieldsOf(bytes, graphField)) {
    for (const entry of fieldsOf(graph, valueInfoField)) {
      try {
        const info = tensorInfo(fromBinary(ValueInfoProtoSchema, entry), 'tensor');
        stated.set(info.name, info);
      } catch {
        // A tensor of a type that we do not have, or a broken entry: as if nothing were stated.
      }
    }
  }
  return stated;
}

/** The bytes of all fields of that number. */
function* fieldsOf(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number === wanted && wireType === WireType.LengthDelimited) yield reader.bytes();
    else reader.skip(wireType, number);
  }
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    survey(ModelProtoSchema, bytes);
    return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    return fail('the model', `bytes that are no protobuf (${cause})`, 'an ONNX model', brokenFile);
  }
}

function checkCounts(graph: GraphProto): void {
  const { nodes, operands, tensors } = limits;
  const faults: Fault[] = [];
  const check = (where: string, count: number, limit: number, what: string): void => {
    if (count <= limit) return;
    const advice = 'split the model, or open an issue';
    faults.push({ where, got: `${count} ${what}`, expected: `at most ${limit}`, advice });
  };
  check('the model', graph.node.length, nodes, 'nodes');
  check('the model', graph.initializer.length, tensors, 'initializers');
  check('the model', graph.input.length, tensors, 'inputs');
  check('the model', graph.output.length, tensors, 'outputs');
  for (const node of graph.node) {
    check(node.name, node.input.length, operands, 'inputs');
    check(node.name, node.output.length, operands, 'outputs');
    check(node.name, node.attribute.length, operands, 'attributes');
  }
  if (faults.length > 0) throw new ModelError(faults);
}

function opsetsOf(model: ModelProto): Map<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of model.opsetImport) {
    const name = domainOf(domain);
    if (opsets.has(name)) {
      fail('the model', `two versions of opset ${JSON.stringify(domain)}`, 'one for each domain');
    }
    opsets.set(name, Number(version));
  }
  return opsets;
}

/** ONNX's own domain has two names. */
function domainOf(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function tensorInfo(info: GraphProto['input'][number], what: string): OnnxTensorInfo {
  const where = `${what} ${JSON.stringify(info.name)}`;
  const tensor = info.type?.tensorType;
  if (tensor === undefined) {
    return fail(
      where,
      'no tensor type',
      'a tensor',
      'sequences, maps and optionals have no place here',
    );
  }
  const type = elementType(tensor.elemType);
  if (type === undefined) {
    return fail(
      where,
      `elements of type ${elementName(tensor.elemType)}`,
      'numbers of 2 to 64 bits',
      'export the model with float32, float16 or integer tensors',
    );
  }
  const shape = tensor.shape?.dim.map(({ value }) => {
    if (value.case !== 'dimValue' || value.value === 0n || value.value === -1n) return -1;
    const size = Number(value.value);
    if (size > 0 && size < 2 ** 31) return size;
    return fail(where, `dimension ${value.value}`, 'one between 1 and 2^31, or an open one');
  });
  return { name: info.name, type, shape };
}
