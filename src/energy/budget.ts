import { RunError } from '../errors.ts';
import type { EnergyReport, LayerEnergy } from './report.ts';

/** What a forward pass may cost. */
export interface Budget {
  /** Nominal energy, picojoules. */
  readonly energyPj?: number | undefined;
  /** Nominal multiply-accumulates. */
  readonly macs?: number | undefined;
}

/** A limit that is exceeded, and by which layers. */
export interface Breach {
  readonly limit: keyof Budget;
  readonly most: number;
  readonly is: number;
  /** The largest ones; without them it would be kept. */
  readonly layers: readonly { readonly name: string; readonly value: number }[];
}

export function breachesOf(report: EnergyReport, { energyPj, macs }: Budget): Breach[] {
  return [
    ...breach(report, 'energyPj', energyPj, (layer) => layer.energyPj.total),
    ...breach(report, 'macs', macs, (layer) => layer.macs.nominal),
  ];
}

function breach(
  { layers }: EnergyReport,
  limit: keyof Budget,
  most: number | undefined,
  valueIn: (layer: LayerEnergy) => number,
): Breach[] {
  const values = layers.map((layer) => ({ name: layer.name, value: valueIn(layer) }));
  const is = values.reduce((sum, { value }) => sum + value, 0);
  if (most === undefined || is <= most) return [];
  const guilty: { name: string; value: number }[] = [];
  let left = is;
  for (const layer of values.sort((a, b) => b.value - a.value)) {
    if (left <= most) break;
    guilty.push(layer);
    left -= layer.value;
  }
  return [{ limit, most, is, layers: guilty }];
}

const joules: Readonly<Record<string, number>> = {
  p: 1,
  n: 1e3,
  u: 1e6,
  µ: 1e6,
  μ: 1e6,
  m: 1e9,
  '': 1e12,
};

/** Picojoules, from words such as '1uJ' or '500 nJ'. @throws RunError on anything else */
export function parseEnergy(text: string): number {
  const parts = /^\s*(\d*\.?\d+(?:e[+-]?\d+)?)\s*([pnuµμm]?)J\s*$/i.exec(text);
  const value = parts === null ? 0 : Number(parts[1]) * joules[parts[2]!.toLowerCase()]!;
  if (value > 0) return value;
  throw unreadable('budget', text, 'an energy such as 1uJ or 500nJ');
}

const thousands: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

/** A number such as '1M', '740k' or '991360'. @throws RunError on anything else */
export function parseCount(text: string): number {
  const parts = /^\s*(\d*\.?\d+(?:e\d+)?)\s*([kMG]?)\s*$/i.exec(text);
  const value = parts === null ? 0 : Number(parts[1]) * thousands[parts[2]!.toLowerCase()]!;
  if (value > 0) return value;
  throw unreadable('max-macs', text, 'a number such as 1M or 740k');
}

function unreadable(where: string, text: string, expected: string): RunError {
  return new RunError({
    where,
    got: JSON.stringify(text),
    expected,
    advice: 'write a number above 0 with its unit',
  });
}
