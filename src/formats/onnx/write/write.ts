import { ModelError } from '../../../errors.ts';
import type { Graph, Metadata } from '../../../graph/graph.ts';
import type { Node } from '../../../graph/node.ts';
import { type Constant, isConstant, isQuantized, type Tensor } from '../../../graph/tensor.ts';
import { Constants, codesOf, type TernaryStorage } from './constants.ts';
import { FileBuilder } from './fileBuilder.ts';
import { isPermutation, Maps, toFile } from './maps.ts';
import { NodeWriter } from './nodeWriter.ts';
import { needsOpset19, writeNode } from './operators.ts';
import { narrowType } from './packing.ts';

export interface WriteOptions {
  /**
   * 'int2' (the default) takes 2 bits for each ternary weight, and opset 25; 'int8' is for engines
   * that do not read it.
   */
  readonly ternary?: TernaryStorage | undefined;
}

/**
 * The bytes of an ONNX file of a graph, whose 8-bit maps stand between QuantizeLinear and
 * DequantizeLinear. Read again it computes the same bytes.
 * @throws ModelError where the graph has something that the file format, or its rounding, lacks
 */
export function writeOnnx(graph: Graph, { ternary = 'int2' }: WriteOptions = {}): Uint8Array {
  checkRounding(graph);
  const file = new FileBuilder(opsetOf(graph, ternary));
  const maps = new Maps(
    file,
    graph.outputs.filter((output) => !graph.inputs.includes(output)),
  );
  for (const node of graph.nodes) {
    const isTurn = node.op === 'Transpose' && isPermutation(node.attributes.permutation, toFile);
    if (isTurn) maps.want(node.inputs[0], node.outputs[0]!);
  }
  for (const input of graph.inputs) maps.give(input, 'plain', file.port(input.id));
  const w = new NodeWriter(file, maps, new Constants(file, ternary));
  for (const node of graph.nodes) writeNode(w, node);
  for (const output of graph.outputs) {
    const name = w.raw(output, 'plain');
    if (name !== output.id) file.node('Identity', output.id, [name], [output.id]);
  }
  const port = ({ id, dtype, shape }: Tensor) => ({ name: id, type: dtype, shape });
  const { inputs, outputs, metadata } = graph;
  return file.finish(graph.name, inputs.map(port), outputs.map(port), metadataOf(metadata));
}

function checkRounding({ name, rounding, nodes }: Graph): void {
  if (rounding === 'onnxruntime') return;
  const bytes = nodes.flatMap(({ outputs }) => outputs).find(isQuantized);
  if (bytes === undefined) return;
  throw new ModelError({
    where: name,
    got: `8-bit map ${bytes.id}, which is rounded as TensorFlow Lite does`,
    expected: 'a graph of real maps, or one that was read from ONNX',
    advice: 'an ONNX file of it would give other bytes: keep the TFLite file',
  });
}

function opsetOf(graph: Graph, ternary: TernaryStorage): number {
  if (ternary === 'int2' && graph.nodes.some(hasNarrowConstant)) return 25;
  return graph.nodes.some(needsOpset19) ? 19 : 17;
}

/** True where a constant is written in 2 bits. */
function hasNarrowConstant(node: Node): boolean {
  const inputs = node.inputs as readonly (Tensor | undefined)[];
  const constants = inputs.filter((t): t is Constant => t !== undefined && isConstant(t));
  if (constants.some((c) => isQuantized(c) && narrowType(c) !== undefined)) return true;
  if (node.op !== 'Conv' && node.op !== 'FullyConnected') return false;
  return constants.some((c) => c === node.inputs[1] && codesOf(c) !== undefined);
}

function metadataOf({ input, labels }: Metadata): Record<string, string> {
  return {
    ...(input === undefined ? {} : { 'microjoule.input': JSON.stringify(input) }),
    ...(labels === undefined ? {} : { 'microjoule.labels': JSON.stringify(labels) }),
  };
}
