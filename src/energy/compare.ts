import type { Range } from './range.ts';

/** A model beside others. */
export interface Compared {
  readonly model: string;
  /** The share of right answers, and how many there were in all, where it is known. */
  readonly accuracy: number | null;
  readonly samples: number | null;
  readonly macs: number;
  readonly params: number;
  readonly weightBytes: number;
  readonly arenaBytes: number;
  /** Modelled, picojoules a run. */
  readonly energyPj: Range;
  readonly pjPerCorrect: Range | null;
  /** Measured on this machine: the median run, and the middle half of them as a share of it. */
  readonly latencyMs: number;
  readonly latencySpread: number;
}

/**
 * Those that no other beats: nothing is at least as accurate for less of a cost, or more accurate for
 * no more of it. Without an accuracy a model is not among them.
 */
export function paretoFront(
  models: readonly Compared[],
  costOf: (model: Compared) => number,
): Compared[] {
  const known = models.filter(({ accuracy }) => accuracy !== null);
  const isBeaten = (model: Compared): boolean =>
    known.some((other) => {
      const gain = other.accuracy! - model.accuracy!;
      const saving = costOf(model) - costOf(other);
      return gain >= 0 && saving >= 0 && (gain > 0 || saving > 0);
    });
  return known.filter((model) => !isBeaten(model)).sort((a, b) => costOf(a) - costOf(b));
}

export const nominalPj = ({ energyPj }: Compared): number => energyPj.nominal;
export const latencyOf = ({ latencyMs }: Compared): number => latencyMs;
