import { clone, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../../src/formats/onnx/onnx_pb.generated.ts';
import type { Dice } from './dice.ts';

/**
 * Changes the meaning of an ONNX file and writes it anew: lengths agree again, so that a mutant
 * comes further than one with changed bytes.
 */
export function mutateOnnx(bytes: Uint8Array, changes: number, dice: Dice) {
  const model = fromBinary(ModelProtoSchema, bytes.slice());
  const story: string[] = [];
  for (let i = 0; i < changes; i++) {
    const { graph } = model;
    const possible = Object.keys(kinds).filter((kind) => isPossible(kind, model));
    if (graph === undefined || possible.length === 0) break;
    const kind = dice.pick(possible);
    story.push(`${kind} ${kinds[kind]!(graph, dice, model)}`);
  }
  return { bytes: toBinary(ModelProtoSchema, model), story: story.join(', ') };
}

function isPossible(kind: string, { graph, opsetImport }: ModelProto): boolean {
  if (graph === undefined) return false;
  if (kind === 'opset') return opsetImport.length > 0;
  const { node, initializer, input, output } = graph;
  if (kind === 'border') return input.length + output.length > 0;
  if (kind === 'output') return output.length > 0;
  const attributes = node.flatMap(({ attribute }) => attribute);
  if (kind === 'constant') return initializer.length > 0 || attributes.some(({ t }) => t);
  return kind.toLowerCase().endsWith('attribute') ? attributes.length > 0 : node.length > 0;
}

/** Each returns what it changed. */
const kinds: Readonly<
  Record<string, (graph: GraphProto, dice: Dice, model: ModelProto) => string>
> = {
  operator: (graph, dice) => {
    const node = dice.pick(graph.node);
    node.opType = dice.pick(dice.below(2) === 0 ? operators : graph.node.map((n) => n.opType));
    return `${node.name} to ${node.opType}`;
  },
  input: (graph, dice) => {
    const node = dice.pick(graph.node);
    const at = dice.below(node.input.length + 1);
    node.input[at] = dice.below(8) === 0 ? '' : dice.pick(tensorNames(graph));
    return `${at} of ${node.name} to ${node.input[at]}`;
  },
  swap: (graph, dice) => {
    const { name, input } = dice.pick(graph.node);
    const [a, b] = [dice.below(input.length), dice.below(input.length)];
    [input[a], input[b]] = [input[b] ?? '', input[a] ?? ''];
    return `${a} and ${b} of ${name}`;
  },
  fewer: (graph, dice) => {
    const node = dice.pick(graph.node);
    node[dice.below(4) === 0 ? 'output' : 'input'].pop();
    return node.name;
  },
  attribute: (graph, dice) => {
    const { name, attribute } = dice.pick(graph.node.filter((n) => n.attribute.length > 0));
    const changed = dice.pick(attribute);
    changeAttribute(changed, dice);
    return `${changed.name} of ${name}`;
  },
  dropAttribute: (graph, dice) => {
    const { name, attribute } = dice.pick(graph.node);
    attribute.splice(dice.below(attribute.length), 1);
    return name;
  },
  addAttribute: (graph, dice) => {
    const from = dice.pick(graph.node.flatMap((n) => n.attribute));
    const { name, attribute } = dice.pick(graph.node);
    attribute.push(clone(AttributeProtoSchema, from));
    changeAttribute(attribute.at(-1)!, dice);
    return `${from.name} to ${name}`;
  },
  constant: (graph, dice) => {
    const tensors = [
      ...graph.initializer,
      ...graph.node.flatMap((n) => n.attribute.flatMap(({ t }) => t ?? [])),
    ];
    const tensor = dice.pick(tensors);
    changeTensor(tensor, dice);
    return tensor.name;
  },
  border: (graph, dice) => {
    const info = dice.pick([...graph.input, ...graph.output]);
    changeInfo(info, graph, dice);
    return info.name;
  },
  output: (graph, dice) => {
    const from = clone(ValueInfoProtoSchema, dice.pick(graph.output));
    from.name = dice.pick(tensorNames(graph));
    graph.output.push(from);
    return from.name;
  },
  dropNode: (graph, dice) => {
    const [node] = graph.node.splice(dice.below(graph.node.length), 1);
    const to = node?.input[0];
    // Its readers read what it read.
    for (const other of graph.node) {
      other.input = other.input.map((name) => (node?.output.includes(name) ? to! : name));
    }
    return node?.name ?? 'nothing';
  },
  opset: (_, dice, model) => {
    const opset = dice.pick(model.opsetImport);
    opset.version = BigInt(dice.pick([0, 1, 6, 7, 9, 10, 12, 13, 18, 19, 21, 25, 26]));
    return `to ${opset.version}`;
  },
};

const operators = `
  Abs Add ArgMax AveragePool BatchNormalization Cast Ceil Clip Concat Constant
  ConstantOfShape Conv ConvInteger ConvTranspose DequantizeLinear Div Dropout
  DynamicQuantizeLinear Equal Exp Expand Flatten Floor Gather Gemm GlobalAveragePool
  GlobalMaxPool Greater HardSigmoid HardSwish Identity LeakyRelu Less Log LogSoftmax MatMul
  MatMulInteger Max MaxPool Min Mul Neg PRelu Pad Pow QGemm QLinearAdd QLinearAveragePool
  QLinearConcat QLinearConv QLinearGlobalAveragePool QLinearLeakyRelu QLinearMatMul
  QLinearMul QLinearSigmoid QLinearSoftmax QuantizeLinear Range Reciprocal ReduceMean Relu
  Reshape Resize Shape Sigmoid Size Slice Softmax Split Sqrt Squeeze Sub Tanh Tile Transpose
  Unsqueeze Upsample Where
`
  .trim()
  .split(/\s+/);

function tensorNames(graph: GraphProto): string[] {
  return [
    ...graph.initializer.map(({ name }) => name),
    ...graph.input.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ];
}

const integers = [-(2n ** 63n), -(2n ** 31n), -3n, -2n, -1n, 0n, 1n, 2n, 3n, 4n, 5n, 7n, 16n];
const large = [100n, 1000n, 65536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n - 1n];

function integer(dice: Dice, near: bigint): bigint {
  if (dice.below(3) === 0) return BigInt.asIntN(64, near + BigInt(dice.below(5) - 2));
  return dice.pick(dice.below(4) === 0 ? large : integers);
}

function real(dice: Dice): number {
  const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
  return dice.pick([nan, infinity, -infinity, 0, -0, 1, -1, 6, 0.5, 1e-45, 3e38, -3e38]);
}

function changeAttribute(attribute: AttributeProto, dice: Dice): void {
  if (attribute.t !== undefined) changeTensor(attribute.t, dice);
  attribute.f = real(dice);
  attribute.i = integer(dice, attribute.i);
  changeList(attribute.ints, dice);
  if (attribute.floats.length > 0)
    attribute.floats[dice.below(attribute.floats.length)] = real(dice);
  const words = ['SAME_UPPER', 'SAME_LOWER', 'VALID', 'NOTSET', 'linear', 'cubic', 'reflect'];
  if (attribute.s.length > 0) attribute.s = new TextEncoder().encode(dice.pick(words));
}

function changeList(list: bigint[], dice: Dice): void {
  if (list.length === 0) return;
  const at = dice.below(list.length);
  switch (dice.below(5)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, integer(dice, list[at]!));
      break;
    case 2:
      list.reverse();
      break;
    default:
      list[at] = integer(dice, list[at]!);
  }
}

