/**
 * Drives one engine on one model, where the engine lives: in a page, or in a Node process. The
 * bench calls load, outputs, warmUp and burst, in this order, and sees nothing but their results.
 */
import { Calibration } from './calibration.mjs';
import { makeInput } from './inputs.mjs';

/** Groups of runs take at least as long: clocks of pages tick in 5 us, those without isolation in 100. */
const groupMs = 3;
/** One slow run among many would otherwise last for minutes, when threads wait for a core. */
const mostRuns = 2000;

export class Runner {
  #adapter;
  #model;
  #input;
  #channelsFirst;
  #data;
  #groupRuns = 1;
  #calibration = new Calibration();

  /** @param adapter a module of engines/ */
  constructor(adapter) {
    this.#adapter = adapter;
  }

  /**
   * @param input dtype and shape, channels first or last
   * @returns milliseconds
   */
  async load(bytes, { input, channelsFirst, ...options }) {
    this.#input = input;
    this.#channelsFirst = channelsFirst;
    const start = performance.now();
    this.#model = await this.#adapter.load(bytes, { ...options, input });
    return performance.now() - start;
  }

  /** What the adapter states; after the first run, for asking takes time. */
  async facts() {
    const { facts } = this.#model;
    return typeof facts === 'function' ? await facts() : (facts ?? {});
  }

  /** Milliseconds of a first run. */
  async first() {
    const data = makeInput(1, this.#input, this.#channelsFirst);
    const start = performance.now();
    await this.#model.run(data);
    return performance.now() - start;
  }

  /** What comes out for made-up pictures: `{ dtype, values }` for each. */
  async outputs(seeds) {
    const list = [];
    for (const seed of seeds) {
      this.#data = makeInput(seed, this.#input, this.#channelsFirst);
      const values = await this.#model.run(this.#data);
      list.push({ dtype: values.constructor.name, values: Array.from(values) });
    }
    return list;
  }

  /** Mean milliseconds of a run over a group of them. */
  async #time(runs) {
    const { run } = this.#model;
    const start = performance.now();
    for (let i = 0; i < runs; i++) {
      const result = run(this.#data);
      // Engines that answer at once are not made to wait for the queue of promises.
      if (typeof result?.then === 'function') await result;
    }
    return (performance.now() - start) / runs;
  }

  /**
   * Until five groups in a row agree within 4 %, as they do once the optimizing compiler is done;
   * at least `leastMs`, at most `mostMs`.
   * @returns the best time of the calibration loop, and what it took
   */
  async warmUp(leastMs, mostMs) {
    const { bestMs } = this.#calibration.warmUp();
    const start = performance.now();
    const groups = [];
    for (;;) {
      const ms = await this.#time(this.#groupRuns);
      groups.push(ms);
      const wanted = Math.ceil(groupMs / Math.max(ms, 1e-4));
      this.#groupRuns = Math.min(wanted, 4 * this.#groupRuns, mostRuns);
      const spent = performance.now() - start;
      const last = groups.slice(-5);
      const steady = groups.length > 12 && Math.max(...last) < 1.04 * Math.min(...last);
      if (spent > mostMs || (spent > leastMs && steady)) return { bestMs, warmUpMs: spent, steady };
    }
  }

  /**
   * Samples for `ms`, each a group of runs between two calibrations. Disturbed ones are repeated, up
   * to four times as long; where there is nothing else, they are what there is.
   * @param bestMs best time of the calibration loop over all engines of this place
   * @returns milliseconds a run, one number per sample, and how many samples were dropped
   */
  async burst(ms, bestMs) {
    const calibration = this.#calibration;
    calibration.bestMs = Math.min(calibration.bestMs, bestMs);
    await this.#time(this.#groupRuns);
    const samples = [];
    const disturbed = [];
    const start = performance.now();
    let before = calibration.measure();
    for (let spent = 0; spent < ms || (samples.length < 3 && spent < 4 * ms); ) {
      const sample = await this.#time(this.#groupRuns);
      const after = calibration.measure();
      const clean = calibration.isUndisturbed(before) && calibration.isUndisturbed(after);
      (clean ? samples : disturbed).push(sample);
      before = after;
      spent = performance.now() - start;
    }
    const kept = samples.length > 0 ? samples : disturbed;
    return { samples: kept, dropped: disturbed.length, disturbed: samples.length === 0 };
  }
}
