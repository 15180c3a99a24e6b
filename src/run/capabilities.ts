import { MicrojouleError } from '../errors.ts';
import type { Binary } from '../kernels/binaries.ts';
import { type Dots, noDots } from '../kernels/kernel.ts';
import { describeMachine, findMachine, type KernelClass, kernelClassOf } from './machine.ts';
import type { Workers } from './workers.ts';

/** What this engine on this machine can do; plain data, good for a report. */
export interface Capabilities {
  /** The wasm binary that models run on; absent where the engine runs none. */
  readonly binary?: Binary;
  /** The class of kernels that models run on; absent where the engine runs none. */
  readonly kernelClass?: KernelClass;
  /** What relaxed dot products of bytes compute. */
  readonly dots: Dots;
  /** Why it is that binary, and that class. */
  readonly why: string;
  readonly threads: {
    /** Whether `load()` can take more than one. */
    readonly available: boolean;
    /** Processors as far as the engine tells, 1 where there can be no threads: more are of no use. */
    readonly max: number;
    /** What is missing; absent where nothing is. */
    readonly why?: string;
  };
  /** Whether memory can be shared: always in Node, in a page where its headers isolate it. */
  readonly isolated: boolean;
}

export async function findCapabilities(workers: Workers, isolated: boolean): Promise<Capabilities> {
  const whyNot = workers.whyNot();
  const threads =
    whyNot === undefined
      ? { available: true, max: workers.cores }
      : { available: false, max: 1, why: whyNot };
  try {
    const { binary, dots } = await findMachine();
    const machine = { binary, dots };
    const kernelClass = kernelClassOf(machine);
    return { ...machine, kernelClass, why: describeMachine(machine), threads, isolated };
  } catch (error) {
    if (!(error instanceof MicrojouleError)) throw error;
    return { dots: noDots, why: error.message, threads, isolated };
  }
}
