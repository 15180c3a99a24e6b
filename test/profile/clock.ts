import type { Machine } from '../../src/profile/stopwatch.ts';

export interface FakeOptions {
  /** What the clock tells apart. */
  readonly stepMs: number;
  /** How many times slower than undisturbed the n-th calibration is. */
  readonly slowness?: (spins: number) => number;
  /** Whether calls take the time that they take, or none but what the test says. */
  readonly isReal?: boolean;
}

/** A machine whose calibrations take the time that a test says. */
export class FakeMachine implements Machine {
  /** Milliseconds that have gone by beside the real ones. */
  time = 0;
  #spins = 0;
  readonly #options: FakeOptions;

  constructor(options: FakeOptions) {
    this.#options = options;
  }

  readonly now = (): number => {
    const { stepMs, isReal = false } = this.#options;
    if (!isReal) this.time += stepMs / 4;
    return Math.floor((this.time + (isReal ? performance.now() : 0)) / stepMs) * stepMs;
  };

  readonly spin = (turns: number): void => {
    this.time += turns * 1e-6 * (this.#options.slowness?.(this.#spins++) ?? 1);
  };
}
