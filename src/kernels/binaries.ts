import { baseline, relaxed } from '../../build/kernels.generated.ts';
import { withSharedMemory } from './sharedMemory.ts';

/** 'baseline' runs on every engine with SIMD128, 'relaxed' wants relaxed SIMD as well. */
export type Binary = 'baseline' | 'relaxed';

const texts: Readonly<Record<Binary, string>> = { baseline, relaxed };
const modules = new Map<string, Promise<WebAssembly.Module>>();

/** True where this engine can run the binary. */
export function supports(binary: Binary): boolean {
  return WebAssembly.validate(bytesOf(binary));
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
  return Uint8Array.from(atob(texts[binary]), (character) => character.charCodeAt(0));
}
