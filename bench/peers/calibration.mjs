/**
 * A loop that takes the same time whenever nobody else has the core. It stands around every sample:
 * where it took longer than at its best, the sample was disturbed.
 */

const steps = 150_000;
/** Undisturbed, the loop's own times lie within a few percent. */
const tolerance = 1.12;

/** One chain of multiplications, about 0.2 ms: no memory, nothing to reorder. */
function loop() {
  let state = 1;
  for (let i = 0; i < steps; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state;
}

let sink = 0;

export class Calibration {
  bestMs = Number.POSITIVE_INFINITY;

  /** Milliseconds of the loop now. */
  measure() {
    const start = performance.now();
    sink ^= loop();
    const ms = performance.now() - start;
    // The sum keeps the loop from being dropped; no clock is that coarse twice.
    if (ms > 0 && ms < this.bestMs) this.bestMs = ms;
    return ms;
  }

  isUndisturbed(ms) {
    return ms <= tolerance * this.bestMs;
  }

  /** Past the baseline compiler, with the best time known. */
  warmUp() {
    for (let i = 0; i < 200; i++) this.measure();
    return { bestMs: this.bestMs, sink };
  }
}
