import { byteLength, type Tensor } from '../graph/tensor.ts';
import type { Lifetime } from './place.ts';

interface Cell {
  bytes: number;
  first: number;
  last: number;
}

/** Which tensors share memory, and from which step to which each piece of memory must live. */
export class Storage {
  readonly #parents = new Map<Tensor, Tensor>();
  readonly #cells = new Map<Tensor, Cell>();

  /** The tensor whose memory this one uses. */
  rootOf(tensor: Tensor): Tensor {
    let root = tensor;
    for (let up = this.#parents.get(root); up !== undefined; up = this.#parents.get(root))
      root = up;
    return root;
  }

  /** Makes `tensor` another name of `of`'s memory. */
  alias(tensor: Tensor, of: Tensor): void {
    const root = this.rootOf(of);
    const own = this.rootOf(tensor);
    if (own === root) return;
    this.#parents.set(own, root);
    const cell = this.#cells.get(own);
    if (cell === undefined) return;
    this.#cells.delete(own);
    this.use(root, cell.first);
    this.use(root, cell.last);
  }

  /** Says that step `at` reads or writes the tensor. */
  use(tensor: Tensor, at: number): void {
    const root = this.rootOf(tensor);
    const cell = this.#cells.get(root);
    if (cell === undefined) {
      this.#cells.set(root, { bytes: byteLength(root), first: at, last: at });
    } else {
      cell.first = Math.min(cell.first, at);
      cell.last = Math.max(cell.last, at);
    }
  }

  lifetimeOf(tensor: Tensor): Lifetime | undefined {
    return this.#cells.get(this.rootOf(tensor));
  }

  /** Every piece of memory by the tensor that owns it. */
  cells(): ReadonlyMap<Tensor, Lifetime> {
    return this.#cells;
  }
}
