/**
 * What a worker of a model does, in the words of any JavaScript engine: `port` is where messages
 * come from and go to. It instantiates the kernels over the model's memory, says so, and then carries
 * out its program run after run, at first waiting until the first one begins.
 */
export const workerScript = `
port.onmessage = ({ data: { module, memory, functions, threadAt, failedAt } }) => {
  let run;
  try {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    exports.table.grow(functions.length + 1 - exports.table.length);
    functions.forEach((name, i) => exports.table.set(i + 1, exports[name]));
    run = exports.run_program;
  } catch (error) {
    port.postMessage({ failed: String(error) });
    return;
  }
  port.postMessage({ ready: true });
  // Once the message is on its way: nothing leaves a thread that never returns.
  setTimeout(() => {
    try {
      for (;;) run(threadAt);
    } catch (error) {
      Atomics.store(new Int32Array(memory.buffer), failedAt >> 2, 1);
      port.postMessage({ failed: String(error) });
    }
  });
};
`;

/** The message that a worker begins with. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** As `instantiateRunner` takes them. */
  readonly functions: readonly string[];
  readonly threadAt: number;
  /** Where a thread that fails says so, for one that waits for it. */
  readonly failedAt: number;
}

/** A worker's answers. */
export interface WorkerMessage {
  readonly ready?: true;
  readonly failed?: string;
}
