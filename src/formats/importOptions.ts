import type { TypedArray } from '../graph/tensor.ts';

/** What a caller settles about one input of a model before it is built. */
export interface InputOption {
  /** Fixes open dimensions, in the file's own layout; the others must agree with the file. */
  readonly shape?: readonly number[];
  /** Makes the input a constant of the model: its elements in the file's dtype and layout. */
  readonly value?: TypedArray;
}

/** A node of the file that did not become part of the graph. */
export interface Gap {
  readonly name: string;
  readonly op: string;
  readonly why: string;
}

/** Options of every importer. */
export interface ImportOptions {
  /**
   * For counting, not for running: nodes that cannot be imported are listed here, their results of
   * known shape become inputs of the graph, and what nobody reads its outputs.
   */
  readonly gaps?: Gap[] | undefined;
  /** By the input's name in the file. */
  readonly inputs?: Readonly<Record<string, InputOption>>;
}
