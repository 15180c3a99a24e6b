import type { WorkerMessage, WorkerTask } from './workerScript.ts';

/** A worker that has been started, whatever the platform. */
export interface Worker {
  /**
   * @param onMessage for its answers
   * @param onEnd for its death, with the cause; not after `end()`
   */
  listen(onMessage: (message: WorkerMessage) => void, onEnd: (why: string) => void): void;
  post(task: WorkerTask): void;
  /** Stops it, whatever it is doing. */
  end(): void;
}

/** How a platform makes workers. */
export interface Workers {
  /** Processors of the machine, as far as the platform tells. */
  readonly cores: number;
  /** Why there can be no threads here; undefined where there can. */
  whyNot(): string | undefined;
  /** @throws where the platform will not start one */
  start(): Worker;
}

/** Whether this thread may sleep: that of a page may not. */
export function maySleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
}
