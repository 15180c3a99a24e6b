import { RunError } from '../errors.ts';
import type { Counts } from '../ops/operator.ts';
import {
  type Assumptions,
  describeAssumptions,
  type EnergyOptions,
  resolve,
} from './assumptions.ts';
import { type Layer, parameterBytes } from './layer.ts';
import { type MemoryPrices, memoryPrices, type Needs } from './memory.ts';
import { notesOn } from './notes.ts';
import { causes, type Energy, priceLayer, totalOf, unpriced } from './price.ts';
import { type Bound, bounds, type Range, rangeOf } from './range.ts';
import { type Levels, operands, type Reuse, type Traffic, trafficOf } from './traffic.ts';

/** Multiply-accumulates: how many there are, and by the precision of their weights. */
export interface MacCounts {
  /** Every tap of every output, padding and zeros too. */
  readonly nominal: number;
  /** Those whose weight is not zero. */
  readonly nonZero: number;
  /** Products that the kernels compute, their tiles' padding too; null where that is not known. */
  readonly executed: number | null;
  readonly int8: number;
  readonly ternary: number;
  readonly float: number;
}

/** Picojoules by cause, which add up to `total`, and the bounds of the total. */
export interface EnergyPj extends Energy {
  readonly total: number;
  readonly low: number;
  readonly high: number;
}

export interface LayerEnergy {
  readonly name: string;
  readonly op: string;
  readonly kernel: string | null;
  readonly macs: MacCounts;
  readonly operations: Counts;
  readonly bytes: Traffic;
  readonly energyPj: EnergyPj;
}

/** A node of the graph that the tally has no count for. */
export interface Uncounted {
  readonly name: string;
  readonly op: string;
  readonly why: string;
}

/** What a forward pass costs by the model of docs/energy-model.md. It is plain data. */
export interface EnergyReport {
  readonly model: string;
  /** The assumptions, in words. */
  readonly node: string;
  readonly table: string;
  readonly memory: string;
  readonly reuse: Reuse;
  readonly zeros: 'skipped' | 'added';
  readonly macs: MacCounts;
  /** Operations beside the MACs. */
  readonly operations: Counts;
  /** Kinds of operations that occur and that the table has no price for. */
  readonly unpriced: readonly (keyof Counts)[];
  readonly bytes: Traffic & Needs;
  readonly energyPj: EnergyPj;
  readonly pjPerMac: Range;
  /** Of the right answers among all, and what one of them takes. */
  readonly accuracy: number | null;
  readonly pjPerCorrect: Range | null;
  /** What to know before citing a figure. */
  readonly notes: readonly string[];
  readonly uncounted: readonly Uncounted[];
  /** Which part of the memory of maps holds what; steps are layers by their number. */
  readonly maps: readonly MapInMemory[];
  readonly layers: readonly LayerEnergy[];
}

