import { baseline, pack, relaxed } from '../../build/kernels.generated.ts';
import { withSharedMemory } from './sharedMemory.ts';

/** 'baseline' runs on every engine with SIMD128, 'relaxed' wants relaxed SIMD as well. */
export type Binary = 'baseline' | 'relaxed';

const texts: Readonly<Record<Binary, string>> = { baseline, relaxed };
const modules = new Map<string, Promise<WebAssembly.Module>>();

/** True where this engine can run the binary. */
export function supports(binary: Binary): boolean {
  return WebAssembly.validate(decode(texts[binary]));
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

/** The binary that packs weights, compiled on the spot: it is small. */
export function compilePacker(): WebAssembly.Module {
  return new WebAssembly.Module(decode(pack));
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
