import type { Graph } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import {
  type Constant,
  isConstant,
  isQuantized,
  type Quantization,
  type Tensor,
} from '../graph/tensor.ts';

/**
 * Makes every int8 map uint8: numbers and zero points stand 128 higher, real numbers stay what they
 * are. One kind of activation is enough for the kernels then. Weights stay int8. At the graph's
 * borders a Requantize turns the file's own type into ours and back (it flips the top bit).
 */
export function unsignedMaps(graph: Graph): Graph {
  const maps = new Set<Tensor>();
  /** Maps that an operator computes with as they are, not as real numbers. */
  const arithmetic = new Set<Tensor>();
  for (const node of graph.nodes) {
    // It takes either kind, and stands at the borders where this pass has been.
    if (node.op === 'Requantize') continue;
    const found = [
      ...inputsOf(node).filter((input, i) => input.dtype === 'int8' && isMap(node, i, input)),
      ...node.outputs.filter((output) => output.dtype === 'int8' && isQuantized(output)),
    ];
    for (const map of found) {
      maps.add(map);
      if (node.op !== 'Quantize' && node.op !== 'Dequantize') arithmetic.add(map);
    }
  }
  const turned = new Map<Tensor, Tensor>();
  for (const map of maps) turned.set(map, unsigned(map, graph, arithmetic.has(map)));

  const before: Node[] = graph.inputs.flatMap((input) => {
    const output = turned.get(input);
    return output === undefined ? [] : [flip(input, output)];
  });
  const after: Node[] = graph.outputs.flatMap((output) => {
    const input = turned.get(output);
    const produced = !graph.inputs.includes(output) && !isConstant(output);
    return input === undefined || !produced ? [] : [flip(input, output)];
  });
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const added: Node[] = [];
    const inputs = inputsOf(node).map((input, i) => {
      const map = turned.get(input);
      if (map === undefined || (input.dtype === 'int8' && isWeights(node, i))) return input;
      // A Cast reads the file's own numbers.
      if (node.op !== 'Cast') return map;
      const signed = { ...input, id: `${node.outputs[0]!.id}/signed` };
      added.push(flip(map, signed));
      return signed;
    });
    const outputs = node.outputs.map((output) => turned.get(output) ?? output);
    const attributes =
      node.op === 'Pad' && turned.has(node.inputs[0])
        ? { ...node.attributes, value: node.attributes.value + 128 }
        : node.attributes;
    return [...added, { ...node, inputs, outputs, attributes } as unknown as Node];
  });
  return { ...graph, nodes: [...before, ...nodes, ...after] };
}

function isMap(node: Node, index: number, input: Tensor): boolean {
  if (isWeights(node, index)) return false;
  // A constant behind a Dequantize may be weights still.
  if (node.op === 'Dequantize' && isConstant(input)) return false;
  // The integer products read raw numbers, with a scale or without.
  const raw = node.op === 'ConvInteger' || node.op === 'MatMulInteger';
  return raw || isQuantized(input);
}

function isWeights(node: Node, index: number): boolean {
  switch (node.op) {
    case 'Conv':
    case 'ConvTranspose':
    case 'ConvInteger':
    case 'FullyConnected':
    case 'MatMulInteger':
      return index === 1;
    default:
      return false;
  }
}

/**
 * A few rules depend on the sign of the raw numbers (docs/quantization.md, Signed and unsigned).
 * onnxruntime makes maps between Quantize and Dequantize unsigned before it applies them.
 */
function unsigned(map: Tensor, { rounding }: Graph, isArithmetic: boolean): Tensor {
  const quantization: Quantization = map.quantization
    ? { ...map.quantization, zeroPoint: map.quantization.zeroPoint.map((z) => z + 128) }
    : { scale: Float32Array.of(1), zeroPoint: Int32Array.of(128), axis: 0 };
  const tensor: Tensor = {
    id: `${map.id}/u8`,
    dtype: 'uint8',
    shape: map.shape,
    quantization,
    ...(rounding === 'xnnpack' || isArithmetic ? { signed: true } : {}),
  };
  if (!isConstant(map)) return tensor;
  const constant: Constant = {
    ...tensor,
    data: Uint8Array.from(map.data as Int8Array, (q) => q + 128),
  };
  return constant;
}

function flip(input: Tensor, output: Tensor): Node {
  return { op: 'Requantize', name: output.id, inputs: [input], outputs: [output], attributes: {} };
}
