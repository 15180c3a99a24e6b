import type { Graph } from '../graph/graph.ts';
import type { OpName } from '../graph/node.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { type Addresses, type Dots, type Kernel, noDots } from '../kernels/kernel.ts';
import type { Counts } from '../ops/operator.ts';
import { operatorOf } from '../ops/table.ts';
import { alignUp } from './align.ts';
import { parametersOf } from './parameters.ts';
import { makePieces, packedBytesOf, tooLarge } from './pieces.ts';
import { barrierBytes, programsOf, threadBlock, threadBytes } from './program.ts';
import { Storage } from './storage.ts';
import { placeTensors } from './tensors.ts';

/** One piece of work, by one kernel. */
export interface Step {
  /** The node that it belongs to; a node may take several steps. */
  readonly name: string;
  readonly op: OpName;
  readonly kernel: string;
  readonly why: string;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  /** Nominal multiply-accumulates; on the last step of its node, like `params` and `counts`. */
  readonly macs: number;
  readonly params: number;
  readonly counts: Counts;
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
  /** Working memory: as much for each thread as the hungriest kernel asks for. */
  readonly scratchBytes: number;
  /** The whole wasm memory that the model needs. */
  readonly memoryBytes: number;
}

/** The plan, where every tensor lies, and what is to be written into the memory once. */
export interface Layout {
  readonly plan: Plan;
  readonly addressOf: (tensor: Tensor) => number | undefined;
  readonly initial: readonly { readonly address: number; readonly bytes: Uint8Array }[];
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

/** Below this address lies nothing, so that a stray null pointer hits nothing. */
const baseAddress = 1024;
/** Kernels may read this far beyond an operand. */
const overread = 64;

/**
 * Chooses a kernel for every piece of work, packs weights, and lays out the memory.
 * @throws PlanError where no kernel fits, or the memory would exceed the limit
 */
export function makePlan(graph: Graph, options: PlanOptions & MachineOptions = {}): Layout {
  const storage = new Storage();
  const limit = options.maxMemoryBytes ?? 2 ** 30;
  const pieces = makePieces(graph, storage, {
    limit,
    dots: options.dots ?? noDots,
    threads: options.threads ?? 1,
  });
  const parts = pieces.flatMap((piece) => piece.parts);
  const threads = Math.max(1, ...pieces.map((piece) => piece.parts.length));

  let top = baseAddress;
  const reserve = (bytes: number): number => {
    const address = alignUp(top);
    top = address + bytes;
    return address;
  };
  const barrierAt = reserve(barrierBytes);
  const threadsAt = Array.from({ length: threads }, () => reserve(threadBytes));
  const blocks = new Map(parts.map((part) => [part, reserve(blockBytes(part.kernel))]));
  const { functions, programs } = programsOf(
    pieces.map((piece) =>
      piece.parts.map((part) => ({ kernel: part.kernel.name, argumentsAt: blocks.get(part)! })),
    ),
    threads,
  );
  const programsAt = programs.map(({ byteLength }) => reserve(byteLength));
  const packs = new Map<Uint8Array, number>();
  for (const { packed } of parts) {
    if (packed !== undefined && !packs.has(packed)) packs.set(packed, reserve(packed.byteLength));
  }
  const { offsets, constants, arenaBytes } = placeTensors(
    graph,
    pieces,
    storage,
    options.keepAll ?? false,
  );
  const constantsAt = constants.map((tensor) => reserve(tensor.data!.byteLength));
  const arenaAt = reserve(arenaBytes);
  const shareBytes = Math.max(
    0,
    ...parts.map(({ kernel, work }) => kernel.scratchBytes?.(work) ?? 0),
  );
  const scratchAt = programs.map(() => reserve(shareBytes));
  const memoryBytes = top + overread;
  if (!(memoryBytes <= limit)) {
    throw tooLarge(graph, `a need of ${memoryBytes} bytes (${arenaBytes} of them for maps)`, limit);
  }

  const addresses = new Map<Tensor, number>();
  for (const [tensor, offset] of offsets) addresses.set(tensor, arenaAt + offset);
  constants.forEach((tensor, i) => void addresses.set(tensor, constantsAt[i]!));
  const addressOf = (tensor: Tensor): number | undefined => addresses.get(storage.rootOf(tensor));

  const initial: { address: number; bytes: Uint8Array }[] = [];
  programs.forEach((bytes, i) => {
    const address = programsAt[i]!;
    initial.push({ address, bytes });
    initial.push({ address: threadsAt[i]!, bytes: threadBlock(address, barrierAt, threads) });
  });
  for (const [bytes, address] of packs) initial.push({ address, bytes });
  constants.forEach(({ data }, i) => {
    const bytes = new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength);
    initial.push({ address: constantsAt[i]!, bytes });
  });

