import { ModelError } from '../../errors.ts';
import type { Constant, Tensor } from '../../graph/tensor.ts';
import type { GraphBuilder, OutputSpec } from '../../ops/builder.ts';
import type { FileModel, FileTensor } from './model.ts';
import { CopyBudget, dataOf, dtypeOf, mapQuantizationOf, quantizationOf } from './tensors.ts';

const broken = 'the file is broken; fetch or export it again';

/** The tensors of the graph that is being built, by their index in the file. */
export class GraphTensors {
  readonly #made: (Tensor | undefined)[];
  readonly #derived = new Map<string, Map<Constant, Constant>>();
  readonly budget: CopyBudget;

  /** @param keepsShapes false where an option changed an input, so that the file's shapes are void */
  constructor(
    readonly model: FileModel,
    readonly builder: GraphBuilder,
    readonly keepsShapes: boolean,
  ) {
    this.#made = new Array(model.tensors.length);
    this.budget = new CopyBudget(model.bytes.length);
  }

  file(index: number): FileTensor {
    return this.model.tensors[index]!;
  }

  /** What stands for them already: inputs, results, constants that were read. */
  known(indices: readonly number[]): Tensor[] {
    return indices.flatMap((index) => this.#made[index] ?? []);
  }

  get(index: number, reader: string): Tensor {
    const made = this.#made[index];
    if (made !== undefined) return made;
    const tensor = this.file(index);
    if (tensor.data.length === 0) {
      // A type that cannot be computed says more than that nobody computed it.
      dtypeOf(tensor);
      throw new ModelError({
        where: reader,
        got: `tensor ${tensor.id}, which nothing before it computes`,
        expected: 'an input, a constant or the output of an earlier operator',
        advice: broken,
      });
    }
    const { dtype, data, storedBits } = dataOf(tensor, this.budget);
    const quantization = quantizationOf(tensor);
    const more = { quantization, storedBits };
    const constant = this.builder.constant(tensor.id, dtype, tensor.shape, data, more);
    this.#made[index] = constant;
    return constant;
  }

  /** What `make` turns a constant into, once for each way and constant, however many read it. */
  derive(way: string, from: Constant, make: () => Constant): Constant {
    const known = this.#derived.get(way) ?? new Map<Constant, Constant>();
    this.#derived.set(way, known);
    const made = known.get(from) ?? make();
    known.set(from, made);
    return made;
  }

  set(index: number, tensor: Tensor, writer: string): void {
    if (this.#made[index] !== undefined || this.file(index).data.length > 0) {
      throw new ModelError({
        where: writer,
        got: `tensor ${this.file(index).id} a second time`,
        expected: 'one origin for each tensor',
        advice: broken,
      });
    }
    this.#made[index] = tensor;
  }

  /** What the file says of a tensor that is going to be computed. */
  spec(index: number): OutputSpec {
    const tensor = this.file(index);
    const dtype = dtypeOf(tensor);
    const quantization = mapQuantizationOf(tensor);
    // A shape that is open, or of unknown rank, is written down as 1 and as [].
    const isKnown = tensor.shape.length > 0 && !tensor.signature.includes(-1);
    const shape = this.keepsShapes && isKnown ? tensor.shape : undefined;
    return { id: tensor.id, dtype, quantization, shape };
  }
}
