import type { Work } from '../graph/work.ts';

/** Where the operands of a step lie, as byte addresses in the wasm memory. */
export interface Addresses {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What `pack` made; 64-byte aligned. */
  readonly packed: number;
  /** `scratchBytes` of memory whose content does not outlive the step; 64-byte aligned. */
  readonly scratch: number;
}

/**
 * How a machine's relaxed dots of bytes take their second operand, where their sums are exact: as
 * 'unsigned' or 'signed' bytes. 'none': they give something else, or the engine lacks them.
 */
export interface Dots {
  /**
   * i32x4.relaxed_dot_i8x16_i7x16_add_s: sums of four products; exact whatever the bytes, but that
   * signed ones may wrap where both products of a pair are (-128) (-128). On Arm the same engine does
   * so or not from one moment to the next: the weights must have no -128 beside another.
   */
  readonly quads: 'unsigned' | 'signed' | 'none';
  /** i16x8.relaxed_dot_i8x16_i7x16_s: sums of two products, exact where they fit 16 bits. */
  readonly pairs: 'unsigned' | 'signed' | 'none';
}

/** Counts of a kernel's inner loops (test/energy/counting.test.ts holds them to what it executes). */
export interface Executed {
  /** Products of weights and inputs, or additions in their place; those that fill up a tile too. */
  readonly macs: number;
  /** Bytes of weights, and of inputs or copies of them, that are loaded. */
  readonly weightReads: number;
  readonly inputReads: number;
}

/** How a kernel does a step, where it has several ways (assembly/int8/convMixed.ts). */
export type StepKind = 'twoPairs' | 'pairs' | 'maskedPairs';

export const noDots: Dots = { quads: 'none', pairs: 'none' };

/** An argument block: the byte offset of each 4-byte field, as declared in assembly/arguments.ts. */
export type ArgumentOffsets = Readonly<Record<string, number>>;

/**
 * A kernel as the plan sees it. All kernels may read up to 64 bytes past the end of any operand and
 * of `packed` (the memory is laid out for that), and write nothing outside the output and scratch.
 */
export interface Kernel<W extends Work = Work> {
  /** What the machine's relaxed dots must be, for a kernel that is made of them or does without. */
  readonly dots?: Partial<Dots>;
  /** The export of that name; a binary lacks kernels for `dots` that its engines do not have. */
  readonly name: string;
  readonly family: W['family'];
  /**
   * Why this kernel is the one for the work, in a few words; undefined where it does not fit, or with
   * `dots` another is faster.
   */
  readonly fits: (work: W, dots?: Dots) => string | undefined;
  /** Whether it is faster than the other pieces that the work may be done in. */
  readonly pays?: (work: W) => boolean;
  /**
   * Weights and parameters in the order that the kernel reads them: the same for work that differs
   * in its rows alone (batch, heights, padTop), which threads share (src/plan/split.ts).
   */
  readonly pack?: (work: W) => Uint8Array;
  readonly scratchBytes?: (work: W) => number;
  /** True where input 0 and output 0 may be the same memory. */
  readonly inPlace?: (work: W) => boolean;
  /**
   * What the kernel does for the work beyond its formula; of kernels that multiply and accumulate.
   * @param packed what `pack` made, and perhaps more behind it
   */
  readonly executes?: (work: W, packed: Uint8Array) => Executed;
  /** How many steps it does in each of its ways, for `packed`. */
  readonly stepKinds?: (work: W, packed: Uint8Array) => Readonly<Record<StepKind, number>>;
  readonly argumentOffsets: ArgumentOffsets;
  /** The value of every field: addresses and integers. */
  readonly bind: (work: W, at: Addresses) => Readonly<Record<string, number>>;
}

/** True where the kernel is exact on a machine with these dots. */
export function isExactWith(dots: Dots, { dots: needed = {} }: Pick<Kernel, 'dots'>): boolean {
  const quads = needed.quads === undefined || needed.quads === dots.quads;
  return quads && (needed.pairs === undefined || needed.pairs === dots.pairs);
}

/** True where the kernel is for machines without dots: the relaxed binary lacks it. */
export function doesWithoutDots({ dots }: Pick<Kernel, 'dots'>): boolean {
  return dots?.quads === 'none' && dots.pairs === 'none';
}

/** Declares a kernel so that a forgotten or misspelt field of its argument block is a type error. */
export function kernel<W extends Work, Args extends object>(
  argumentOffsets: Args,
  rest: Omit<Kernel<W>, 'argumentOffsets' | 'bind'> & {
    readonly bind: (work: W, at: Addresses) => Record<keyof Args, number>;
  },
): Kernel<W> {
  return { ...rest, argumentOffsets: argumentOffsets as unknown as ArgumentOffsets };
}
