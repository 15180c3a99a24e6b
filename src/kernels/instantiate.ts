import { instantiateSync } from '@assemblyscript/loader';

export type KernelFunction = (args: number) => void;
export type Kernels = Readonly<Record<string, KernelFunction>>;

/**
 * The kernels over a memory of the caller's. One instance serves any number of models that lie in
 * this memory.
 * @param module kernels.wasm or kernels.relaxed.wasm, compiled
 */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return instantiateSync<Record<string, KernelFunction>>(module, { env: { memory } }).exports;
}
