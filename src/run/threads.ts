import { PlanError } from '../errors.ts';
import { type Binary, compile } from '../kernels/binaries.ts';
import type { Layout } from '../plan/plan.ts';
import { Crew } from './crew.ts';
import { makeMemory } from './memory.ts';
import type { Workers } from './workers.ts';

/** More than any machine has use for in a layer of a network. */
const most = 64;

/** A plan for as many threads as there are, and the workers among them. */
export interface Threaded {
  readonly layout: Layout;
  readonly module: WebAssembly.Module;
  /** Undefined where one thread does it all. */
  readonly crew: Crew | undefined;
  /** Why there are fewer than were asked for. */
  readonly why: string | undefined;
}

/**
 * Plans for the threads asked for, and starts them; for one where there can be no more.
 * @param plan makes the plan for up to that many threads
 * @throws PlanError where `threads` is no number of threads
 */
export async function withThreads(
  threads: number,
  binary: Binary,
  workers: Workers | undefined,
  plan: (threads: number) => Layout,
): Promise<Threaded> {
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= most)) {
    throw new PlanError({
      where: 'option threads',
      got: String(threads),
      expected: `a whole number from 1 to ${most}`,
      advice: 'leave it out for one thread, or pass the number of processors',
    });
  }
  const alone = async (why: string | undefined): Promise<Threaded> => {
    return { layout: plan(1), module: await compile(binary), crew: undefined, why };
  };
  if (threads === 1) return alone(undefined);
  if (workers === undefined) return alone('this platform has no workers');
  const whyNot = workers.whyNot();
  if (whyNot !== undefined) return alone(whyNot);
  const layout = plan(threads);
  const shared = layout.plan.threads;
  if (shared === 1) return alone('no step of the model is worth sharing');
  const module = await compile(binary, 'shared');
  const crew = await Crew.start(workers, module, makeMemory(layout, true), layout);
  if (typeof crew === 'string') return alone(crew);
  const why = shared < threads ? `no step of the model is worth more than ${shared}` : undefined;
  return { layout, module, crew, why };
}
