import { RunError } from '../errors.ts';
import type { OpName } from '../graph/node.ts';
import type { TypedArray } from '../graph/tensor.ts';
import type { Binary } from '../kernels/binaries.ts';
import type { Model } from '../run/model.ts';
import { randomInputs } from './random.ts';
import { Rounds, type TracedRun } from './rounds.ts';
import { median, quantile, spread } from './statistics.ts';
import { type Machine, Stopwatch } from './stopwatch.ts';

export interface ProfileOptions {
  /** Samples of each step that count, and of the whole run; 50 unless told. */
  readonly runs?: number | undefined;
  /** What the model runs on, as `run` takes it; random numbers unless given. */
  readonly inputs?: readonly TypedArray[] | undefined;
  /** The clock to read; `performance.now` unless given. */
  readonly machine?: Machine | undefined;
}

/** Times of one step: a call of a kernel. */
export interface StepProfile {
  readonly name: string;
  readonly op: OpName;
  readonly kernel: string;
  readonly why: string;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly macs: number;
  readonly medianMs: number;
  readonly minMs: number;
  /** The middle half of the samples, as a share of the median. */
  readonly spread: number;
  /** Of the sum of all steps. */
  readonly share: number;
  /** 0 where the step multiplies nothing. */
  readonly macsPerSecond: number;
}

export interface Profile {
  readonly model: string;
  readonly binary: Binary;
  readonly macs: number;
  /** In the order of the plan. */
  readonly steps: readonly StepProfile[];
  /** Sum of the steps' medians. */
  readonly stepsMs: number;
  /** Median of whole runs. */
  readonly runMs: number;
  readonly runSpread: number;
  /** What a run takes beyond its steps: copying the inputs, calling the kernels. */
  readonly overheadMs: number;
  /** Of whole runs. */
  readonly macsPerSecond: number;
  readonly runs: number;
  /** Runs until the optimizing compiler was done with every kernel. */
  readonly warmUpRuns: number;
  /** Samples that were taken again because something else kept the machine busy. */
  readonly repeated: number;
  /** Samples that count although they were disturbed: the machine did not become quiet. */
  readonly disturbed: number;
  /** The last runs, for a trace. */
  readonly timeline: readonly TracedRun[];
}

/** Runs for the timeline at most. */
const traceRuns = 10;

/**
 * Times a model step by step, warmed up, and as a whole. Steps run in their order on the data of the
 * steps before, so that caches hold what they hold in a run; a step that is too short for the clock
 * is called several times in a row.
 * @throws RunError on inputs that the model does not take, on batches, on several threads, and
 *   after its `dispose`
 */
export async function profile(model: Model, options: ProfileOptions = {}): Promise<Profile> {
  const { runs = 50, inputs = randomInputs(model.inputs), machine } = options;
  if (!(Number.isSafeInteger(runs) && runs > 0)) {
    throw new RunError({
      where: 'option runs',
      got: String(runs),
      expected: 'a whole number above 0',
      advice: 'leave it out for 50',
    });
  }
  if (model.threads !== 1) {
    throw new RunError({
      where: model.name,
      got: `a model of ${model.threads} threads`,
      expected: 'one of one thread: steps are timed apart',
      advice: 'load it without the option threads',
    });
  }
  const watch = new Stopwatch(machine);
  const rounds = new Rounds(model, inputs, watch);
  const warmUpRuns = await rounds.warmUp();
  await rounds.collect(runs);
  const { repeated, disturbed } = rounds;
  const { plan } = model;
  const medians = rounds.steps.map(median);
  const stepsMs = medians.reduce((sum, ms) => sum + ms, 0);
  const runMs = median(rounds.wholes);
  return {
    model: model.name,
    binary: model.binary,
    macs: plan.macs,
    steps: plan.steps.map((step, i): StepProfile => {
      const { name, op, kernel, why, inputShape, outputShape, macs } = step;
      const samples = rounds.steps[i]!;
      const medianMs = medians[i]!;
      return {
        ...{ name, op, kernel, why, inputShape, outputShape, macs, medianMs },
        minMs: quantile(samples, 0),
        spread: medianMs > 0 ? spread(samples) : 0,
        share: stepsMs > 0 ? medianMs / stepsMs : 0,
        macsPerSecond: rateOf(macs, medianMs),
      };
    }),
    stepsMs,
    runMs,
    runSpread: runMs > 0 ? spread(rounds.wholes) : 0,
    overheadMs: runMs - stepsMs,
    macsPerSecond: rateOf(plan.macs, runMs),
    runs,
    warmUpRuns,
    repeated,
    disturbed,
    timeline: rounds.trace(Math.min(runs, traceRuns)),
  };
}

function rateOf(macs: number, ms: number): number {
  return ms > 0 ? (macs / ms) * 1000 : 0;
}
