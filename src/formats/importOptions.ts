import type { TypedArray } from '../graph/tensor.ts';

/** What a caller settles about one input of a model before it is built. */
export interface InputOption {
  /** Fixes open dimensions, in the file's own layout; the others must agree with the file. */
  readonly shape?: readonly number[];
  /** Makes the input a constant of the model: its elements in the file's dtype and layout. */
  readonly value?: TypedArray;
}

/** Options of every importer. */
export interface ImportOptions {
  /** By the input's name in the file. */
  readonly inputs?: Readonly<Record<string, InputOption>>;
}
