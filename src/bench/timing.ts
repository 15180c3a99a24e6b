import { isSettled, median, quantile, spread } from '../profile/statistics.ts';
import type { Stopwatch } from '../profile/stopwatch.ts';

/** A call to be timed. */
export interface Timed {
  readonly run: () => void;
  /** Prepares its operands; not timed. */
  readonly before?: () => void;
  /** Its code has not run before: the optimizing compiler may take long where cores are busy. */
  readonly isCold?: boolean;
}

/** Milliseconds of one call. */
export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
  /** The middle half of the samples, as a share of the median. */
  readonly spread: number;
}

export interface TimingCounts {
  /** Samples that were taken again because something else kept the machine busy. */
  repeated: number;
  /** Samples that count although they were disturbed. */
  disturbed: number;
}

/** A sample takes this long at least, in many calls where one is shorter. */
const sampleMs = 0.4;
/** A disturbed sample is taken again for so long, and so often at least. */
const patienceMs = 200;
const leastAttempts = 5;

/**
 * Times rivals, one after the other in every round, so that what changes on the machine meets them
 * all. Each is first run until it is fast: V8's baseline compiler comes first, 2 to 8 times slower.
 */
export function timeRivals(
  rivals: readonly Timed[],
  samples: number,
  watch: Stopwatch,
  counts: TimingCounts,
): Timing[] {
  const calls = rivals.map((rival) => warmUp(rival, watch));
  for (let attempt = 0; ; attempt++) {
    const times = rivals.map((): number[] => []);
    for (let round = 0; round < samples; round++) {
      rivals.forEach((rival, i) => {
        times[i]!.push(sample(rival, calls[i]!, times[i]!, watch, counts));
      });
    }
    // The optimizing compiler may come late, where the other cores are busy.
    if (attempt < 2 && !times.every((list) => isSettled(list, 0))) continue;
    return times.map((list) => ({
      medianMs: median(list),
      minMs: quantile(list, 0),
      spread: spread(list),
    }));
  }
}

/** @returns the calls that make a sample */
function warmUp({ run, before, isCold = false }: Timed, watch: Stopwatch): number {
  before?.();
  const start = watch.now();
  let best = Number.POSITIVE_INFINITY;
  let [calls, calm] = [0, 0];
  // At least so long and 30 calls; then until they become no faster.
  const leastMs = isCold ? 400 : 20;
  while (watch.now() - start < leastMs || calls < 30 || calm < 2) {
    let least = Number.POSITIVE_INFINITY;
    for (const until = watch.now() + 2; watch.now() < until; calls++)
      least = Math.min(least, watch.time(run));
    calm = least < 0.9 * best ? 0 : calm + 1;
    best = Math.min(best, least);
    if (watch.now() - start > 3000) break;
  }
  let perSample = 1;
  while (watch.time(() => repeat(run, perSample)) < sampleMs) perSample *= 2;
  return perSample;
}

function sample(
  { run, before }: Timed,
  calls: number,
  earlier: readonly number[],
  watch: Stopwatch,
  counts: TimingCounts,
): number {
  before?.();
  const start = watch.now();
  for (let attempt = 1; ; attempt++) {
    const wasQuiet = watch.isQuiet();
    const ms = watch.time(() => repeat(run, calls)) / calls;
    // What lasts longer than a millisecond may be disturbed in its middle, unseen from both ends.
    const isPlausible = ms * calls < 1 || ms < 1.3 * Math.min(...earlier, ms);
    if (wasQuiet && watch.isQuiet() && isPlausible) return ms;
    if (attempt >= leastAttempts && watch.now() - start > patienceMs) {
      counts.disturbed++;
      return ms;
    }
    counts.repeated++;
  }
}

function repeat(run: () => void, calls: number): void {
  for (let i = 0; i < calls; i++) run();
}
