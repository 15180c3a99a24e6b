import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Answer, Task } from './child.ts';

/** A mutant that ended neither in an error of ours nor in a run. */
export interface Find extends Task {
  readonly message: string;
  readonly story: string;
}

export interface Outcome {
  readonly refused: number;
  readonly planned: number;
  readonly run: number;
  readonly finds: readonly Find[];
}

export interface FleetOptions {
  /** Paths of the files that are mutated. */
  readonly seeds: readonly string[];
  /** Where the bundle of the children goes. */
  readonly folder: string;
  readonly processes: number;
  /** A file that takes longer is a find. */
  readonly hangMs: number;
  /** A process that ever holds more makes a find of its file. */
  readonly maxProcessBytes: number;
  /** Called with every end, for figures. */
  readonly onEnd?: (task: Task, answer: Answer) => void;
}

/**
 * Tries every task in processes of their own: one that hangs, runs out of memory or dies takes
 * nothing with it, and is known by its task.
 */
export async function tryAll(tasks: readonly Task[], options: FleetOptions): Promise<Outcome> {
  const script = join(options.folder, 'fuzzChild.mjs');
  await build({
    entryPoints: ['test/fuzz/child.ts'],
    outfile: script,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
  });
  const counts = { refused: 0, planned: 0, run: 0, failed: 0 };
  const finds: Find[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    let child = start(script, options.seeds);
    try {
      while (next < tasks.length) {
        const task = tasks[next++]!;
        const answer = await ask(child, task, options);
        options.onEnd?.(task, answer);
        counts[answer.kind]++;
        if (answer.kind !== 'failed') continue;
        finds.push({ ...task, message: answer.message, story: answer.story });
        child.kill('SIGKILL');
        child = start(script, options.seeds);
      }
    } finally {
      child.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: options.processes }, work));
  const { refused, planned, run } = counts;
  return { refused, planned, run, finds };
}

function start(script: string, seeds: readonly string[]): ChildProcess {
  const execArgv = ['--max-old-space-size=512'];
  return fork(script, [...seeds], { execArgv, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
}

/** The child's answer, or what happened to it in place of one. */
function ask(child: ChildProcess, task: Task, options: FleetOptions): Promise<Answer> {
  const { hangMs, maxProcessBytes } = options;
  return new Promise((resolve) => {
    let errors = '';
    const onErrors = (chunk: Buffer): void => {
      errors += chunk;
    };
    const settle = (answer: Answer): void => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
      child.stderr?.off('data', onErrors);
      resolve(answer);
    };
    const fail = (message: string): void =>
      settle({ kind: 'failed', message, story: '', peakBytes: 0 });
    const onMessage = (sent: unknown): void => {
      // The only thing that our child sends.
      const answer = sent as Answer;
      const megabytes = Math.round(answer.peakBytes / 2 ** 20);
      const greedy = answer.kind !== 'failed' && answer.peakBytes > maxProcessBytes;
      const message = `the process took ${megabytes} MiB`;
      settle(greedy ? { ...answer, kind: 'failed', message } : answer);
    };
    const onExit = (code: number | null, signal: string | null): void =>
      fail(`the process ended with ${code ?? signal}\n${errors.slice(-2000)}`);
    const timer = setTimeout(() => fail(`no end within ${hangMs} ms`), hangMs);
    child.on('message', onMessage).on('exit', onExit);
    child.stderr?.on('data', onErrors);
    child.send(task);
  });
}
