import { ChannelsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { compilePacker } from './binaries.ts';
import { instantiate, type Kernels } from './instantiate.ts';

/*
 * Weights are packed in wasm: a model is loaded once, in code that no engine has optimized yet, and
 * there wasm is many times faster than scripts. All work shares one memory, which belongs to one call
 * of `callPacker` at a time.
 */

interface Packer {
  readonly memory: WebAssembly.Memory;
  readonly functions: Kernels;
}

let packer: Packer | undefined;
/** What lies in the memory already: a layer is looked at several times before it is packed. */
let weightsThere: Int8Array | Uint8Array | undefined;

/** Of the longest argument block. */
const argumentBytes = 112;
/** Some functions read so far past an operand. */
const overread = 48;

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

type Numbers = Int32Array | Float32Array | Float64Array;

/** Channels of a convolution: their weights, zero points, and what else is per channel. */
export interface Channels {
  readonly weights: Int8Array | Uint8Array;
  readonly perChannel: Readonly<Record<string, Numbers>>;
}

/** What a call leaves in the memory, to be looked at before the next call. */
export interface Packed {
  /** An operand, to where its field points now: a view. */
  readonly until: (operand: string) => Uint8Array;
}

/**
 * @param fields those of the argument block that come after ChannelsArgs
 * @param numbers fields that are numbers
 * @param operands fields that are addresses: what is copied there, or how many bytes are free there
 */
export function callPacker(
  name: 'pack_blocks' | 'pack_depthwise' | 'channel_sums' | 'channel_bounds',
  fields: object,
  { weights, perChannel }: Channels,
  numbers: Readonly<Record<string, number>>,
  operands: Readonly<Record<string, Numbers | number>> = {},
): Packed {
  const offsets = { ...ChannelsArgs, ...fields } as unknown as Readonly<Record<string, number>>;
  const all = Object.entries({ ...perChannel, ...operands });
  const addresses: Record<string, number> = {};
  // The weights come first, so that they lie at one place whatever comes with them.
  let end = argumentBytes + align(weights.length);
  for (const [operand, content] of all) {
    addresses[operand] = end;
    end += align(typeof content === 'number' ? content : content.byteLength);
  }
  const { memory, functions } = packerWith(end);
  const bytes = new Uint8Array(memory.buffer);
  const words = new Int32Array(memory.buffer);
  const set = (field: string, value: number): void => {
    words[offsets[field]! / 4] = value;
  };
  for (const [field, value] of Object.entries(numbers)) set(field, value);
  set('weights', argumentBytes);
  set('isUnsigned', weights instanceof Uint8Array ? 1 : 0);
  if (weightsThere !== weights) bytes.set(bytesOf(weights), argumentBytes);
  weightsThere = weights;
  for (const [operand, content] of all) {
    set(operand, addresses[operand]!);
    if (typeof content !== 'number') bytes.set(bytesOf(content), addresses[operand]!);
  }
  functions[name]!(0);
  return {
    until: (operand) => bytes.subarray(addresses[operand]!, words[offsets[operand]! / 4]!),
  };
}

/** A layer is packed: its weights are not held, and may change. */
export function forgetWeights(): void {
  weightsThere = undefined;
}

/** Weights and zero points of the channels of `work` from `first` on. */
export function weightsOf(
  { weights, weightZeroPoint, outputChannels }: ConvU8Work,
  first: number,
  count: number,
): Channels {
  const k = weights.length / outputChannels;
  const isWhole = count === outputChannels;
  return {
    weights: isWhole ? weights : weights.subarray(k * first, k * (first + count)),
    perChannel: {
      zeroPoints:
        weightZeroPoint.length === 1
          ? new Int32Array(count).fill(weightZeroPoint[0]!)
          : weightZeroPoint.subarray(first, first + count),
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers | Int8Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function align(bytes: number): number {
  return 16 * Math.ceil(bytes / 16) + overread;
}
