import type { Counts } from '../ops/operator.ts';
import type { CostTable } from './costTable.ts';
import type { Layer, Product } from './layer.ts';
import type { MemoryPrices, Scaling } from './memory.ts';
import type { Bound } from './range.ts';
import { type Levels, operands, type Traffic } from './traffic.ts';

/** Picojoules by cause; they add up to the layer's energy. */
export interface Energy {
  readonly macs: number;
  readonly otherOps: number;
  readonly weights: number;
  readonly inputs: number;
  readonly partialSums: number;
  readonly outputs: number;
}

export type Cause = keyof Energy;
export const causes: readonly Cause[] = ['macs', 'otherOps', ...operands];

/** What the model is asked to assume of the arithmetic. */
export interface Assumptions {
  readonly table: CostTable;
  readonly scaling: Scaling;
  /** Whether a multiply-accumulate with a ternary weight of zero costs nothing. */
  readonly skipsZeros: boolean;
}

/** Operations that no table has a price for; their counts are listed instead. */
export const unpriced = ['lookups', 'transcendentals', 'moves'] as const satisfies (keyof Counts)[];

export function priceLayer(
  layer: Layer,
  traffic: Traffic,
  assumptions: Assumptions,
  prices: MemoryPrices,
  bound: Bound,
): Energy {
  const { product, moved } = layer;
  const factor = assumptions.scaling.arithmetic[bound];
  const maps = prices.maps(moved.inputBytes + moved.outputBytes);
  const cost = (bytes: Levels, pj: Levels): number =>
    bytes.home * pj.home + bytes.firstLevel * pj.firstLevel + bytes.registers * pj.registers;
  return {
    macs: product === undefined ? 0 : macsPj(product, assumptions, bound) * factor,
    otherOps: otherPj(layer, assumptions.table) * factor,
    weights: cost(traffic.weights, prices.weights),
    inputs: cost(traffic.inputs, maps),
    partialSums: cost(traffic.partialSums, maps),
    outputs: cost(traffic.outputs, maps),
  };
}

function macsPj(product: Product, { table, skipsZeros }: Assumptions, bound: Bound): number {
  const { precision, macs, inputElementBytes } = product;
  // Only where the price is that of arithmetic is there something to be saved.
  const skips = precision === 'ternary' && skipsZeros && table.node !== undefined;
  const isOfReals = precision === 'ternary' && inputElementBytes > 1;
  const kind = isOfReals ? 'ternaryOfReals' : precision;
  return (skips ? macs.nonZero : macs.nominal) * table.macs[kind][bound];
}

function otherPj({ counts, arithmetic, hasTwoScales }: Layer, table: CostTable): number {
  const costs = table[arithmetic];
  const scales = hasTwoScales ? 2 : 1;
  return (
    (counts.additions ?? 0) * costs.addition +
    (counts.multiplications ?? 0) * costs.multiplication +
    (counts.comparisons ?? 0) * costs.comparison +
    // The result is 8 bits, whatever else the layer computes in.
    (counts.requantizations ?? 0) * scales * table.integer.requantization
  );
}

export function totalOf(energy: Energy): number {
  return causes.reduce((sum, cause) => sum + energy[cause], 0);
}
