import { BarrierArgs, ThreadArgs } from '../../assembly/arguments.ts';
import { RunError } from '../errors.ts';
import type { Layout } from '../plan/plan.ts';
import { maySleep, type Worker, type Workers } from './workers.ts';

/** How long a worker may take until it is ready. */
const startMilliseconds = 20_000;
/**
 * How often a thread looks at a barrier before it goes to sleep: some 100 us, a few times as long as
 * waking up takes; hardly at all where the threads outnumber the processors.
 */
const spins = 200_000;
const fewSpins = 1000;
/** How long a thread sleeps at a barrier before it looks whether the others are still there. */
const sleepMilliseconds = 100;
/** How long nothing may happen at a barrier. */
const patienceMilliseconds = 10_000;

/** The workers that share the steps of one model with the thread that runs it. */
export class Crew {
  readonly memory: WebAssembly.Memory;
  readonly #workers: readonly Worker[];
  readonly #words: Int32Array;
  readonly #barrierAt: number;
  #failure: string | undefined;
  /** What was seen at the barrier the last time that a wait took long. */
  #arrivals = 0;
  #seenAt = 0;
  #waited = 0;

  private constructor(memory: WebAssembly.Memory, barrierAt: number, workers: readonly Worker[]) {
    this.memory = memory;
    this.#words = new Int32Array(memory.buffer);
    this.#barrierAt = barrierAt;
    this.#workers = workers;
  }

  /**
   * Starts a worker for every thread of the plan but the first, over a memory with the plan's content.
   * @param module the binary for shared memories
   * @returns once all are ready, or why one is not
   */
  static async start(
    workers: Workers,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    layout: Layout,
  ): Promise<Crew | string> {
    const { functions, threadsAt, barrierAt } = layout;
    const failedAt = barrierAt + BarrierArgs.failed;
    const view = new DataView(memory.buffer);
    const own = maySleep() ? sleepMilliseconds : 0;
    const looks = threadsAt.length > workers.cores ? fewSpins : spins;
    threadsAt.forEach((threadAt, i) => {
      view.setInt32(threadAt + ThreadArgs.spins, looks, true);
      view.setInt32(threadAt + ThreadArgs.waitMilliseconds, i === 0 ? own : -1, true);
    });
    const started: Worker[] = [];
    try {
      for (const _ of threadsAt.slice(1)) started.push(workers.start());
      const crew = new Crew(memory, barrierAt, started);
      const ready = started.map((worker, i) =>
        crew.#begin(worker, { module, memory, functions, threadAt: threadsAt[i + 1]!, failedAt }),
      );
      await Promise.all(ready);
      return crew;
    } catch (error) {
      for (const worker of started) worker.end();
      return error instanceof Error ? error.message : String(error);
    }
  }

  #begin(worker: Worker, task: Parameters<Worker['post']>[0]): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new Error('a worker did not start'));
      const timer = setTimeout(late, startMilliseconds);
      const fail = (why: string): void => {
        clearTimeout(timer);
        this.#failure ??= why;
        reject(new Error(why));
      };
      worker.listen(
        ({ failed }) => {
          clearTimeout(timer);
          if (failed === undefined) resolve();
          else fail(failed);
        },
        (why) => fail(`a worker ended: ${why}`),
      );
      worker.post(task);
    });
  }

  /** @throws RunError where a worker is known to be dead */
  check(): void {
    if (this.#failure !== undefined) throw failed(this.#failure);
  }

  /**
   * To be called when a wait at the barrier took long: the engine tells nobody of a worker's death
   * while the thread that would hear of it waits.
   * @throws RunError where a worker has failed, or nothing has happened for long
   */
  watch(): void {
    if (Atomics.load(this.#words, (this.#barrierAt + BarrierArgs.failed) >> 2) !== 0) {
      this.#fail('a kernel stopped');
    }
    const now = performance.now();
    const arrivals = Atomics.load(this.#words, (this.#barrierAt + BarrierArgs.arrivals) >> 2);
    if (arrivals !== this.#arrivals) {
      this.#arrivals = arrivals;
      this.#waited = 0;
    } else {
      // A process that stood still for an hour has not waited for one.
      this.#waited += Math.min(now - this.#seenAt, 2 * sleepMilliseconds);
    }
    this.#seenAt = now;
    if (this.#waited > patienceMilliseconds) this.#fail('a worker does not answer');
  }

  #fail(why: string): never {
    this.#failure ??= why;
    this.end();
    throw failed(this.#failure);
  }

  /** Ends the workers. */
  end(): void {
    for (const worker of this.#workers) worker.end();
  }
}

function failed(why: string): RunError {
  return new RunError({
    where: 'run()',
    got: `the end of a thread (${why})`,
    expected: 'threads that live as long as the model',
    advice: 'load the model again, with fewer threads if it happens once more',
  });
}