  const steps = pieces.map((piece): Step => {
    const { node, work, kernel, why, inputs, outputs, isLast } = piece;
    const counts = isLast ? operatorOf(node.op).count(node) : {};
    return {
      name: node.name,
      op: node.op,
      kernel: kernel.name,
      why,
      inputShape: (inputs[0] ?? outputs[0]!).shape,
      outputShape: outputs[0]!.shape,
      macs: counts.macs ?? 0,
      params: isLast ? parametersOf(node).reduce((sum, t) => sum + t.data!.length, 0) : 0,
      counts,
      packedBytes: packedBytesOf(piece.parts),
      work,
      parts: piece.parts.map((part, thread): StepPart => {
        const at: Addresses = {
          inputs: inputs.map((tensor, i) => addressOf(tensor)! + (part.inputOffsets[i] ?? 0)),
          outputs: outputs.map((tensor, i) => addressOf(tensor)! + (part.outputOffsets[i] ?? 0)),
          packed: part.packed === undefined ? 0 : packs.get(part.packed)!,
          scratch: scratchAt[thread]!,
        };
        const argumentsAt = blocks.get(part)!;
        initial.push({ address: argumentsAt, bytes: argumentBlock(part.kernel, part.work, at) });
        return { kernel: part.kernel.name, work: part.work, at, argumentsAt };
      }),
    };
  });
  const sum = (of: (step: Step) => number): number => steps.reduce((n, step) => n + of(step), 0);
  const plan: Plan = {
    format: graph.format,
    steps,
    threads,
    macs: sum((step) => step.macs),
    params: sum((step) => step.params),
    weightBytes: weightBytesOf(graph),
    packedBytes: sum((step) => step.packedBytes),
    arenaBytes,
    scratchBytes: threads * shareBytes,
    memoryBytes,
  };
  return { plan, addressOf, initial, functions, threadsAt, barrierAt };
}

function blockBytes({ argumentOffsets }: Kernel<Work>): number {
  // An enum also maps numbers back to names; only the names carry offsets.
  const offsets = Object.values(argumentOffsets).filter((value) => typeof value === 'number');
  return Math.max(-4, ...offsets) + 4;
}

function argumentBlock(kernel: Kernel<Work>, work: Work, at: Addresses): Uint8Array {
  const view = new DataView(new ArrayBuffer(blockBytes(kernel)));
  for (const [field, value] of Object.entries(kernel.bind(work, at))) {
    view.setInt32(kernel.argumentOffsets[field]!, value, true);
  }
  return new Uint8Array(view.buffer);
}

function weightBytesOf(graph: Graph): number {
  const seen = new Set<unknown>();
  let bits = 0;
  for (const node of graph.nodes) {
    for (const { data, storedBits } of parametersOf(node)) {
      if (data === undefined || seen.has(data)) continue;
      seen.add(data);
      bits += data.length * (storedBits ?? 8 * data.BYTES_PER_ELEMENT);
    }
  }
  return Math.ceil(bits / 8);
}
