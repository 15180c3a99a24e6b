import { type Graph, GraphIndex } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import { isConstant, type Tensor } from '../graph/tensor.ts';
import { integerFormOf } from '../passes/fuseQdq.ts';

/** Nodes with weights. */
export type Layer = Extract<Node, { readonly op: 'Conv' | 'ConvTranspose' | 'FullyConnected' }>;

export function isLayer(node: Node): node is Layer {
  return node.op === 'Conv' || node.op === 'ConvTranspose' || node.op === 'FullyConnected';
}

/** True for nodes that have an integer form between 8-bit maps. */
function computesInIntegers(node: Node): boolean {
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose':
    case 'FullyConnected':
      return (
        isConstant(node.inputs[1]) && (node.inputs[2] === undefined || isConstant(node.inputs[2]))
      );
    case 'Add':
    case 'Mul':
      // A vector of constants would lose too much in 8 bits of one scale.
      return node.inputs.every((input) => !isConstant(input) || input.data.length === 1);
    case 'Resize':
      return node.attributes.mode === 'nearest';
    // It sinks below the Quantize behind it.
    case 'Transpose':
      return false;
    default:
      return integerFormOf(node) !== undefined;
  }
}

/** True for nodes that give the numbers of their input, or some of them. */
export function isMove(node: Node): boolean {
  return integerFormOf(node) === 'move' && node.op !== 'Concat';
}

/**
 * The real maps that become 8-bit ones: what a node that computes in integers reads. Behind the last
 * layers numbers stay real, so that no two scores become one.
 */
export function mapsOf(graph: Graph): Tensor[] {
  const index = new GraphIndex(graph);
  /** Tensors that a layer depends on. */
  const leading = new Set<Tensor>();
  for (const node of [...graph.nodes].reverse()) {
    if (!isLayer(node) && !node.outputs.some((output) => leading.has(output))) continue;
    for (const input of inputsOf(node)) leading.add(input);
  }
  const leads = (node: Node): boolean =>
    isLayer(node) || node.outputs.some((output) => leading.has(output));
  const tensors = [...graph.inputs, ...graph.nodes.flatMap(({ outputs }) => outputs)];
  return tensors.filter((tensor) => {
    if (tensor.dtype !== 'float32' || isConstant(tensor)) return false;
    return index.readersOf(tensor).some((node) => computesInIntegers(node) && leads(node));
  });
}
