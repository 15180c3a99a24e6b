import type { Fault } from '../errors.ts';
import type { Rounding } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { Shape } from '../graph/shape.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';

/**
 * What an operator costs, as a tally of its own kinds of operations. An average adds every cell of
 * its windows to a sum that begins at 0.
 */
export interface Counts {
  /** Nominal multiply-accumulates: padding and zeros counted, as the literature does. */
  readonly macs?: number;
  readonly requantizations?: number;
  readonly additions?: number;
  readonly multiplications?: number;
  readonly comparisons?: number;
  readonly lookups?: number;
  /** exp, tanh, division and the like. */
  readonly transcendentals?: number;
  /** Elements moved and nothing else. */
  readonly moves?: number;
}

/** A piece of a node's work and the operands it is done on. */
export interface Lowered {
  readonly work: Work;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Which part of the node it is, where its pieces look alike. */
  readonly part?: string;
  /** The same in other pieces, where those are faster or the work has no kernel. */
  readonly otherwise?: readonly Lowered[];
}

export interface LowerContext {
  readonly rounding: Rounding;
}

/** One operator: everything the engine knows about it, in one row. */
export interface Operator<N extends Node = Node> {
  /** What is wrong with the node, beyond what its types say; undefined where nothing is. */
  readonly check: (node: N) => Omit<Fault, 'where'> | undefined;
  /** Shapes of the outputs. Called only on nodes that passed `check`. */
  readonly infer: (node: N) => Shape[];
  readonly count: (node: N) => Counts;
  /**
   * Whether 8-bit operands can stay 8-bit; where not, `passes/floatFallback.ts` computes the node in
   * float32 between Dequantize and Quantize. Asked only of nodes with a quantized operand.
   */
  readonly integer: (node: N, context: LowerContext) => boolean;
  /**
   * The node's work in order. An empty list: the output is the input's memory under another shape.
   * Several pieces may share an output, each writing its part, and pass on temporaries.
   */
  readonly lower: (node: N, context: LowerContext) => Lowered[];
}
