/** The value at a share of the sorted samples, 0.5 for the median; NaN where there are none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The middle half of the samples, as a share of the median. */
export function spread(samples: readonly number[]): number {
  return (quantile(samples, 0.75) - quantile(samples, 0.25)) / median(samples);
}

/**
 * False where the samples got faster on the way: what ran the first of them was not yet the
 * optimizing compiler's code.
 * @param slackMs differences below it say nothing
 */
export function isSettled(samples: readonly number[], slackMs: number): boolean {
  const third = Math.ceil(samples.length / 3);
  const first = median(samples.slice(0, third));
  const last = median(samples.slice(-third));
  return first <= 1.25 * last + slackMs;
}
