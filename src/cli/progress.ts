import { SingleBar } from 'cli-progress';

/** A bar on stderr, drawn once a second has gone by, and only on a terminal. */
export class Progress {
  readonly #total: number;
  readonly #start = performance.now();
  #done = 0;
  #bar: SingleBar | undefined;

  constructor(total: number) {
    this.#total = total;
  }

  advance(by = 1): void {
    this.#done += by;
    if (this.#bar !== undefined) this.#bar.update(this.#done);
    else if (process.stderr.isTTY && performance.now() - this.#start > 1000) {
      const format = '{bar} {value} of {total}, {eta_formatted} left';
      this.#bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true });
      this.#bar.start(this.#total, this.#done);
    }
  }

  stop(): void {
    this.#bar?.stop();
  }
}
