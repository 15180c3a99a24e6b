import { PlanError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Node, OpName } from '../graph/node.ts';
import { isConstant, type Tensor } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { type Addresses, type Dots, type Kernel, noDots } from '../kernels/kernel.ts';
import type { Counts, Lowered } from '../ops/operator.ts';
import { operatorOf } from '../ops/table.ts';
import { alignUp } from './align.ts';
import { chooseKernel } from './choose.ts';
import { parametersOf } from './parameters.ts';
import { place } from './place.ts';
import { Storage } from './storage.ts';

/** One call of one kernel. */
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
  /** Where the operands lie, and the argument block. */
  readonly at: Addresses;
  readonly argumentsAt: number;
}

/** All that is decided about a model before it runs. */
export interface Plan {
  readonly format: Graph['format'];
  readonly steps: readonly Step[];
  readonly macs: number;
  /** Weights and biases of the layers, batch norms folded into them. */
  readonly params: number;
  /** What `params` take in the file. */
  readonly weightBytes: number;
  /** Packed weights in memory. */
  readonly packedBytes: number;
  /** Peak memory of the maps between the layers. */
  readonly arenaBytes: number;
  /** Working memory that the hungriest kernel asks for. */
  readonly scratchBytes: number;
  /** The whole wasm memory that the model needs. */
  readonly memoryBytes: number;
}

/** The plan, where every tensor lies, and what is to be written into the memory once. */
export interface Layout {
  readonly plan: Plan;
  readonly addressOf: (tensor: Tensor) => number | undefined;
  readonly initial: readonly { readonly address: number; readonly bytes: Uint8Array }[];
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
}

/** Below this address lies nothing, so that a stray null pointer hits nothing. */
const baseAddress = 1024;
/** Kernels may read this far beyond an operand. */
const overread = 64;

interface Piece extends Lowered {
  readonly node: Node;
  readonly isLast: boolean;
  readonly kernel: Kernel<Work>;
  readonly why: string;
  readonly packed: Uint8Array | undefined;
}

/**
 * Chooses a kernel for every piece of work, packs weights, and lays out the memory.
 * @throws PlanError where no kernel fits, or the memory would exceed the limit
 */
export function makePlan(graph: Graph, options: PlanOptions & MachineOptions = {}): Layout {
  const storage = new Storage();
  const limit = options.maxMemoryBytes ?? 2 ** 30;
  const pieces = choose(graph, storage, limit, options.dots ?? noDots);

  let top = baseAddress;
  const reserve = (bytes: number): number => {
    const address = alignUp(top);
    top = address + bytes;
    return address;
  };
  const blocks = pieces.map(({ kernel }) => reserve(blockBytes(kernel)));
  const packsAt = pieces.map(({ packed }) => (packed ? reserve(packed.byteLength) : 0));

  const { placed, constants, arenaBytes } = placeTensors(graph, pieces, storage, options);
  const constantsAt = constants.map((tensor) => reserve(tensor.data!.byteLength));
  const arenaAt = reserve(arenaBytes);
  const scratchBytes = Math.max(
    0,
    ...pieces.map(({ kernel, work }) => kernel.scratchBytes?.(work) ?? 0),
  );
  const scratch = reserve(scratchBytes);
  const memoryBytes = top + overread;
  if (!(memoryBytes <= limit)) {
    throw tooLarge(graph, `a need of ${memoryBytes} bytes (${arenaBytes} of them for maps)`, limit);
  }

  const addresses = new Map<Tensor, number>();
  for (const [tensor, offset] of placed) addresses.set(tensor, arenaAt + offset);
  constants.forEach((tensor, i) => void addresses.set(tensor, constantsAt[i]!));
  const addressOf = (tensor: Tensor): number | undefined => addresses.get(storage.rootOf(tensor));

  const initial: { address: number; bytes: Uint8Array }[] = [];
  pieces.forEach(({ packed }, i) => {
    if (packed !== undefined) initial.push({ address: packsAt[i]!, bytes: packed });
  });
  constants.forEach(({ data }, i) => {
    const bytes = new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength);
    initial.push({ address: constantsAt[i]!, bytes });
  });

  const steps = pieces.map((piece, i): Step => {
    const { node, work, kernel, why, packed, inputs, outputs, isLast } = piece;
    const at: Addresses = {
      inputs: inputs.map((tensor) => addressOf(tensor)!),
      outputs: outputs.map((tensor) => addressOf(tensor)!),
      packed: packsAt[i]!,
      scratch,
    };
    initial.push({ address: blocks[i]!, bytes: argumentBlock(kernel, work, at) });
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
      packedBytes: packed?.byteLength ?? 0,
      work,
      at,
      argumentsAt: blocks[i]!,
    };
  });
  const sum = (of: (step: Step) => number): number => steps.reduce((n, step) => n + of(step), 0);
  const plan: Plan = {
    format: graph.format,
    steps,
    macs: sum((step) => step.macs),
    params: sum((step) => step.params),
    weightBytes: weightBytesOf(graph),
    packedBytes: sum((step) => step.packedBytes),
    arenaBytes,
    scratchBytes,
    memoryBytes,
  };
  return { plan, addressOf, initial };
}

