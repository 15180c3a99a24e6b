import type { ConvU8Work } from '../graph/work.ts';
import { compilePacker } from './binaries.ts';
import { instantiate, type Kernels } from './instantiate.ts';

/*
 * Weights are packed in wasm: a model is loaded once, in code that no engine has optimized yet, and
 * there wasm is many times faster than scripts. All work shares one memory, which belongs to one call
 * of `callPacker` at a time.
 */

/** Of the longest argument block. */
const argumentBytes = 112;

interface Packer {
  readonly memory: WebAssembly.Memory;
  readonly functions: Kernels;
}

let packer: Packer | undefined;

/** The packer, its memory at least `bytes` long. */
function packerWith(bytes: number): Packer {
  if (packer === undefined) {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 65536 });
    packer = { memory, functions: instantiate(compilePacker(), memory) };
  }
  const missing = bytes - packer.memory.buffer.byteLength;
  if (missing > 0) packer.memory.grow(Math.ceil(missing / 65536));
  return packer;
}

type Numbers = Uint8Array | Int8Array | Int32Array | Float32Array | Float64Array;

/** An operand that is copied into the packer's memory, or so many bytes of it. */
export type Operand = Numbers | number;

/** What a call leaves in the memory, to be looked at before the next call. */
export interface Packed {
  /** The value of a field of the argument block. */
  readonly field: (name: string) => number;
  /** An operand, to where its field points now: a view. */
  readonly until: (operand: string) => Uint8Array;
}

/**
 * @param fields the argument block, as assembly/arguments.ts declares it
 * @param numbers fields that are numbers
 * @param operands fields that are addresses
 */
export function callPacker(
  name: 'pack_blocks' | 'pack_depthwise' | 'channel_sums' | 'channel_bounds',
  fields: object,
  numbers: Readonly<Record<string, number>>,
  operands: Readonly<Record<string, Operand>>,
): Packed {
  const offsets = fields as Readonly<Record<string, number>>;
  const addresses: Record<string, number> = {};
  let end = argumentBytes;
  for (const [operand, content] of Object.entries(operands)) {
    addresses[operand] = end;
    const bytes = typeof content === 'number' ? content : content.byteLength;
    // Some functions read up to 47 bytes past an operand.
    end += 16 * Math.ceil(bytes / 16) + 48;
  }
  const { memory, functions } = packerWith(end);
  const bytes = new Uint8Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  for (const [field, value] of Object.entries(numbers)) words[offsets[field]! / 4] = value;
  for (const [operand, content] of Object.entries(operands)) {
    const address = addresses[operand]!;
    words[offsets[operand]! / 4] = address;
    if (typeof content !== 'number') bytes.set(bytesOf(content), address);
  }
  functions[name]!(0);
  return {
    field: (field) => words[offsets[field]! / 4]!,
    until: (operand) => bytes.subarray(addresses[operand]!, words[offsets[operand]! / 4]!),
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function isUnsigned({ weights }: ConvU8Work): 0 | 1 {
  return weights instanceof Uint8Array ? 1 : 0;
}
