import { ModelError } from '../errors.ts';
import { inputsOf, type Node } from './node.ts';
import { isConstant, type Tensor } from './tensor.ts';

/**
 * Whose bytes additions, pools and softmax reproduce, where the two differ: XNNPACK's (TFLite
 * files) or onnxruntime's (ONNX files). docs/quantization.md spells both out.
 */
export type Rounding = 'xnnpack' | 'onnxruntime';

/** How a picture becomes an input: value = (pixel − mean) / std per channel, pixels 0 to 255. */
export interface Preprocessing {
  readonly size?: readonly [height: number, width: number];
  readonly order?: 'rgb' | 'bgr' | 'grey';
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
  readonly fit?: 'crop' | 'squash';
}

export interface Metadata {
  readonly labels?: readonly string[];
  readonly input?: Preprocessing;
}

export interface Graph {
  readonly name: string;
  readonly format: 'tflite' | 'onnx';
  readonly rounding: Rounding;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Each node stands after the producers of its inputs. */
  readonly nodes: readonly Node[];
  readonly metadata: Metadata;
}

/** Who makes and who reads each tensor of a graph. */
export class GraphIndex {
  readonly #producers = new Map<Tensor, Node>();
  readonly #readers = new Map<Tensor, Node[]>();
  readonly #outputs: ReadonlySet<Tensor>;

  constructor(readonly graph: Graph) {
    this.#outputs = new Set(graph.outputs);
    for (const node of graph.nodes) {
      for (const output of node.outputs) this.#producers.set(output, node);
      for (const input of new Set(inputsOf(node))) {
        const readers = this.#readers.get(input);
        if (readers === undefined) this.#readers.set(input, [node]);
        else readers.push(node);
      }
    }
  }

  producerOf(tensor: Tensor): Node | undefined {
    return this.#producers.get(tensor);
  }

  readersOf(tensor: Tensor): readonly Node[] {
    return this.#readers.get(tensor) ?? [];
  }

  isOutput(tensor: Tensor): boolean {
    return this.#outputs.has(tensor);
  }

  /** True when nothing but `node` sees the tensor, so that it may vanish into the node. */
  isOnlyReader(node: Node, tensor: Tensor): boolean {
    const readers = this.readersOf(tensor);
    return !this.isOutput(tensor) && readers.length === 1 && readers[0] === node;
  }
}

/**
 * Orders the nodes by their data, without those that no output needs.
 * @throws ModelError on a cycle, or a tensor that two nodes produce or none does
 */
export function orderNodes(
  nodes: readonly Node[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
): Node[] {
  const producers = new Map<Tensor, Node>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (producers.has(output) || isConstant(output) || inputs.includes(output)) {
        throw new ModelError({
          where: node.name,
          got: `a second producer of tensor ${output.id}`,
          expected: 'one producer for each tensor',
          advice: 'the file is broken, export the model again',
        });
      }
      producers.set(output, node);
    }
  }
  const available = new Set<Tensor>(inputs);
  const ordered: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  // An explicit stack: a chain of nodes may be longer than the engine's call stack is deep.
  const stack: { tensor: Tensor; by: string }[] = [];
  for (let i = outputs.length - 1; i >= 0; i--)
    stack.push({ tensor: outputs[i]!, by: 'the graph' });
  while (stack.length > 0) {
    const { tensor, by } = stack[stack.length - 1]!;
    const producer = producers.get(tensor);
    if (isConstant(tensor) || available.has(tensor)) {
      stack.pop();
      continue;
    }
    if (producer === undefined) {
      throw new ModelError({
        where: by,
        got: `tensor ${tensor.id}, which nothing produces`,
        expected: 'an input, a constant or the output of another node',
        advice: 'the file is broken, export the model again',
      });
    }
    if (state.get(producer) === undefined) {
      state.set(producer, 'open');
      for (const input of inputsOf(producer)) {
        if (isConstant(input) || available.has(input)) continue;
        const before = producers.get(input);
        if (before !== undefined && state.get(before) === 'open') {
          throw new ModelError({
            where: producer.name,
            got: `a cycle through tensor ${input.id}`,
            expected: 'a graph without cycles',
            advice: 'the file is broken, export the model again',
          });
        }
        stack.push({ tensor: input, by: producer.name });
      }
    } else {
      if (state.get(producer) === 'open') {
        state.set(producer, 'done');
        ordered.push(producer);
        for (const output of producer.outputs) available.add(output);
      }
      stack.pop();
    }
  }
  return ordered;
}