function tooLarge(graph: Graph, got: string, limit: number): PlanError {
  return new PlanError({
    where: graph.name,
    got,
    expected: `at most ${limit}`,
    advice: 'raise the option maxMemoryBytes, or use a smaller input',
  });
}

/**
 * Lowers each node, picks kernels and packs weights; nodes that move nothing share their input's
 * memory. A file may use one weight a thousand times: what is packed is counted as it grows.
 */
function choose(graph: Graph, storage: Storage, limit: number, dots: Dots): Piece[] {
  const pieces: Piece[] = [];
  let packedBytes = 0;
  for (const node of graph.nodes) {
    const lowered = operatorOf(node.op).lower(node, { rounding: graph.rounding });
    if (lowered.length === 0) {
      storage.alias(node.outputs[0]!, node.inputs[0]!);
      continue;
    }
    for (const [i, piece] of lowered.entries()) {
      const { kernel, why } = chooseKernel(piece.work, node.name, dots);
      const packed = kernel.pack?.(piece.work);
      packedBytes += packed?.byteLength ?? 0;
      if (packedBytes > limit) throw tooLarge(graph, `${packedBytes} bytes of weights`, limit);
      pieces.push({ ...piece, node, kernel, why, packed, isLast: i === lowered.length - 1 });
    }
  }
  return pieces;
}

function placeTensors(
  graph: Graph,
  pieces: readonly Piece[],
  storage: Storage,
  { keepAll = false }: PlanOptions,
) {
  const end = pieces.length;
  for (const input of graph.inputs) storage.use(input, -1);
  pieces.forEach(({ inputs, outputs }, i) => {
    for (const tensor of [...inputs, ...outputs]) storage.use(tensor, i);
  });
  for (const output of graph.outputs) storage.use(output, end);
  if (keepAll) for (const tensor of storage.cells().keys()) storage.use(tensor, end);

  pieces.forEach(({ kernel, work, inputs, outputs }, i) => {
    const [input] = inputs;
    const [output] = outputs;
    if (input === undefined || output === undefined || kernel.inPlace?.(work) !== true) return;
    const from = storage.lifetimeOf(input);
    const to = storage.lifetimeOf(output);
    const dies = from?.last === i && !isConstant(storage.rootOf(input));
    if (dies && to?.first === i && to.bytes <= from.bytes) storage.alias(output, input);
  });

  const cells = [...storage.cells()];
  const constants = cells.map(([tensor]) => tensor).filter(isConstant);
  const maps = cells.filter(([tensor]) => !isConstant(tensor));
  const { offsets, bytes } = place(maps.map(([, lifetime]) => lifetime));
  const placed = new Map(maps.map(([tensor], i) => [tensor, offsets[i]!]));
  return { placed, constants, arenaBytes: bytes };
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
