import { type Binary, compile } from '../../src/kernels/binaries.ts';
import { instantiate, type Kernels } from '../../src/kernels/instantiate.ts';
import type { Dots } from '../../src/kernels/kernel.ts';
import { noDots } from '../../src/kernels/kernel.ts';
import { probeDots } from '../../src/kernels/probe.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { makeParts } from '../../src/plan/pieces.ts';
import type { Share } from '../../src/plan/share.ts';
import type { ShareCase } from './shareOperands.ts';

const guard = 0xa5;
/** Untouched bytes on both sides of the output. */
const margin = 256;

export interface Engine {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly dots: Dots;
}

export async function engineOf(binary: Binary): Promise<Engine> {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 1024 });
  const module = await compile(binary);
  const dots = binary === 'relaxed' ? probeDots(module) : noDots;
  return { memory, kernels: instantiate(module, memory), dots };
}

/**
 * Does the shares one after the other on one thread, and returns the whole output with what stands
 * around it: a share that writes beyond its own part is seen by those done before it, and a last one
 * by the guard bytes. Scratch holds garbage.
 */
export function runShares(
  { memory, kernels, dots }: Engine,
  { work, inputs, outputBytes }: ShareCase,
  shares: readonly Share[],
): Uint8Array {
  let top = 1024;
  const place = (bytes: number): number => {
    const address = Math.ceil(top / 64) * 64;
    top = address + bytes + 128;
    const missing = top - memory.buffer.byteLength;
    if (missing > 0) {
      const before = memory.buffer.byteLength;
      memory.grow(Math.ceil(missing / 65536));
      new Uint8Array(memory.buffer).fill(guard, before);
    }
    return address;
  };
  const put = (bytes: Uint8Array): number => {
    const address = place(bytes.byteLength);
    new Uint8Array(memory.buffer).set(bytes, address);
    return address;
  };
  new Uint8Array(memory.buffer).fill(guard);
  const inputsAt = inputs.map(put);
  const outputAt = place(outputBytes + 2 * margin) + margin;
  const { kernel } = chooseKernel(work, 'test', dots);
  for (const part of makeParts(shares, kernel, 'test', dots)) {
    const at = {
      inputs: inputsAt.map((address, i) => address + (part.inputOffsets[i] ?? 0)),
      outputs: [outputAt + (part.outputOffsets[0] ?? 0)],
      packed: put(part.packed ?? new Uint8Array(0)),
      scratch: put(new Uint8Array(part.kernel.scratchBytes?.(part.work) ?? 0).fill(guard)),
    };
    const offsets = part.kernel.argumentOffsets;
    const block = place(4 * Object.keys(offsets).length);
    const view = new DataView(memory.buffer);
    for (const [field, value] of Object.entries(part.kernel.bind(part.work, at))) {
      view.setInt32(block + offsets[field]!, value, true);
    }
    kernels[part.kernel.name]!(block);
  }
  return new Uint8Array(memory.buffer).slice(outputAt - margin, outputAt + outputBytes + margin);
}
