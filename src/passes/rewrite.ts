import { type Graph, orderNodes } from '../graph/graph.ts';
import { inputsOf, type Node } from '../graph/node.ts';
import type { Tensor } from '../graph/tensor.ts';

/** What a rule may ask of the graph that it rewrites. */
export interface GraphView {
  readonly graph: Graph;
  producerOf(tensor: Tensor): Node | undefined;
  readersOf(tensor: Tensor): readonly Node[];
  isOutput(tensor: Tensor): boolean;
  /** True when nothing but `node` sees the tensor, so that it may vanish into the node. */
  isOnlyReader(node: Node, tensor: Tensor): boolean;
}

/**
 * Nodes to take out and nodes to put in their place; the new ones produce the tensors that are
 * still read. Nodes that nothing reads any more go by themselves.
 */
export interface Replacement {
  readonly remove: readonly Node[];
  readonly by: readonly Node[];
  /** A tensor whose readers take another one instead. */
  readonly forward?: { readonly from: Tensor; readonly to: Tensor };
}

export type Rule = (node: Node, view: GraphView) => Replacement | undefined;

/** Applies the rules until none of them finds anything. */
export function rewrite(graph: Graph, rules: readonly Rule[]): Graph {
  const rewriter = new Rewriter(graph);
  rewriter.run(rules);
  return { ...graph, nodes: orderNodes([...rewriter.nodes], graph.inputs, graph.outputs) };
}

class Rewriter implements GraphView {
  readonly nodes: Set<Node>;
  readonly #producers = new Map<Tensor, Node>();
  readonly #readers = new Map<Tensor, Set<Node>>();
  readonly #outputs: ReadonlySet<Tensor>;
  readonly #work: Set<Node>;

  constructor(readonly graph: Graph) {
    this.#outputs = new Set(graph.outputs);
    this.nodes = new Set();
    this.#work = new Set();
    for (const node of graph.nodes) this.#insert(node);
  }

  run(rules: readonly Rule[]): void {
    for (const node of this.#work) {
      this.#work.delete(node);
      if (!this.nodes.has(node)) continue;
      for (const rule of rules) {
        const replacement = rule(node, this);
        if (replacement === undefined) continue;
        this.#apply(replacement);
        // Where the node itself stayed, another rule may have something to say.
        if (this.nodes.has(node)) this.#work.add(node);
        break;
      }
    }
  }

  producerOf(tensor: Tensor): Node | undefined {
    return this.#producers.get(tensor);
  }

  readersOf(tensor: Tensor): readonly Node[] {
    return [...(this.#readers.get(tensor) ?? [])];
  }

  isOutput(tensor: Tensor): boolean {
    return this.#outputs.has(tensor);
  }

  isOnlyReader(node: Node, tensor: Tensor): boolean {
    const readers = this.#readers.get(tensor);
    return !this.isOutput(tensor) && readers?.size === 1 && readers.has(node);
  }

  #apply({ remove, by, forward }: Replacement): void {
    const touched = new Set<Tensor>();
    for (const node of remove) {
      for (const input of inputsOf(node)) touched.add(input);
      this.#remove(node);
    }
    for (const node of by) this.#insert(node);
    if (forward !== undefined) this.#forward(forward.from, forward.to);
    for (const tensor of touched) {
      this.#prune(tensor);
      this.#revisit(tensor);
    }
  }

  #insert(node: Node): void {
    this.nodes.add(node);
    this.#work.add(node);
    for (const input of inputsOf(node)) {
      const readers = this.#readers.get(input) ?? new Set();
      this.#readers.set(input, readers.add(node));
    }
    for (const output of node.outputs) {
      this.#producers.set(output, node);
      this.#revisit(output);
    }
  }

  #remove(node: Node): void {
    this.nodes.delete(node);
    for (const input of inputsOf(node)) this.#readers.get(input)?.delete(node);
    for (const output of node.outputs) {
      if (this.#producers.get(output) === node) this.#producers.delete(output);
    }
  }

  #forward(from: Tensor, to: Tensor): void {
    for (const reader of this.readersOf(from)) {
      this.#remove(reader);
      const inputs = inputsOf(reader).map((input) => (input === from ? to : input));
      // Same operator, same number of inputs: the type of the tuple is kept.
      this.#insert({ ...reader, inputs } as unknown as Node);
    }
  }

  /** Takes out the producer of a tensor that nothing reads, and what served only that. */
  #prune(tensor: Tensor): void {
    const pending = [tensor];
    for (let t = pending.pop(); t !== undefined; t = pending.pop()) {
      const producer = this.#producers.get(t);
      if (producer === undefined) continue;
      const dead = (output: Tensor): boolean =>
        !this.isOutput(output) && (this.#readers.get(output)?.size ?? 0) === 0;
      if (!producer.outputs.every(dead)) continue;
      this.#remove(producer);
      pending.push(...inputsOf(producer));
      for (const input of inputsOf(producer)) this.#revisit(input);
    }
  }

  /** What happens to a tensor may concern its readers, its producer and the producer's other readers. */
  #revisit(tensor: Tensor): void {
    const producer = this.#producers.get(tensor);
    if (producer !== undefined) this.#work.add(producer);
    for (const reader of this.#readers.get(tensor) ?? []) this.#work.add(reader);
  }
}
