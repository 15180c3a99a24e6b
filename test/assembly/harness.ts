import { readFileSync } from 'node:fs';
import type { TypedArray } from '../../src/graph/tensor.ts';
import type { Work } from '../../src/graph/work.ts';
import { instantiate, type Kernels } from '../../src/kernels/instantiate.ts';
import { type Dots, isExactWith, type Kernel } from '../../src/kernels/kernel.ts';
import { probeDots } from '../../src/kernels/probe.ts';

const guard = 0xa5;
const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536 });
const binaries = new Map<string, Kernels>();
/** What the relaxed dots of each binary are good for on this machine. */
const dots = new Map<string, Dots>();

for (const [name, file] of [
  ['baseline', 'kernels.wasm'],
  ['relaxed', 'kernels.relaxed.wasm'],
  // For the tests: all kernels, dots of bytes emulated as machines of each kind have them.
  ['unsigned', 'kernels.unsigned.wasm'],
  ['signed', 'kernels.signed.wasm'],
] as const) {
  const bytes = readFileSync(new URL(`../../build/${file}`, import.meta.url));
  // Engines without relaxed SIMD (Node 20) reject that binary: tested where it can run.
  if (WebAssembly.validate(bytes)) {
    const module = new WebAssembly.Module(bytes);
    binaries.set(name, instantiate(module, memory));
    dots.set(name, probeDots(module));
  }
}

/** The binaries that this engine runs and that are shipped. */
export const binaryNames: readonly string[] = [...binaries.keys()].filter((name) =>
  ['baseline', 'relaxed'].includes(name),
);

/** The binaries in which the kernel is exact on this machine, emulated ones where it needs dots. */
export function binariesOf(kernel: Pick<Kernel, 'dots'>): readonly string[] {
  const names = kernel.dots === undefined ? binaryNames : [...binaries.keys()];
  return names.filter((name) => isExactWith(dots.get(name)!, kernel));
}

/** Products that kernels of an emulated binary computed since the last call. */
export function countedMacs(binary: 'unsigned' | 'signed'): number {
  return (binaries.get(binary)!.counted_macs as unknown as () => number)();
}

export interface RunOptions {
  readonly binary?: string;
  /** Bytes by which every operand is moved off its alignment. */
  readonly misalign?: number;
  /** Output 0 takes the place of input 0. */
  readonly inPlace?: boolean;
}

/**
 * Runs one kernel on one piece of work and returns its outputs. Memory around the operands holds
 * guard bytes, scratch and outputs hold garbage; a write outside output and scratch throws.
 */
export function runKernel<W extends Work>(
  kernel: Kernel<W>,
  work: W,
  inputs: readonly TypedArray[],
  outputs: readonly TypedArray[],
  { binary = 'baseline', misalign = 0, inPlace = false }: RunOptions = {},
): TypedArray[] {
  if (kernel.fits(work) === undefined) throw new Error(`${kernel.name} does not fit the work`);
  let top = 65536;
  const place = (bytes: number, shift = 0): number => {
    const address = Math.ceil(top / 64) * 64 + shift;
    top = address + bytes + 128;
    return address;
  };
  const packed = kernel.pack?.(work) ?? new Uint8Array(0);
  const packedAt = place(packed.byteLength);
  const inputsAt = inputs.map((input) => place(input.byteLength, misalign));
  const outputsAt = outputs.map((output, i) =>
    inPlace && i === 0 ? inputsAt[0]! : place(output.byteLength, misalign),
  );
  const scratchBytes = kernel.scratchBytes?.(work) ?? 0;
  const scratch = place(scratchBytes);
  const blockBytes = Math.max(0, ...Object.values(kernel.argumentOffsets).filter(isNumber)) + 4;
  const args = place(blockBytes);
  const missing = top + 128 - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));

  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(guard, 65536 - 128, top);
  bytes.set(packed, packedAt);
  inputs.forEach((input, i) => void bytes.set(bytesOf(input), inputsAt[i]!));
  const at = { inputs: inputsAt, outputs: outputsAt, packed: packedAt, scratch };
  const fields = kernel.bind(work, at);
  const view = new DataView(memory.buffer);
  for (const [field, value] of Object.entries(fields)) {
    view.setInt32(args + kernel.argumentOffsets[field]!, value, true);
  }
  const before = bytes.slice(0, top);
  binaries.get(binary)![kernel.name]!(args);

  const open = [
    ...outputsAt.map((address, i) => [address, address + outputs[i]!.byteLength] as const),
    [scratch, scratch + scratchBytes] as const,
    [top, top] as const,
  ].sort(([a], [b]) => a - b);
  let closed = 0;
  for (const [from, to] of open) {
    const [is, was] = [bytes, before].map((memory) =>
      Buffer.from(memory.buffer, closed, from - closed),
    );
    if (!is!.equals(was!)) {
      const i = closed + is!.findIndex((byte, at) => byte !== was![at]);
      throw new Error(`${kernel.name} wrote to byte ${i}, outside its output: ${describe(i, at)}`);
    }
    closed = Math.max(closed, to);
  }
  return outputs.map((output, i) => {
    const copy = bytes.slice(outputsAt[i]!, outputsAt[i]! + output.byteLength);
    const type = output.constructor as new (buffer: ArrayBuffer) => TypedArray;
    return new type(copy.buffer);
  });
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function bytesOf(array: TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function describe(address: number, at: object): string {
  return `address ${address}, operands at ${JSON.stringify(at)}`;
}
