import { PlanError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { Work } from '../graph/work.ts';
import type { Dots, Kernel } from '../kernels/kernel.ts';
import type { Lowered } from '../ops/operator.ts';
import { operatorOf } from '../ops/table.ts';
import { chooseKernel } from './choose.ts';
import type { Share } from './share.ts';
import { split } from './split.ts';
import type { Storage } from './storage.ts';

/** What one thread does of a piece of work. */
export interface Part extends Share {
  readonly kernel: Kernel<Work>;
  /** One array for all parts that read the same weights. */
  readonly packed: Uint8Array | undefined;
}

/** A piece of a node's work, with the kernel for it. */
export interface Piece extends Lowered {
  readonly node: Node;
  readonly isLast: boolean;
  /** Its share of the node's nominal multiply-accumulates. */
  readonly macs: number;
  readonly kernel: Kernel<Work>;
  readonly why: string;
  /** One for each thread that takes part, in order. */
  readonly parts: readonly Part[];
}

export interface PieceOptions {
  /** Bytes that packed weights may take together. */
  readonly limit: number;
  readonly dots: Dots;
  readonly threads: number;
}

/**
 * Lowers each node, picks kernels and packs weights; nodes that move nothing share their input's
 * memory. A file may use one weight a thousand times: what is packed is counted as it grows.
 */
export function makePieces(graph: Graph, storage: Storage, options: PieceOptions): Piece[] {
  const pieces: Piece[] = [];
  let packedBytes = 0;
  for (const node of graph.nodes) {
    const lowered = operatorOf(node.op)
      .lower(node, { rounding: graph.rounding })
      .flatMap((piece) => (isTaken(piece, node, options.dots) ? [piece] : piece.otherwise!));
    if (lowered.length === 0) {
      storage.alias(node.outputs[0]!, node.inputs[0]!);
      continue;
    }
    const macs = macsOf(node, lowered);
    for (const [i, piece] of lowered.entries()) {
      const { kernel, why } = chooseKernel(piece.work, node.name, options.dots);
      const shares = split(piece.work, options.threads);
      const parts = makeParts(shares, kernel, node.name, options.dots);
      packedBytes += packedBytesOf(parts);
      if (packedBytes > options.limit) {
        throw tooLarge(graph, `${packedBytes} bytes of weights`, options.limit);
      }
      const isLast = i === lowered.length - 1;
      pieces.push({ ...piece, node, kernel, why, parts, isLast, macs: macs[i]! });
    }
  }
  return pieces;
}

/** Whether the work is done as it is. */
function isTaken({ work, otherwise }: Lowered, { name }: Node, dots: Dots): boolean {
  return otherwise === undefined || chooseKernel(work, name, dots).kernel.pays?.(work) !== false;
}

/** Where several pieces multiply they share the node's MACs evenly. */
function macsOf(node: Node, lowered: readonly Lowered[]): number[] {
  const { macs = 0 } = operatorOf(node.op).count(node);
  const products = lowered.filter(({ work }) => isProduct(work)).length;
  let taken = 0;
  return lowered.map(({ work }, i) => {
    if (products === 0) return i === lowered.length - 1 ? macs : 0;
    if (!isProduct(work)) return 0;
    const before = Math.floor((macs * taken++) / products);
    return Math.floor((macs * taken) / products) - before;
  });
}

function isProduct({ family }: Work): boolean {
  return ['convU8', 'ternaryU8', 'convF32', 'matMulF32'].includes(family);
}

/** The shares of a piece of work with their weights, by `kernel` where it fits them. */
export function makeParts(
  shares: readonly Share[],
  kernel: Kernel<Work>,
  where: string,
  dots: Dots,
): Part[] {
  let first: Uint8Array | undefined;
  return shares.map((share): Part => {
    // It was chosen for the whole.
    if (shares.length > 1 && kernel.fits(share.work) === undefined) {
      const own = chooseKernel(share.work, where, dots).kernel;
      return { ...share, kernel: own, packed: own.pack?.(share.work) };
    }
    const packed = (share.packsAlike ? first : undefined) ?? kernel.pack?.(share.work);
    first ??= packed;
    return { ...share, kernel, packed };
  });
}

/** What the parts' weights and parameters take, those that they share once. */
export function packedBytesOf(parts: readonly Part[]): number {
  let bytes = 0;
  for (const packed of new Set(parts.map(({ packed }) => packed))) bytes += packed?.byteLength ?? 0;
  return bytes;
}

export function tooLarge(graph: Graph, got: string, limit: number): PlanError {
  return new PlanError({
    where: graph.name,
    got,
    expected: `at most ${limit}`,
    advice: 'raise the option maxMemoryBytes, or use a smaller input',
  });
}
