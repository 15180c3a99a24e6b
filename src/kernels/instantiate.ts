import { instantiateSync } from '@assemblyscript/loader';

export type KernelFunction = (args: number) => void;
export type Kernels = Readonly<Record<string, KernelFunction>>;

/** Carries out the program of the thread that stands at `threadAt` (assembly/sync/program.ts). */
export type RunProgram = (threadAt: number) => number;

/** What runs a model: its programs, or one kernel at a time. */
export interface Runner {
  readonly runProgram: RunProgram;
  readonly kernels: Kernels;
}

interface Exports extends Record<string, unknown> {
  readonly table: WebAssembly.Table;
  readonly run_program: RunProgram;
}

/**
 * The kernels over a memory of the caller's. One instance serves any number of models that lie in
 * this memory.
 * @param module kernels.wasm or kernels.relaxed.wasm, compiled
 */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return exportsOf<Kernels>(module, memory);
}

/**
 * What runs a model's programs.
 * @param functions names of the kernels that they call: what an entry calls i + 1 is functions[i]
 */
export function instantiateRunner(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  functions: readonly string[],
): Runner {
  const exports = exportsOf<Exports>(module, memory);
  const { table, run_program } = exports;
  table.grow(functions.length + 1 - table.length);
  functions.forEach((name, i) => void table.set(i + 1, exports[name]));
  return { runProgram: run_program, kernels: exports as unknown as Kernels };
}

/** As wasm has them: the loader's own `exports` wrap each function in one that costs more than a small kernel. */
function exportsOf<T>(module: WebAssembly.Module, memory: WebAssembly.Memory): T {
  return instantiateSync(module, { env: { memory } }).instance.exports as T;
}
