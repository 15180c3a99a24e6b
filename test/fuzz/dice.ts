import { random } from '../vocabulary.ts';

/** Chooses numbers, places and lengths of one mutant. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = random(seed);
  }

  below(n: number): number {
    return Math.floor(this.#next() * n);
  }

  pick<T>(list: ArrayLike<T>): T {
    return list[this.below(list.length)]!;
  }

  /** Short ones mostly, long ones now and then. */
  length(most: number): number {
    return 1 + this.below(Math.min(most, 2 ** (1 + this.below(12))));
  }
}
