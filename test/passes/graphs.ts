import type { Graph, Rounding } from '../../src/graph/graph.ts';
import { noClamp } from '../../src/graph/node.ts';
import { elementCount, type Shape } from '../../src/graph/shape.ts';
import type { Constant, Quantization, Tensor } from '../../src/graph/tensor.ts';
import { GraphBuilder } from '../../src/ops/builder.ts';
import { random } from '../vocabulary.ts';

export function builder(rounding: Rounding = 'onnxruntime'): GraphBuilder {
  return new GraphBuilder('test', 'onnx', rounding);
}

/** Numbers in [-1, 1), the same for the same seed. */
export function floats(shape: Shape, seed = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: elementCount(shape) }, () => 2 * next() - 1);
}

export function bytes(shape: Shape, seed = 1): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: elementCount(shape) }, () => 256 * next());
}

export function constant(b: GraphBuilder, id: string, shape: Shape, seed = 2): Constant {
  return b.constant(id, 'float32', shape, floats(shape, seed));
}

export const plainWindow = {
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
} as const;

/** A float Conv of `out` channels with a square kernel. */
export function addConv(
  b: GraphBuilder,
  input: Tensor,
  out: number,
  kernel: number,
  id: string,
  pads: readonly [number, number, number, number] = [0, 0, 0, 0],
): Tensor {
  const weights = constant(b, `${id}/w`, [out, kernel, kernel, input.shape[3]!], id.length);
  const bias = constant(b, `${id}/b`, [out], id.length + 1);
  const attributes = { ...plainWindow, pads, groups: 1, ...noClamp };
  return b.node('Conv', id, [input, weights, bias], attributes, [{ id, dtype: 'float32' }])[0]!;
}

export function opsOf(graph: Graph): string[] {
  return graph.nodes.map(({ op }) => op);
}

export function scale(value: number, zeroPoint = 0): Quantization {
  return { scale: Float32Array.of(value), zeroPoint: Int32Array.of(zeroPoint), axis: 0 };
}
