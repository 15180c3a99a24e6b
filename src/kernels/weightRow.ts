import type { ConvU8Work } from '../graph/work.ts';
import { type ConvDot, elementsPerStep, runsOf, stepCount } from './convWindows.ts';
import { windowSize } from './geometry.ts';

/**
 * 255 times this, or less, fits 16 bits: the bound on the sum of the positive weights that meet in
 * one 16-bit lane, and of the negative ones.
 */
const laneBound = 128;

/** The weights of one channel in the order of the steps, and what bytes can hold of them. */
export class WeightRow {
  /** Less the zero point, zeros where a step goes beyond its run. */
  readonly values: Int16Array;
  /** What the kernel's bytes hold of the values. */
  readonly parts: Int8Array;
  /** What is left of them. */
  readonly rest: Int16Array;
  hasRest = false;
  readonly #work: ConvU8Work;
  readonly #dot: ConvDot;
  readonly #runs: { readonly from: number; readonly to: number; readonly length: number }[] = [];

  constructor(work: ConvU8Work, dot: ConvDot) {
    this.#work = work;
    this.#dot = dot;
    const per = elementsPerStep(dot);
    const length = stepCount(work, dot) * per;
    this.values = new Int16Array(length);
    this.parts = new Int8Array(length);
    this.rest = new Int16Array(length);
    let to = 0;
    for (const run of runsOf(work)) {
      this.#runs.push({ from: run.first, to, length: run.length });
      to += per * Math.ceil(run.length / per);
    }
  }

  /** Takes the channel's weights. */
  read(channel: number): void {
    const { weights, weightZeroPoint } = this.#work;
    const zeroPoint = weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
    const start = channel * windowSize(this.#work);
    const { values } = this;
    for (const { from, to, length } of this.#runs) {
      for (let i = 0; i < length; i++) values[to + i] = weights[start + from + i]! - zeroPoint;
    }
  }

  /**
   * Splits the values into what the dot takes, and the rest.
   * @returns the sum of the values
   */
  split(): number {
    const { values, rest } = this;
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      rest[i] = values[i]!;
      sum += values[i]!;
    }
    if (this.#dot !== 'words') this.#part(this.#dot);
    return sum;
  }

  /** Splits the rest again: extra steps are products of pairs, or of quads. */
  splitRest(): void {
    this.#part(this.#dot === 'byteQuads' ? 'byteQuads' : 'bytePairs');
  }

  #part(dot: ConvDot): void {
    const { parts, rest } = this;
    let left = 0;
    if (dot === 'byteQuads') {
      for (let i = 0; i < rest.length; i++) {
        // Signed dots may wrap where both products of a pair are (-128) (-128).
        const least = i % 2 === 1 && parts[i - 1] === -128 ? -127 : -128;
        parts[i] = Math.min(127, Math.max(least, rest[i]!));
        rest[i] = rest[i]! - parts[i]!;
        left |= rest[i]!;
      }
      this.hasRest = left !== 0;
      return;
    }
    // The values of a 16-bit lane lie in pairs, 4 apart where two pairs meet in it.
    const lanePairs = dot === 'byteEights' ? 2 : 1;
    for (let first = 0; first < rest.length; first += 4 * lanePairs) {
      for (let lane = first; lane < first + 4; lane += 2) {
        let most = laneBound;
        let least = -laneBound;
        for (let pair = 0; pair < lanePairs; pair++) {
          for (let i = lane + 4 * pair; i < lane + 4 * pair + 2; i++) {
            const value = rest[i]!;
            if (value === 0) {
              parts[i] = 0;
            } else if (value > 0) {
              const part = Math.min(value, most, 127);
              parts[i] = part;
              most -= part;
              rest[i] = value - part;
              left |= value - part;
            } else {
              const part = Math.max(value, least);
              parts[i] = part;
              least -= part;
              rest[i] = value - part;
              left |= value - part;
            }
          }
        }
      }
    }
    this.hasRest = left !== 0;
  }
}
