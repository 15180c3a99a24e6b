import type { Graph } from '../graph/graph.ts';
import type { OpName } from '../graph/node.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { windowSize } from '../kernels/geometry.ts';
import { type Addresses, type Dots, noDots } from '../kernels/kernel.ts';
import type { Counts } from '../ops/operator.ts';
import { operatorOf } from '../ops/table.ts';
import { type Content, layOut, type MemoryMap } from './memory.ts';
import { parametersOf } from './parameters.ts';
import { makePieces, type Piece, packedBytesOf } from './pieces.ts';
import { Storage } from './storage.ts';
import type { ArenaMap } from './tensors.ts';

/** One piece of work, by one kernel. */
export interface Step {
  /** The node that it belongs to; a node may take several steps. */
  readonly name: string;
  readonly op: OpName;
  readonly kernel: string;
  readonly why: string;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Nominal multiply-accumulates of the steps that do them. */
  readonly macs: number;
  /** On the last step of its node, like `counts`. */
  readonly params: number;
  readonly counts: Counts;
  /** What `params` take in the file; on the last step too. */
  readonly weightBytes: number;
  /** The first of the parameters, a layer's weights, without its bias: how many, and their bits in the file. */
  readonly weights: { readonly count: number; readonly bits: number } | undefined;
  /** Its weights are -1, 0 and 1 times a number of either sign. */
  readonly isTernary: boolean;
  /** Weights and parameters as packed for the kernel. */
  readonly packedBytes: number;
  readonly work: Work;
  /** What is called: one kernel, or one for each thread that takes part. */
  readonly parts: readonly StepPart[];
}

/** One call of one kernel. */
export interface StepPart {
  readonly kernel: string;
  readonly work: Work;
  /** Where the operands lie, and the argument block. */
  readonly at: Addresses;
  readonly argumentsAt: number;
}

/** All that is decided about a model before it runs. */
export interface Plan {
  readonly format: Graph['format'];
  readonly steps: readonly Step[];
  /** How many threads share the steps. */
  readonly threads: number;
  readonly macs: number;
  /** Weights and biases of the layers, batch norms folded into them. */
  readonly params: number;
  /** What `params` take in the file. */
  readonly weightBytes: number;
  /** Packed weights in memory. */
  readonly packedBytes: number;
  /** Peak memory of the maps between the layers. */
  readonly arenaBytes: number;
  /** Which part of it is in use when. */
  readonly maps: readonly ArenaMap[];
  /** Working memory: as much for each thread as the hungriest kernel asks for. */
  readonly scratchBytes: number;
  /** The whole wasm memory that the model needs. */
  readonly memoryBytes: number;
}

/** The plan, where every tensor lies, and what is to be written into the memory once. */
export interface Layout {
  readonly plan: Plan;
  readonly addressOf: (tensor: Tensor) => number | undefined;
  readonly initial: readonly Content[];
  /** What stands in the table of functions, from index 1 on: names of kernels. */
  readonly functions: readonly string[];
  /** Where each thread is told what to do (ThreadArgs), and where they meet (BarrierArgs). */
  readonly threadsAt: readonly number[];
  readonly barrierAt: number;
}

export interface PlanOptions {
  /** Keep every tensor until the end of a run, for looking at it. */
  readonly keepAll?: boolean | undefined;
  /** Refuse a model that needs more; 1 GiB by default. */
  readonly maxMemoryBytes?: number | undefined;
}

/** What the plan has to know of the engine that will run it. */
export interface MachineOptions {
  readonly dots?: Dots | undefined;
  /** How many threads may share a step; 1 by default. */
  readonly threads?: number | undefined;
}

/**
 * Chooses a kernel for every piece of work, packs weights, and lays out the memory.
 * @throws PlanError where no kernel fits, or the memory would exceed the limit
 */
export function makePlan(graph: Graph, options: PlanOptions & MachineOptions = {}): Layout {
  const storage = new Storage();
  const limit = options.maxMemoryBytes ?? 2 ** 30;
  const dots = options.dots ?? noDots;
  const pieces = makePieces(graph, storage, { limit, dots, threads: options.threads ?? 1 });
  const threads = pieces.reduce((most, { parts }) => Math.max(most, parts.length), 1);
  const map = layOut(graph, pieces, storage, { threads, limit, keepAll: options.keepAll ?? false });
  const steps = pieces.map((piece) => stepOf(piece, map));
  const sum = (of: (step: Step) => number): number => steps.reduce((n, step) => n + of(step), 0);
  const plan: Plan = {
    format: graph.format,
    steps,
    threads,
    macs: sum((step) => step.macs),
    params: sum((step) => step.params),
    weightBytes: weightBytesOf(graph),
    packedBytes: sum((step) => step.packedBytes),
    arenaBytes: map.arenaBytes,
    maps: map.maps,
    scratchBytes: map.scratchBytes,
    memoryBytes: map.memoryBytes,
  };
  const { addressOf, initial, functions, threadsAt, barrierAt } = map;
  return { plan, addressOf, initial, functions, threadsAt, barrierAt };
}

function stepOf(piece: Piece, { argumentsOf, operandsOf }: MemoryMap): Step {
  const { node, work, part, kernel, why, parts, inputs, outputs, isLast, macs } = piece;
  const counts = isLast ? operatorOf(node.op).count(node) : {};
  const parameters = isLast ? parametersOf(node) : [];
  return {
    name: node.name,
    op: node.op,
    kernel: kernel.name,
    why: part === undefined ? why : `${part}: ${why}`,
    inputShape: (inputs[0] ?? outputs[0]!).shape,
    outputShape: outputs[0]!.shape,
    macs,
    params: parameters.reduce((sum, t) => sum + t.data!.length, 0),
    counts,
    weightBytes: Math.ceil(parameters.reduce((sum, t) => sum + bitsOf(t) * t.data!.length, 0) / 8),
    weights: parameters[0] && { count: parameters[0].data!.length, bits: bitsOf(parameters[0]) },
    isTernary: isTernary(work),
    packedBytes: packedBytesOf(parts),
    work,
    parts: parts.map((part, thread) => ({
      kernel: part.kernel.name,
      work: part.work,
      at: operandsOf(piece, thread),
      argumentsAt: argumentsOf(part),
    })),
  };
}

/** Windows of one number do not count: they have one weight a channel, whatever it is. */
function isTernary(work: Work): boolean {
  if (work.family === 'ternaryU8') return true;
  return work.family === 'convU8' && work.ternary !== undefined && windowSize(work) > 1;
}

function weightBytesOf(graph: Graph): number {
  const seen = new Set<unknown>();
  let bits = 0;
  for (const node of graph.nodes) {
    for (const tensor of parametersOf(node)) {
      const { data } = tensor;
      if (data === undefined || seen.has(data)) continue;
      seen.add(data);
      bits += data.length * bitsOf(tensor);
    }
  }
  return Math.ceil(bits / 8);
}

/** Bits of an element in the file. */
function bitsOf({ data, storedBits }: Tensor): number {
  return storedBits ?? 8 * data!.BYTES_PER_ELEMENT;
}
