import type { TypedArray } from '../graph/tensor.ts';
import type { Work } from '../graph/work.ts';
import { instantiate, type Kernels } from '../kernels/instantiate.ts';
import type { Addresses, Kernel } from '../kernels/kernel.ts';
import { alignUp } from '../plan/align.ts';
import type { Operands } from './operands.ts';

/** Nothing lies below. */
const baseAddress = 1024;
/** Kernels may read this far beyond an operand. */
const overread = 64;

/** A kernel that is ready to run on operands in the bed's memory. */
export interface Placed {
  readonly run: () => void;
  /** Fills the outputs with what no kernel writes by chance. */
  readonly clear: () => void;
  /** What the outputs hold now. */
  readonly outputs: () => TypedArray[];
  /** What the kernel reads and writes: operands and packed weights. */
  readonly bytes: number;
  /** Its weights and parameters. */
  readonly packed: Uint8Array;
}

/** A memory and its kernels, for one piece of work at a time. */
export class Bed {
  readonly kernels: Kernels;
  readonly #memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });

  constructor(module: WebAssembly.Module) {
    this.kernels = instantiate(module, this.#memory);
  }

  /** Lays out the operands, as a plan would, for each of the kernels; packed weights differ. */
  place(kernels: readonly Kernel<Work>[], work: Work, { inputs, outputs }: Operands): Placed[] {
    let top = baseAddress;
    const reserve = (bytes: number): number => {
      const address = alignUp(top);
      top = address + bytes + overread;
      return address;
    };
    const inputsAt = inputs.map(({ byteLength }) => reserve(byteLength));
    const outputsAt = outputs.map(({ byteLength }) => reserve(byteLength));
    const scratch = reserve(Math.max(...kernels.map((kernel) => kernel.scratchBytes?.(work) ?? 0)));
    const blocks = kernels.map(({ argumentOffsets }) =>
      reserve(4 + Math.max(0, ...Object.values(argumentOffsets).filter(Number.isInteger))),
    );
    const packs = kernels.map((kernel) => kernel.pack?.(work) ?? new Uint8Array(0));
    const packsAt = packs.map(({ byteLength }) => reserve(byteLength));
    const missing = top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));

    const memory = new Uint8Array(this.#memory.buffer);
    inputs.forEach((input, i) => void memory.set(bytesOf(input), inputsAt[i]!));
    packs.forEach((packed, i) => void memory.set(packed, packsAt[i]!));
    const operandBytes = [...inputs, ...outputs].reduce((sum, x) => sum + x.byteLength, 0);
    return kernels.map((kernel, i): Placed => {
      const at: Addresses = { inputs: inputsAt, outputs: outputsAt, packed: packsAt[i]!, scratch };
      const view = new DataView(memory.buffer);
      for (const [field, value] of Object.entries(kernel.bind(work, at)))
        view.setInt32(blocks[i]! + kernel.argumentOffsets[field]!, value, true);
      const call = this.kernels[kernel.name]!;
      const block = blocks[i]!;
      return {
        run: () => call(block),
        clear: () => {
          outputs.forEach(({ byteLength }, o) => {
            memory.fill(0xa5, outputsAt[o]!, outputsAt[o]! + byteLength);
          });
        },
        outputs: () => outputs.map((output, o) => copyOut(memory, output, outputsAt[o]!)),
        bytes: operandBytes + packs[i]!.byteLength,
        packed: packs[i]!,
      };
    });
  }
}

function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** A copy of what stands at the address, in the type of `like`. */
function copyOut(memory: Uint8Array, like: TypedArray, address: number): TypedArray {
  const copy = memory.slice(address, address + like.byteLength);
  const type = like.constructor as new (buffer: ArrayBufferLike) => TypedArray;
  return new type(copy.buffer);
}
