import { median } from './statistics.ts';

/** What a stopwatch reads, and the work by which it tells whether it has the core to itself. */
export interface Machine {
  /** Milliseconds since any moment. */
  readonly now: () => number;
  /** Arithmetic that takes as long as `turns` says, in registers alone. */
  readonly spin: (turns: number) => void;
}

/** Time that a calibration takes at least, where the clock can tell it. */
const calibrationMs = 0.05;
/** Slower than the best by more than this: another process had the core, or a part of it. */
const tolerance = 1.12;
/** More than any clock of today asks for. */
const maxTurns = 2 ** 26;

let sink = 1;

/** Three chains of products keep the multiplier busy: whoever shares the core slows them down. */
function spin(turns: number): void {
  let [a, b, c] = [sink, sink + 1, sink + 2];
  for (let i = 0; i < turns; i++) {
    a = Math.imul(a, 1664525) + 1;
    b = Math.imul(b, 22695477) + 1;
    c = Math.imul(c, 1103515245) + 1;
  }
  sink = (a ^ b ^ c) | 1;
}

/** Times calls, and tells whether something else disturbed them. */
export class Stopwatch {
  /** The least that the clock tells apart. */
  readonly resolutionMs: number;
  /** What reading the clock twice takes. */
  readonly overheadMs: number;
  readonly now: () => number;
  readonly #spin: (turns: number) => void;
  readonly #turns: number;
  #bestMs = Number.POSITIVE_INFINITY;

  constructor({ now, spin: work }: Machine = { now: () => performance.now(), spin }) {
    this.now = now;
    this.#spin = work;
    this.resolutionMs = resolutionOf(now);
    this.overheadMs = median(Array.from({ length: 101 }, () => -(now() - now())));
    this.#turns = this.#turnsFor(Math.max(calibrationMs, 20 * this.resolutionMs));
    // The loop itself must have gone through the optimizing compiler.
    for (const start = now(); now() - start < 20; ) this.isQuiet();
  }

  /** Milliseconds that the call takes, the clock's own share taken off. */
  time(call: () => void): number {
    const start = this.now();
    call();
    return Math.max(0, this.now() - start - this.overheadMs);
  }

  /**
   * True where a short calculation is about as fast now as it ever was. Samples between two quiet
   * moments count.
   */
  isQuiet(): boolean {
    const start = this.now();
    this.#spin(this.#turns);
    const took = this.now() - start;
    if (took <= this.#bestMs * tolerance + this.resolutionMs) {
      this.#bestMs = Math.min(this.#bestMs, took);
      return true;
    }
    // A machine that has become slower for good, by heat or on battery, is quiet again some day.
    this.#bestMs *= 1.0005;
    return false;
  }

  #turnsFor(wantedMs: number): number {
    let turns = 1000;
    for (;;) {
      const times = Array.from({ length: 5 }, () => {
        const start = this.now();
        this.#spin(turns);
        return this.now() - start;
      });
      const best = Math.min(...times);
      if (best >= wantedMs / 2 || turns >= maxTurns) return Math.ceil((turns * wantedMs) / best);
      turns *= 2;
    }
  }
}

function resolutionOf(now: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const start = now();
    let end = now();
    while (end === start) end = now();
    least = Math.min(least, end - start);
  }
  return least;
}
