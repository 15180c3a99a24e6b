/** The numbers that a map is to hold; 0 always lies within. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export function union(a: Range, b: Range): Range {
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** Between 0 and the limit on either side. */
const bins = 4096;

/**
 * Counts the numbers of a map as they come. The bins reach as far as the numbers do: where one lies
 * beyond, the limit doubles and neighbours become one bin, so that one pass over the data is enough.
 */
export class Histogram {
  #low = 0;
  #high = 0;
  #limit = 0;
  #total = 0;
  readonly #below = new Float64Array(bins);
  readonly #above = new Float64Array(bins);

  add(numbers: Float32Array): void {
    let [low, high] = [this.#low, this.#high];
    for (const x of numbers) {
      if (x < low) low = x;
      else if (x > high) high = x;
    }
    this.#low = low;
    this.#high = high;
    this.#reach(Math.max(-low, high));
    this.#total += numbers.length;
    if (this.#limit === 0) return;
    const perBin = bins / this.#limit;
    for (const x of numbers) {
      if (x > 0) this.#above[Math.min(Math.floor(x * perBin), bins - 1)]!++;
      else if (x < 0) this.#below[Math.min(Math.floor(-x * perBin), bins - 1)]!++;
    }
  }

  /** From the least number to the greatest, and 0. */
  get whole(): Range {
    return { low: this.#low, high: this.#high };
  }

  /** Without the outermost numbers: `percent` of them stay, as many are cut off on either side. */
  percentile(percent: number): Range {
    const cut = (this.#total * (1 - percent / 100)) / 2;
    return {
      low: Math.max(this.#low, 0 - this.#edge(this.#below, cut)),
      high: Math.min(this.#high, this.#edge(this.#above, cut)),
    };
  }

  /** The outer edge of the bin in which the numbers beyond come to more than `cut`. */
  #edge(counts: Float64Array, cut: number): number {
    let beyond = 0;
    for (let i = bins - 1; i >= 0; i--) {
      beyond += counts[i]!;
      if (beyond > cut) return ((i + 1) * this.#limit) / bins;
    }
    return 0;
  }

  #reach(magnitude: number): void {
    if (!(magnitude > 0) || !Number.isFinite(magnitude)) return;
    if (this.#limit === 0) this.#limit = 2 ** Math.ceil(Math.log2(magnitude));
    while (this.#limit < magnitude) {
      for (const counts of [this.#below, this.#above]) {
        for (let i = 0; i < bins; i++) {
          counts[i] = i < bins / 2 ? counts[2 * i]! + counts[2 * i + 1]! : 0;
        }
      }
      this.#limit *= 2;
    }
  }
}
