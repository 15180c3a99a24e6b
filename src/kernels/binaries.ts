import { baseline, relaxed } from '../../build/kernels.generated.ts';

/** 'baseline' runs on every engine with SIMD128, 'relaxed' wants relaxed SIMD as well. */
export type Binary = 'baseline' | 'relaxed';

const texts: Readonly<Record<Binary, string>> = { baseline, relaxed };
const modules = new Map<Binary, Promise<WebAssembly.Module>>();

/** True where this engine can run the binary. */
export function supports(binary: Binary): boolean {
  return WebAssembly.validate(bytesOf(binary));
}

/** The binary, compiled; once in a process, however many models are loaded. */
export function compile(binary: Binary): Promise<WebAssembly.Module> {
  let module = modules.get(binary);
  if (module === undefined) {
    module = WebAssembly.compile(bytesOf(binary));
    modules.set(binary, module);
  }
  return module;
}

/** The binary as it is. */
export function bytesOf(binary: Binary): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(texts[binary]), (character) => character.charCodeAt(0));
}
