import { isCounting } from './counting';

/** How many products were computed, or numbers added in their place; in the builds that count (scripts/buildWasm.mjs). */
export class Count {
  static total: f64 = 0;

  @inline
  static macs(count: f64): void {
    if (isCounting) Count.total += count;
  }
}
