import { baseline, pack, relaxed } from '../../build/kernels.generated.ts';
import { withSharedMemory } from './sharedMemory.ts';

/** 'baseline' runs on every engine with SIMD128, 'relaxed' wants relaxed SIMD as well. */
export type Binary = 'baseline' | 'relaxed';

const texts: Readonly<Record<Binary, string>> = { baseline, relaxed };
const modules = new Map<string, Promise<WebAssembly.Module>>();

/** One instruction of each kind: i8x16.splat, and i16x8.relaxed_dot_i8x16_i7x16_s. */
const instructions: Readonly<Record<Binary, readonly number[]>> = {
  baseline: [0xfd, 0x0f],
  relaxed: [0xfd, 0x0f, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x92, 0x02],
};

/** True where this engine can run the binary, by the newest of its instructions. */
export function supports(binary: Binary): boolean {
  // A function without parameters or locals that gives a vector: i32.const 0, the instructions, end.
  const code = [0, 0x41, 0, ...instructions[binary], 0x0b];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const type = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const body = [10, code.length + 2, 1, code.length, ...code];
  return WebAssembly.validate(Uint8Array.from([...header, ...type, 3, 2, 1, 0, ...body]));
}

/**
 * The binary, compiled; once in a process, however many models are loaded.
 * @param memory the kind that it will be given
 */
export function compile(
  binary: Binary,
  memory: 'own' | 'shared' = 'own',
): Promise<WebAssembly.Module> {
  const key = `${binary} ${memory}`;
  let module = modules.get(key);
  if (module === undefined) {
    const bytes = bytesOf(binary);
    module = WebAssembly.compile(memory === 'shared' ? withSharedMemory(bytes) : bytes);
    modules.set(key, module);
  }
  return module;
}

/** The binary as it is. */
export function bytesOf(binary: Binary): Uint8Array<ArrayBuffer> {
  return decode(texts[binary]);
}

let packer: WebAssembly.Module | undefined;

/** Before a plan is made in a page: some engines compile more than 4 kB only beside it. */
export async function preparePacker(): Promise<void> {
  packer ??= await WebAssembly.compile(decode(pack));
}

/** The binary that packs weights. */
export function compilePacker(): WebAssembly.Module {
  packer ??= new WebAssembly.Module(decode(pack));
  return packer;
}

/** Of the newest engines, many times faster than a loop that runs once. */
const { fromBase64 } = Uint8Array as unknown as {
  readonly fromBase64?: (text: string) => Uint8Array<ArrayBuffer>;
};

function decode(base64: string): Uint8Array<ArrayBuffer> {
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
