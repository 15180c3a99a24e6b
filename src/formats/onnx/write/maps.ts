import { isConstant, type Tensor } from '../../../graph/tensor.ts';
import type { FileBuilder } from './fileBuilder.ts';

/** How a tensor stands in the file: as in the graph, or an NHWC map as NCHW. */
export type Layout = 'plain' | 'turned';

export const toFile = [0, 3, 1, 2] as const;
export const fromFile = [0, 2, 3, 1] as const;

export function isPermutation(permutation: readonly number[], other: readonly number[]): boolean {
  return permutation.length === other.length && permutation.every((axis, i) => axis === other[i]);
}

/** Names of the tensors that nodes of the file produce, in either layout. */
export class Maps {
  readonly #names: Readonly<Record<Layout, Map<Tensor, string>>> = {
    plain: new Map(),
    turned: new Map(),
  };
  /** What an NHWC map's NCHW form is called in the file that the graph came from. */
  readonly #wanted = new Map<Tensor, Tensor>();

  /** The names of the graph's outputs, which nothing else may take. */
  readonly #outputs: ReadonlyMap<Tensor, string>;

  constructor(
    readonly file: FileBuilder,
    outputs: readonly Tensor[],
  ) {
    this.#outputs = new Map([...new Set(outputs)].map((output) => [output, file.port(output.id)]));
  }

  /** Calls the NCHW form of a map as a Transpose of the graph does. */
  want(map: Tensor, turned: Tensor): void {
    if (!this.#wanted.has(map)) this.#wanted.set(map, turned);
  }

  /** True where only the NCHW form is there. */
  isTurned(tensor: Tensor): boolean {
    return this.#names.turned.has(tensor) && !this.#names.plain.has(tensor);
  }

  has(tensor: Tensor): boolean {
    return this.#names.turned.has(tensor) || this.#names.plain.has(tensor);
  }

  /** The name of a tensor in a layout; a Transpose makes it where it has to. */
  name(tensor: Tensor, layout: Layout): string {
    const known = this.#names[layout].get(tensor);
    if (known !== undefined) return known;
    const other = layout === 'plain' ? 'turned' : 'plain';
    const source = this.#names[other].get(tensor);
    if (source === undefined || isConstant(tensor)) {
      throw new Error(`tensor ${tensor.id} is read before it is made`);
    }
    const perm = layout === 'plain' ? fromFile : toFile;
    const name = this.create(tensor, layout);
    this.file.node('Transpose', name, [source], [name], { perm });
    return name;
  }

  /** A new name for a tensor that the next node makes. */
  create(tensor: Tensor, layout: Layout): string {
    const namesake = layout === 'turned' ? this.#wanted.get(tensor) : tensor;
    const port = namesake && this.#outputs.get(namesake);
    const name = port ?? this.file.name((namesake ?? tensor).id);
    this.give(tensor, layout, name);
    return name;
  }

  /** Makes a name that is there stand for the tensor. */
  give(tensor: Tensor, layout: Layout, name: string): void {
    this.#names[layout].set(tensor, name);
  }
}
