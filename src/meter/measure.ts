/** Sums of joules since some moment. */
export interface Meter {
  readonly domains: readonly string[];
  read(): number;
}

export interface MeasureOptions {
  /** Pairs of work and rest; 10 unless told. */
  readonly pairs?: number | undefined;
  /** How long each of them is; 1000 ms unless told. Counters have some 61 µJ and a millisecond. */
  readonly burstMs?: number | undefined;
}

/** The time, and waiting for it to pass. */
export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Energy of one run, measured on a machine, idle power subtracted. */
export interface Measured {
  readonly joules: number;
  /** Bounds in which the mean lies with 95 %. */
  readonly low: number;
  readonly high: number;
  readonly idleWatts: number;
  readonly activeWatts: number;
  readonly runs: number;
  readonly pairs: number;
  readonly domains: readonly string[];
  readonly method: string;
}

/** Runs between two looks at the clock. */
const batch = 16;

/**
 * Work and rest in turn, so that what else the machine does falls on both.
 * @param work one run
 * @returns why nothing was measured, where the counters do not move
 */
export async function measure(
  meter: Meter,
  work: () => void,
  { pairs = 10, burstMs = 1000 }: MeasureOptions = {},
  clock: Clock = systemClock,
): Promise<Measured | { readonly why: string }> {
  const samples: number[] = [];
  let runs = 0;
  const active = { joules: 0, ms: 0 };
  const idle = { joules: 0, ms: 0 };
  for (let pair = 0; pair < pairs; pair++) {
    const rest = await burst(meter, clock, async () => clock.sleep(burstMs));
    let count = 0;
    const busy = await burst(meter, clock, async () => {
      const end = clock.now() + burstMs;
      do {
        for (let i = 0; i < batch; i++) work();
        count += batch;
      } while (clock.now() < end);
    });
    runs += count;
    active.joules += busy.joules;
    active.ms += busy.ms;
    idle.joules += rest.joules;
    idle.ms += rest.ms;
    samples.push((busy.joules - (rest.joules * busy.ms) / rest.ms) / count);
  }
  if (active.joules === 0) return { why: 'the counters do not move, as in most virtual machines' };
  const { mean, half } = interval(samples);
  return {
    joules: mean,
    low: mean - half,
    high: mean + half,
    idleWatts: (1000 * idle.joules) / idle.ms,
    activeWatts: (1000 * active.joules) / active.ms,
    ...{ runs, pairs, domains: meter.domains },
    method: `RAPL counters of ${meter.domains.join(', ')}, caches and uncore included; ${pairs} bursts of ${burstMs} ms in turn with as long rests, whose power is subtracted; mean and 95 % interval`,
  };
}

async function burst(meter: Meter, clock: Clock, run: () => Promise<void>) {
  const [joules, start] = [meter.read(), clock.now()];
  await run();
  const ms = clock.now() - start;
  return { joules: meter.read() - joules, ms };
}

/** Student's t for 95 %, by degrees of freedom from 1 on; beyond them the normal distribution's. */
const students = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16],
  ...[2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052],
  ...[2.048, 2.045, 2.042],
];

/** The mean of samples, and half of the interval in which it lies with 95 %. */
export function interval(samples: readonly number[]): { mean: number; half: number } {
  const n = samples.length;
  const mean = samples.reduce((sum, x) => sum + x, 0) / n;
  if (n < 2) return { mean, half: Number.POSITIVE_INFINITY };
  const variance = samples.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
  return { mean, half: (students[n - 2] ?? 1.96) * Math.sqrt(variance / n) };
}
