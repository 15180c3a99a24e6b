import type { Tensor } from '../../graph/tensor.ts';
import type { GraphBuilder } from '../../ops/builder.ts';
import { limits } from '../limits.ts';
import { fail } from './fault.ts';
import type { ConstantValue, Value } from './value.ts';

/** What the nodes of one file share while they are read. */
export class Scope {
  readonly values = new Map<string, Value>();
  /** Constants that already stand in the graph. */
  readonly constants = new Map<ConstantValue, Tensor>();
  /** The NHWC twin of a map in the file's layout, either way round. */
  readonly twins = new Map<Tensor, Tensor>();
  #elementsLeft: number;

  constructor(
    readonly builder: GraphBuilder,
    readonly opset: number,
    fileBytes: number,
  ) {
    // Two bytes an element: most of what is copied are 8-bit weights.
    this.#elementsLeft = limits.copiedBytes(fileBytes) / 2;
  }

  /** Takes elements from what folded constants may hold together. */
  spend(where: string, elements: number): void {
    this.#elementsLeft -= elements;
    if (this.#elementsLeft >= 0) return;
    fail(
      where,
      `a constant of ${elements} elements`,
      'constants in proportion to the file',
      'fold the constants where the model was made, then export it again',
    );
  }
}