const elementTypes = [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 16, 21, 22, 25, 26];

function changeTensor(tensor: TensorProto, dice: Dice): void {
  const { rawData } = tensor;
  switch (dice.below(6)) {
    case 0:
      changeList(tensor.dims, dice);
      break;
    case 1:
      tensor.dataType = dice.pick(elementTypes);
      break;
    case 2:
      // One element, of a shape of ones.
      tensor.rawData = rawData.slice(0, tensor.dataType === 1 || tensor.dataType === 6 ? 4 : 8);
      tensor.dims = dice.below(2) === 0 ? [] : [1n];
      break;
    default: {
      if (rawData.length < 4) return;
      const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
      const isWide = tensor.dataType === 7 && rawData.length >= 8;
      const size = isWide ? 8 : 4;
      const at = dice.below(Math.floor(rawData.length / size)) * size;
      if (isWide) view.setBigInt64(at, integer(dice, view.getBigInt64(at, true)), true);
      else if (tensor.dataType === 1) view.setFloat32(at, real(dice), true);
      else view.setInt32(at, Number(BigInt.asIntN(32, integer(dice, 0n))), true);
    }
  }
}

function changeInfo(info: ValueInfoProto, graph: GraphProto, dice: Dice): void {
  const tensor = info.type?.tensorType;
  const dims = tensor?.shape?.dim ?? [];
  switch (dice.below(4)) {
    case 0:
      info.name = dice.pick(tensorNames(graph));
      break;
    case 1:
      if (tensor !== undefined) tensor.elemType = dice.pick(elementTypes);
      break;
    default:
      if (dims.length > 0) {
        const dim = dice.pick(dims);
        const size = dim.value.case === 'dimValue' ? dim.value.value : 1n;
        dim.value = { case: 'dimValue', value: integer(dice, size) };
      }
  }
}
