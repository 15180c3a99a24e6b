import { ThreadArgs } from '../../assembly/arguments.ts';
import { lineBytes } from './align.ts';

/** One call of a kernel, by the name of its export. */
export interface Call {
  readonly kernel: string;
  readonly argumentsAt: number;
}

/** The calls of a step: that of index t is thread t's. */
export type Calls = readonly Call[];

export interface Programs {
  /** The kernels' places in the table of functions: that of index i stands at i + 1. */
  readonly functions: readonly string[];
  /** The program of each thread, as assembly/sync/program.ts reads it. */
  readonly programs: readonly Uint8Array[];
}

type Entry = readonly [kernel: number, operand: number];

const end: Entry = [0, 0];
const arrive: Entry = [0, 1];
const wait: Entry = [0, 2];

/**
 * A program for each thread. Steps of one call run on thread 0 while the others wait; a barrier
 * stands on both sides of a step of several, and nowhere else.
 */
export function programsOf(steps: readonly Calls[], threads: number): Programs {
  const functions: string[] = [];
  const indices = new Map<string, number>();
  const indexOf = (name: string): number => {
    const index = indices.get(name) ?? functions.push(name);
    indices.set(name, index);
    return index;
  };
  const lists = Array.from({ length: threads }, (): Entry[] => []);
  const meet = (): void => {
    for (const list of lists) list.push(arrive, wait);
  };
  let isShared = false;
  for (const calls of steps) {
    const wasShared = isShared;
    isShared = calls.length > 1;
    if (wasShared || isShared) meet();
    calls.forEach((call, thread) => {
      lists[thread]!.push([indexOf(call.kernel), call.argumentsAt]);
    });
  }
  if (isShared) meet();
  const programs = lists.map((list) => bytesOf([...list, end].flat()));
  return { functions, programs };
}

export const threadBytes = ThreadArgs.waitMilliseconds + 4;
/** A cache line of its own: all threads look at it. */
export const barrierBytes = lineBytes;

/** What a thread is told at first; how it may wait is for the host to say. */
export function threadBlock(programAt: number, barrierAt: number, threads: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(threadBytes));
  view.setInt32(ThreadArgs.program, programAt, true);
  view.setInt32(ThreadArgs.at, programAt, true);
  view.setInt32(ThreadArgs.barrier, barrierAt, true);
  view.setInt32(ThreadArgs.threads, threads, true);
  return new Uint8Array(view.buffer);
}

function bytesOf(words: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, i) => void view.setInt32(4 * i, word, true));
  return new Uint8Array(view.buffer);
}
