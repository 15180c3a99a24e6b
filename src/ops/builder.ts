import { ModelError } from '../errors.ts';
import { type Graph, type Metadata, orderNodes, type Rounding } from '../graph/graph.ts';
import type { Node, NodeOf, OpName } from '../graph/node.ts';
import { elementCount, formatShape, type Shape, sameShape } from '../graph/shape.ts';
import type { Constant, DType, Quantization, Tensor, TypedArray } from '../graph/tensor.ts';
import { operatorOf } from './table.ts';

/** What the importer knows of an output; a shape that the file states is compared with ours. */
export interface OutputSpec {
  readonly id: string;
  readonly dtype: DType;
  readonly quantization?: Quantization | undefined;
  readonly shape?: Shape | undefined;
}

/** Builds a graph node by node in any order of data; checks each and infers its shapes. */
export class GraphBuilder {
  readonly #nodes: Node[] = [];
  readonly #inputs: Tensor[] = [];
  readonly #ids = new Set<string>();

  constructor(
    readonly name: string,
    readonly format: Graph['format'],
    readonly rounding: Rounding,
  ) {}

  input(id: string, dtype: DType, shape: Shape, quantization?: Quantization): Tensor {
    const tensor = this.#tensor({ id, dtype, quantization }, shape);
    this.#inputs.push(tensor);
    return tensor;
  }

  constant(
    id: string,
    dtype: DType,
    shape: Shape,
    data: TypedArray,
    more: { quantization?: Quantization | undefined; storedBits?: number | undefined } = {},
  ): Constant {
    if (data.length !== elementCount(shape)) {
      throw new ModelError({
        where: id,
        got: `${data.length} elements`,
        expected: `${elementCount(shape)}, as its shape ${formatShape(shape)} says`,
        advice: 'the file is broken, export the model again',
      });
    }
    const tensor = this.#tensor({ id, dtype, quantization: more.quantization }, shape);
    const { storedBits } = more;
    return { ...tensor, data, ...(storedBits === undefined ? {} : { storedBits }) };
  }

  /**
   * Adds a node and returns its outputs.
   * @throws ModelError where the operator's row refuses it, or the file's shapes contradict ours
   */
  node<Op extends OpName>(
    op: Op,
    name: string,
    inputs: NodeOf<Op>['inputs'],
    attributes: NodeOf<Op>['attributes'],
    outputs: readonly OutputSpec[],
  ): Tensor[] {
    const operator = operatorOf(op);
    // The row's parameter is this operator's node; the generic table cannot say so.
    const draft = { op, name, inputs, attributes, outputs: [] } as unknown as Node;
    const placeholders = outputs.map((spec) => this.#tensor(spec, spec.shape ?? []));
    const probe = { ...draft, outputs: placeholders } as Node;
    const fault = operator.check(probe);
    if (fault !== undefined) throw new ModelError({ where: name, ...fault });
    const shapes = operator.infer(probe);
    const tensors = outputs.map((spec, i) => {
      const shape = shapes[i]!;
      if (spec.shape !== undefined && !sameShape(spec.shape, shape)) {
        throw new ModelError({
          where: name,
          got: `an output of shape ${formatShape(spec.shape)}`,
          expected: `${formatShape(shape)}, which follows from its inputs`,
          advice: 'the file is broken, export the model again',
        });
      }
      return { ...placeholders[i]!, shape };
    });
    this.#nodes.push({ ...draft, outputs: tensors } as Node);
    return tensors;
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.length;
  }

  /** Drops the nodes behind the first `size`. */
  truncate(size: number): void {
    this.#nodes.length = size;
  }

  /** Those that its nodes compute, each once. */
  computed(tensors: readonly Tensor[]): Tensor[] {
    const made = new Set(this.#nodes.flatMap(({ outputs }) => outputs));
    return [...new Set(tensors)].filter((tensor) => made.has(tensor));
  }

  /** @throws ModelError on cycles and dangling tensors */
  build(outputs: readonly Tensor[], metadata: Metadata = {}): Graph {
    const { name, format, rounding } = this;
    const nodes = orderNodes(this.#nodes, this.#inputs, outputs);
    return { name, format, rounding, inputs: this.#inputs, outputs, nodes, metadata };
  }

  #tensor(spec: Omit<OutputSpec, 'shape'>, shape: Shape): Tensor {
    let id = spec.id;
    // Files may repeat a name, or leave it empty.
    for (let i = 2; this.#ids.has(id) || id === ''; i++) id = `${spec.id}#${i}`;
    this.#ids.add(id);
    const { dtype, quantization } = spec;
    return { id, dtype, shape, ...(quantization === undefined ? {} : { quantization }) };
  }
}
