/** @param {readonly number[]} values at least one */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Between two values it interpolates.
 * @param {readonly number[]} values at least one
 * @param {number} share 0 to 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const below = sorted[low] ?? Number.NaN;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] ?? Number.NaN;
  return below + (at - low) * (above - below);
}

/**
 * Rounds of samples in figures: the median of the rounds' medians, the least sample, the quartiles
 * of the rounds.
 * @param {readonly (readonly number[])[]} rounds milliseconds
 */
export function summarize(rounds) {
  const medians = rounds.map(median);
  return {
    medianMs: median(medians),
    minMs: Math.min(...rounds.flat()),
    q1Ms: quantile(medians, 0.25),
    q3Ms: quantile(medians, 0.75),
    roundsMs: medians,
  };
}

/**
 * How many times as long one engine takes as another, round by round: what slows the machine for a
 * while slows both.
 * @param {readonly number[]} slowerMs medians of the rounds
 * @param {readonly number[]} fasterMs medians of the same rounds
 */
export function ratio(slowerMs, fasterMs) {
  const length = Math.min(slowerMs.length, fasterMs.length);
  const ratios = Array.from({ length }, (_, i) => (slowerMs[i] ?? 0) / (fasterMs[i] ?? 0));
  return { median: median(ratios), q1: quantile(ratios, 0.25), q3: quantile(ratios, 0.75) };
}
