import { type Graph, orderNodes } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import {
  type Constant,
  isConstant,
  perTensor,
  type Quantization,
  type Tensor,
} from '../graph/tensor.ts';
import { codedWeights } from '../graph/ternary.ts';
import { f32 } from '../ops/float32.ts';
import { isLayer, type Layer } from './maps.ts';
import { int8Weights, integerBias } from './weights.ts';

/**
 * The graph with a Quantize and a Dequantize behind each map, and integer weights behind Dequantize:
 * the passes make integer operators of it.
 */
export function withIntegers(graph: Graph, maps: ReadonlyMap<Tensor, Quantization>): Graph {
  const nodes: Node[] = [];
  /** What stands for a map to those who read it. */
  const real = new Map<Tensor, Tensor>();
  for (const [map, quantization] of maps) {
    const bytes: Tensor = { id: `${map.id}/u8`, dtype: 'uint8', shape: map.shape, quantization };
    nodes.push({ op: 'Quantize', name: map.id, inputs: [map], outputs: [bytes], attributes: {} });
    real.set(map, dequantized(bytes, `${map.id}/real`, nodes));
  }
  for (const node of graph.nodes) {
    const layer = isLayer(node) ? integerLayer(node, maps, nodes) : undefined;
    const inputs = (layer ?? inputsOf(node)).map((input) => {
      return real.get(input) ?? integerOperand(node, input, maps, nodes);
    });
    nodes.push({ ...node, inputs } as unknown as Node);
  }
  const { inputs, outputs } = graph;
  // The rules of onnxruntime hold for graphs of Quantize and Dequantize, wherever they come from.
  const rules = { format: 'onnx', rounding: 'onnxruntime' } as const;
  return { ...graph, ...rules, nodes: orderNodes(nodes, inputs, outputs) };
}

function dequantized(integers: Tensor, id: string, nodes: Node[]): Tensor {
  const output: Tensor = { id, dtype: 'float32', shape: integers.shape };
  nodes.push({ op: 'Dequantize', name: id, inputs: [integers], outputs: [output], attributes: {} });
  return output;
}

/** The operands of a layer on 8-bit maps; undefined where the layer stays real. */
function integerLayer(
  { inputs: [input, weights, bias] }: Layer,
  maps: ReadonlyMap<Tensor, Quantization>,
  nodes: Node[],
): Tensor[] | undefined {
  const inputScale = maps.get(input)?.scale[0];
  if (inputScale === undefined || !isConstant(weights)) return undefined;
  if (bias !== undefined && !isConstant(bias)) return undefined;
  // Ternary weights are integers times their scales as they stand; so the bias can stay real too.
  if (isTernary(weights)) return undefined;
  const reals = (bias?.data ?? []) as Float32Array;
  const codes = int8Weights(weights, reals, inputScale);
  const operands = [input, dequantized(codes, `${weights.id}/real`, nodes)];
  if (bias === undefined) return operands;
  const integers = integerBias(bias, codes.quantization!, inputScale);
  return [...operands, dequantized(integers, `${bias.id}/real`, nodes)];
}

/** One weight a channel is no reason for codes: int8 holds it with a finer unit for the bias. */
function isTernary(weights: Constant): boolean {
  return weights.data.length > 2 * weights.shape[0]! && codedWeights(weights) !== undefined;
}

/** A number that a map is added to or multiplied by is 255 or 0 of a scale made for it. */
function integerOperand(
  node: Node,
  operand: Tensor,
  maps: ReadonlyMap<Tensor, Quantization>,
  nodes: Node[],
): Tensor {
  if (node.op !== 'Add' && node.op !== 'Mul') return operand;
  if (!isConstant(operand) || operand.data.length !== 1 || operand.dtype !== 'float32')
    return operand;
  if (!node.inputs.some((input) => maps.has(input))) return operand;
  const value = Number(operand.data[0]);
  const scale = value === 0 ? 1 : f32(Math.abs(value) / 255);
  const number: Constant = {
    id: `${operand.id}/u8`,
    dtype: 'uint8',
    shape: operand.shape,
    data: Uint8Array.of(value > 0 ? 255 : 0),
    quantization: perTensor(scale, value < 0 ? 255 : 0),
  };
  return dequantized(number, `${operand.id}/real`, nodes);
}