/** Bytes of the arena between `offset` and `offset + bytes`, from one step to another. */
export interface MapInMemory {
  readonly id: string;
  readonly offset: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/** What the model is applied to. */
export interface Tally {
  readonly model: string;
  readonly layers: readonly Layer[];
  /** The most that the maps take at one time. */
  readonly activationBytes: number;
  readonly uncounted?: readonly Uncounted[] | undefined;
  /** Which part of the memory of maps is in use when. */
  readonly maps?: readonly MapInMemory[] | undefined;
}

/**
 * Prices a tally.
 * @throws RunError on options that make no sense
 */
export function energyOf(tally: Tally, options: EnergyOptions = {}): EnergyReport {
  const { layers, activationBytes, uncounted = [], maps = [] } = tally;
  const needs = { parameterBytes: parameterBytes(layers), activationBytes };
  const assumptions = resolve(options);
  const { memory, table, scaling } = assumptions;
  const prices = {} as Record<Bound, MemoryPrices>;
  for (const bound of bounds) {
    prices[bound] = memoryPrices(memory, table, needs, scaling, bound);
  }
  const rows = layers.map((layer) => priced(layer, assumptions, prices));
  const macs = sumMacs(rows.map((row) => row.macs));
  const operations = sumCounts(rows.map((row) => row.operations));
  const energyPj = sumEnergy(rows.map((row) => row.energyPj));
  const total: Range = { low: energyPj.low, nominal: energyPj.total, high: energyPj.high };
  const accuracy = checkAccuracy(options.accuracy);
  return {
    model: tally.model,
    ...describeAssumptions(assumptions, needs),
    macs,
    operations,
    unpriced: unpriced.filter((kind) => (operations[kind] ?? 0) > 0),
    bytes: { ...sumTraffic(rows.map((row) => row.bytes)), ...needs },
    energyPj,
    pjPerMac: rangeOf((bound) => (macs.nominal > 0 ? total[bound] / macs.nominal : 0)),
    accuracy,
    pjPerCorrect: accuracy === null ? null : rangeOf((bound) => total[bound] / accuracy),
    notes: notesOn(assumptions, needs, operations, uncounted.length),
    uncounted,
    maps,
    layers: rows,
  };
}

function priced(
  layer: Layer,
  assumptions: Assumptions,
  prices: Readonly<Record<Bound, MemoryPrices>>,
): LayerEnergy {
  const bytes = trafficOf(layer, assumptions.reuse);
  const at = (bound: Bound): Energy => priceLayer(layer, bytes, assumptions, prices[bound], bound);
  const nominal = at('nominal');
  return {
    name: layer.name,
    op: layer.op,
    kernel: layer.kernel ?? null,
    macs: macsOf(layer),
    operations: layer.counts,
    bytes,
    energyPj: {
      ...nominal,
      total: totalOf(nominal),
      low: totalOf(at('low')),
      high: totalOf(at('high')),
    },
  };
}

const noMacs: MacCounts = { nominal: 0, nonZero: 0, executed: 0, int8: 0, ternary: 0, float: 0 };

function macsOf({ product }: Layer): MacCounts {
  if (product === undefined) return noMacs;
  const { nominal, nonZero, executed } = product.macs;
  const byPrecision = { int8: 0, ternary: 0, float: 0, [product.precision]: nominal };
  return { nominal, nonZero, executed: executed ?? null, ...byPrecision };
}

function sumMacs(list: readonly MacCounts[]): MacCounts {
  return list.reduce(
    (sum, macs) => ({
      nominal: sum.nominal + macs.nominal,
      nonZero: sum.nonZero + macs.nonZero,
      executed:
        sum.executed === null || macs.executed === null ? null : sum.executed + macs.executed,
      int8: sum.int8 + macs.int8,
      ternary: sum.ternary + macs.ternary,
      float: sum.float + macs.float,
    }),
    noMacs,
  );
}

/** All kinds but the MACs, which stand apart. */
function sumCounts(list: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const counts of list) {
    for (const [kind, count] of Object.entries(counts)) sum[kind] = (sum[kind] ?? 0) + count;
  }
  return sum;
}

function sumEnergy(list: readonly EnergyPj[]): EnergyPj {
  const sum = (cause: keyof EnergyPj): number => list.reduce((pj, one) => pj + one[cause], 0);
  const parts = Object.fromEntries(causes.map((cause) => [cause, sum(cause)])) as unknown as Energy;
  return { ...parts, total: totalOf(parts), low: sum('low'), high: sum('high') };
}

function sumTraffic(list: readonly Traffic[]): Traffic {
  const sum = (operand: keyof Traffic, level: keyof Levels): number =>
    list.reduce((bytes, one) => bytes + one[operand][level], 0);
  const levels = operands.map((operand) => [
    operand,
    {
      home: sum(operand, 'home'),
      firstLevel: sum(operand, 'firstLevel'),
      registers: sum(operand, 'registers'),
    },
  ]);
  return Object.fromEntries(levels) as unknown as Traffic;
}

function checkAccuracy(accuracy: number | undefined): number | null {
  if (accuracy === undefined) return null;
  if (accuracy > 0 && accuracy <= 1) return accuracy;
  throw new RunError({
    where: 'accuracy',
    got: String(accuracy),
    expected: 'the share of right answers, above 0 and up to 1',
    advice: 'write 80 % as 0.8',
  });
}
