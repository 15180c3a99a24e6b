import type { TypedArray } from '../graph/tensor.ts';
import type { Model } from '../run/model.ts';
import { isSettled } from './statistics.ts';
import type { Stopwatch } from './stopwatch.ts';

/** A moment of a run: what ran, from when on, for how long. */
export interface Span {
  readonly startMs: number;
  readonly durationMs: number;
}

/** A run as it went, the clock read around every step. */
export interface TracedRun extends Span {
  readonly steps: readonly Span[];
}

/** A sample is at least as long as this many of the clock's steps. */
const resolutions = 10;
const maxCalls = 2 ** 20;
/** Disturbed samples are taken again for so long. */
const patienceMs = 8000;

/** Samples of a model's steps and of its whole runs, as they come in. */
export class Rounds {
  readonly steps: number[][];
  wholes: number[] = [];
  repeated = 0;
  disturbed = 0;
  readonly #model: Model;
  readonly #inputs: readonly TypedArray[];
  readonly #watch: Stopwatch;
  /** Calls in one sample of each step. */
  readonly #calls: number[];
  #pausedAt: number;

  constructor(model: Model, inputs: readonly TypedArray[], watch: Stopwatch) {
    this.#model = model;
    this.#inputs = inputs;
    this.#watch = watch;
    this.steps = model.plan.steps.map(() => []);
    this.#calls = model.plan.steps.map(() => 1);
    this.#pausedAt = watch.now();
  }

  /**
   * Runs until no step becomes faster any more. V8 runs a function in its baseline compiler's code
   * first, 2 to 8 times slower; the better code comes from another thread after some milliseconds.
   * @returns the number of runs
   */
  async warmUp(): Promise<number> {
    const windowRuns = 10;
    const start = this.#watch.now();
    let best = this.steps.map(() => Number.POSITIVE_INFINITY);
    let [runs, calm] = [0, 0];
    while (calm < 2 || this.#watch.now() - start < 50) {
      const least = this.steps.map(() => Number.POSITIVE_INFINITY);
      for (let i = 0; i < windowRuns; i++) {
        this.#model.run(...this.#inputs);
        this.#model.runStepwise(this.#inputs, (step, run) => {
          least[step] = Math.min(least[step]!, this.#watch.time(run));
        });
        await this.#breathe();
      }
      runs += 2 * windowRuns;
      const fell = least.some((ms, i) => ms < 0.9 * best[i]! - this.#watch.resolutionMs);
      calm = fell ? 0 : calm + 1;
      best = best.map((ms, i) => Math.min(ms, least[i]!));
      if (this.#watch.now() - start > 5000) break;
    }
    this.#countCalls();
    return runs;
  }

  /** Finds how often a step must be called for the clock to tell its time. */
  #countCalls(): void {
    const wantedMs = resolutions * this.#watch.resolutionMs;
    this.#model.runStepwise(this.#inputs, (step, run) => {
      let calls = 1;
      // The best of some: the first is slow, and others may be disturbed.
      const sample = (): number => this.#watch.time(() => repeat(run, calls));
      const bestMs = (): number => Math.min(...Array.from({ length: 5 }, sample));
      while (bestMs() < wantedMs && calls < maxCalls) calls *= 2;
      this.#calls[step] = calls;
    });
  }

  /** Takes samples until `count` of everything were undisturbed, or patience is at its end. */
  async collect(count: number): Promise<void> {
    const start = this.#watch.now();
    const isPatient = (): boolean => this.#watch.now() - start < patienceMs;
    for (let attempt = 0; attempt < 3; attempt++) {
      this.wholes = [];
      for (const samples of this.steps) samples.length = 0;
      [this.repeated, this.disturbed] = [0, 0];
      while (!this.#isFull(count)) {
        this.#round(count, isPatient());
        await this.#breathe();
      }
      // The optimizing compiler may come late, where the other cores are busy.
      const slack = 2 * this.#watch.resolutionMs;
      const all = [this.wholes, ...this.steps];
      if (!isPatient() || all.every((samples) => isSettled(samples, slack))) return;
    }
  }

  /** Runs with the clock read around every step and nothing between them. */
  trace(count: number): TracedRun[] {
    // The first ones run what no optimizing compiler has seen: this very loop.
    for (const start = this.#watch.now(); this.#watch.now() - start < 30; ) this.#traceOne();
    return Array.from({ length: count }, () => this.#traceOne());
  }

  #traceOne(): TracedRun {
    const { now } = this.#watch;
    const steps: Span[] = [];
    const start = now();
    this.#model.runStepwise(this.#inputs, (_, run) => {
      const startMs = now();
      run();
      steps.push({ startMs, durationMs: now() - startMs });
    });
    return { startMs: start, durationMs: now() - start, steps };
  }

  #isFull(count: number): boolean {
    return [this.wholes, ...this.steps].every((samples) => samples.length >= count);
  }

  /** A whole run, then one step by step, between calibrations. */
  #round(count: number, strict: boolean): void {
    let wasQuiet: boolean | undefined;
    const take = (samples: number[], calls: number, run: () => void): void => {
      if (samples.length >= count) {
        run();
        wasQuiet = undefined;
        return;
      }
      const before = wasQuiet ?? this.#watch.isQuiet();
      const ms = this.#watch.time(calls === 1 ? run : () => repeat(run, calls)) / calls;
      wasQuiet = this.#watch.isQuiet();
      const isUndisturbed = before && wasQuiet && isPlausible(ms * calls, ms, samples);
      if (!isUndisturbed && strict) {
        this.repeated++;
        return;
      }
      if (!isUndisturbed) this.disturbed++;
      samples.push(ms);
    };
    const inputs = this.#inputs;
    if (this.wholes.length < count) take(this.wholes, 1, () => void this.#model.run(...inputs));
    this.#model.runStepwise(inputs, (i, run) => take(this.steps[i]!, this.#calls[i]!, run));
  }

  /** Lets a page draw, and Node read its signals, a few times a second. */
  async #breathe(): Promise<void> {
    if (this.#watch.now() - this.#pausedAt < 50) return;
    await new Promise<void>((resolve) => void setTimeout(resolve));
    this.#pausedAt = this.#watch.now();
  }
}

function repeat(run: () => void, calls: number): void {
  for (let i = 0; i < calls; i++) run();
}

/** What lasts longer than a millisecond may be disturbed in its middle, unseen from both ends. */
function isPlausible(tookMs: number, ms: number, samples: readonly number[]): boolean {
  return tookMs < 1 || ms < 1.3 * Math.min(...samples, ms);
}
