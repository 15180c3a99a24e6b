import type { Node } from '../graph/node.ts';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';

/** A tensor between two pieces of one node's work: like `like`, but of another shape. */
export function temporary(node: Node, name: string, like: Tensor, shape: Shape): Tensor {
  const { dtype, quantization, signed } = like;
  return {
    id: `${node.outputs[0]!.id}/${name}`,
    dtype,
    shape,
    ...(quantization === undefined ? {} : { quantization }),
    ...(signed === undefined ? {} : { signed }),
  };
}
