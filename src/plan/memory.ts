import type { Graph } from '../graph/graph.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import type { Addresses, Kernel } from '../kernels/kernel.ts';
import { alignUp } from './align.ts';
import { type Part, type Piece, tooLarge } from './pieces.ts';
import { barrierBytes, type Programs, programsOf, threadBlock, threadBytes } from './program.ts';
import type { Storage } from './storage.ts';
import { type ArenaMap, placeTensors } from './tensors.ts';

/** Bytes that are written into the memory once. */
export interface Content {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Where everything lies. */
export interface MemoryMap extends Pick<Programs, 'functions'> {
  readonly barrierAt: number;
  readonly threadsAt: readonly number[];
  readonly argumentsOf: (part: Part) => number;
  /** Where the operands of a part lie that is the given thread's. */
  readonly operandsOf: (piece: Piece, thread: number) => Addresses;
  readonly addressOf: (tensor: Tensor) => number | undefined;
  readonly initial: readonly Content[];
  readonly arenaBytes: number;
  readonly maps: readonly ArenaMap[];
  readonly scratchBytes: number;
  readonly memoryBytes: number;
}

/** Below this address lies nothing, so that a stray null pointer hits nothing. */
const baseAddress = 1024;
/** Kernels may read this far beyond an operand. */
const overread = 64;

/**
 * Lays out the memory in which the pieces run on `threads` threads.
 * @throws PlanError where it would take more than `limit` bytes
 */
export function layOut(
  graph: Graph,
  pieces: readonly Piece[],
  storage: Storage,
  { threads, limit, keepAll }: { threads: number; limit: number; keepAll: boolean },
): MemoryMap {
  let top = baseAddress;
  const reserve = (bytes: number): number => {
    const address = alignUp(top);
    top = address + bytes;
    return address;
  };
  const parts = pieces.flatMap((piece) => piece.parts);
  const barrierAt = reserve(barrierBytes);
  const threadsAt = Array.from({ length: threads }, () => reserve(threadBytes));
  const blocks = new Map(parts.map((part) => [part, reserve(blockBytes(part.kernel))]));
  const argumentsOf = (part: Part): number => blocks.get(part)!;
  const calls = pieces.map((piece) =>
    piece.parts.map((part) => ({ kernel: part.kernel.name, argumentsAt: argumentsOf(part) })),
  );
  const { functions, programs } = programsOf(calls, threads);
  const programsAt = programs.map(({ byteLength }) => reserve(byteLength));
  const packs = new Map<Uint8Array, number>();
  for (const { packed } of parts) {
    if (packed !== undefined && !packs.has(packed)) packs.set(packed, reserve(packed.byteLength));
  }
  const { offsets, constants, arenaBytes, maps } = placeTensors(graph, pieces, storage, keepAll);
  const constantsAt = constants.map((tensor) => reserve(tensor.data!.byteLength));
  const arenaAt = reserve(arenaBytes);
  const shareBytes = parts.reduce(
    (most, { kernel, work }) => Math.max(most, kernel.scratchBytes?.(work) ?? 0),
    0,
  );
  const scratchAt = threadsAt.map(() => reserve(shareBytes));
  const memoryBytes = top + overread;
  if (!(memoryBytes <= limit)) {
    throw tooLarge(graph, `a need of ${memoryBytes} bytes (${arenaBytes} of them for maps)`, limit);
  }

  const addresses = new Map<Tensor, number>();
  for (const [tensor, offset] of offsets) addresses.set(tensor, arenaAt + offset);
  constants.forEach((tensor, i) => void addresses.set(tensor, constantsAt[i]!));
  const addressOf = (tensor: Tensor): number | undefined => addresses.get(storage.rootOf(tensor));
  const operandsOf = ({ inputs, outputs, parts }: Piece, thread: number): Addresses => {
    const { inputOffsets, outputOffsets, packed } = parts[thread]!;
    return {
      inputs: inputs.map((tensor, i) => addressOf(tensor)! + (inputOffsets[i] ?? 0)),
      outputs: outputs.map((tensor, i) => addressOf(tensor)! + (outputOffsets[i] ?? 0)),
      packed: packed === undefined ? 0 : packs.get(packed)!,
      scratch: scratchAt[thread]!,
    };
  };

  const initial: Content[] = [];
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
  for (const piece of pieces) {
    piece.parts.forEach((part, thread) => {
      const bytes = argumentBlock(part.kernel, part.work, operandsOf(piece, thread));
      initial.push({ address: argumentsOf(part), bytes });
    });
  }
  return {
    ...{ functions, barrierAt, threadsAt, argumentsOf, operandsOf, addressOf, initial },
    ...{ arenaBytes, maps, scratchBytes: threads * shareBytes, memoryBytes },
  };
}

const sizes = new Map<Kernel<Work>, number>();

function blockBytes(kernel: Kernel<Work>): number {
  let size = sizes.get(kernel);
  if (size === undefined) {
    // An enum also maps numbers back to names; only the names carry offsets.
    const values = Object.values(kernel.argumentOffsets);
    size = Math.max(-4, ...values.filter((value) => typeof value === 'number')) + 4;
    sizes.set(kernel, size);
  }
  return size;
}

function argumentBlock(kernel: Kernel<Work>, work: Work, at: Addresses): Uint8Array {
  const words = new Int32Array(blockBytes(kernel) / 4);
  const fields = kernel.bind(work, at);
  for (const field of Object.keys(fields))
    words[kernel.argumentOffsets[field]! / 4] = fields[field]!;
  return new Uint8Array(words.buffer);
}
