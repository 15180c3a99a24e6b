import { baseline, pack, relaxed } from '../../build/kernels.generated.ts';

/** 'baseline' runs on every engine with SIMD128, 'relaxed' wants relaxed SIMD as well. */
export type Binary = 'baseline' | 'relaxed';

const texts: Readonly<Record<Binary, string>> = { baseline, relaxed };
const modules = new Map<Binary, Promise<WebAssembly.Module>>();

/** True where this engine can run the binary. */
export function supports(binary: Binary): boolean {
  return WebAssembly.validate(decode(texts[binary]));
}

/** The binary, compiled; once in a process, however many models are loaded. */
export function compile(binary: Binary): Promise<WebAssembly.Module> {
  let module = modules.get(binary);
  if (module === undefined) {
    module = WebAssembly.compile(decode(texts[binary]));
    modules.set(binary, module);
  }
  return module;
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
