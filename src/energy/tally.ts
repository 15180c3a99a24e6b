import { elementCount } from '../graph/shape.ts';
import { ternaryCodes } from '../graph/ternary.ts';
import type { ConvF32Work, ConvU8Work, MatMulF32Work, TernaryU8Work, Work } from '../graph/work.ts';
import { catalogue } from '../kernels/catalogue.ts';
import { outputPixels, windowSize } from '../kernels/geometry.ts';
import type { Executed } from '../kernels/kernel.ts';
import type { Counts } from '../ops/operator.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { Layer, Moved, Product } from './layer.ts';
import { movesOf } from './moves.ts';
import type { Tally } from './report.ts';

/** What a step's kernel packed, given its address. */
export type PackedAt = (address: number) => Uint8Array;

const kernels = new Map(catalogue.map((kernel) => [kernel.name, kernel]));

/** The plan's steps as the model sees them. */
export function tallyPlan(model: string, plan: Plan, packedAt: PackedAt): Tally {
  const layers = plan.steps.map((step, i) => {
    const sums = sumsAround(plan.steps, i);
    const scales = scalesOfReals(step.work);
    return {
      ...layerOf(step, sums, scales),
      product: productOf(step, sums, scales, packedAt),
    };
  });
  return { model, layers, activationBytes: plan.arenaBytes, maps: plan.maps };
}

/**
 * Steps that together are a ternary layer: sums over its positive and its negative weights, or over
 * all, which a last step makes results of (src/ops/ternary.ts).
 */
interface Sums {
  readonly macs: number;
  readonly count: number;
  readonly isFirst: boolean;
}

function sumsAround(steps: readonly Step[], i: number): Sums | undefined {
  if (!isSum(steps[i])) return undefined;
  const [before, after] = [steps[i - 1], steps[i + 1]].map((step) =>
    isSum(step) ? step : undefined,
  );
  const macs = steps[i]!.macs + (before?.macs ?? 0) + (after?.macs ?? 0);
  return { macs, count: before || after ? 2 : 1, isFirst: before === undefined };
}

function isSum(step: Step | undefined): boolean {
  if (step?.work.family !== 'convU8' || step.work.result.type !== 'i32') return false;
  return step.op === 'Conv' || step.op === 'FullyConnected' || step.op === 'ConvTranspose';
}

/** Fewer weights of a channel are ternary by chance. */
const leastTernary = 3;

/**
 * By how many numbers the sums of a channel are scaled where its weights are ternary and its maps
 * real: kernels take such weights as any real numbers. 0 where they are not ternary.
 */
function scalesOfReals(work: Work): 0 | 1 | 2 {
  if (work.family !== 'convF32' || windowSize(work) < leastTernary) return 0;
  const found = ternaryCodes(work.weights, work.outputChannels);
  if (found === undefined) return 0;
  return found.plus.every((size, channel) => size === found.minus[channel]) ? 1 : 2;
}

function layerOf(step: Step, sums: Sums | undefined, scales: number): Layer {
  const { macs, ...counts } = step.counts;
  const { work } = step;
  const { moved, fused, parameterBytes } = movesOf(work);
  return {
    name: step.name,
    op: step.op,
    kernel: step.kernel,
    counts: hasTwoRealSums(work) ? twice(counts) : withScales(counts, work, scales),
    hasTwoScales: hasTwoScales(work),
    arithmetic: isFloat(work) ? 'float' : 'integer',
    moved,
    fused:
      sums === undefined
        ? fused
        : { inputBytes: sums.isFirst ? fused.inputBytes : 0, outputBytes: 0 },
    parameterBytes,
    standsAlone: true,
  };
}

function hasTwoScales(work: Work): boolean {
  if (work.family === 'ternarySums' || work.family === 'ternaryU8')
    return work.negativeScale !== undefined;
  if (work.family !== 'convU8' || work.ternary === undefined) return false;
  const { plus, minus } = work.ternary;
  return plus.some((size, channel) => size !== minus[channel]);
}

/** Two sums that become a real number: each is scaled and added. */
function hasTwoRealSums(work: Work): boolean {
  return work.family === 'ternarySums' && work.result.type === 'f32' && hasTwoScales(work);
}

function twice<C extends Readonly<Record<string, number | undefined>>>(counts: C): C {
  const doubled = Object.entries(counts).map(([kind, count]) => [kind, 2 * (count ?? 0)]);
  return Object.fromEntries(doubled) as C;
}

/** What scales the sums of ternary weights to real numbers, and adds them and the bias. */
function withScales(counts: Counts, work: Work, scales: number): Counts {
  if (work.family !== 'convF32' || scales === 0) return counts;
  const count = scales * outputPixels(work) * work.outputChannels;
  return { ...counts, multiplications: count, additions: count };
}

function productOf(
  step: Step,
  sums: Sums | undefined,
  scales: number,
  packedAt: PackedAt,
): Product | undefined {
  const { work, macs } = step;
  switch (work.family) {
    case 'convU8':
    case 'ternaryU8':
    case 'convF32': {
      // Each weight meets as many inputs as any other.
      const nonZero = Math.round((sums?.macs ?? macs) * shareOfWeights(work));
      return { ...convProduct(work, sums, scales), ...executedBy(step, packedAt, nonZero) };
    }
    case 'matMulF32':
      return { ...matMulProduct(work, movesOf(work).moved), ...executedBy(step, packedAt, macs) };
    default:
      return undefined;
  }
}

/** All parts of a step together. */
function executedBy({ macs: nominal, parts }: Step, packedAt: PackedAt, nonZero: number) {
  const list = parts.map(({ kernel, work, at }) =>
    kernels.get(kernel)?.executes?.(work, packedAt(at.packed)),
  );
  if (list.some((part) => part === undefined))
    return { macs: { nominal, nonZero, executed: undefined } };
  const sum = (of: keyof Executed): number => list.reduce((n, part) => n + part![of], 0);
  return {
    macs: { nominal, nonZero, executed: sum('macs') },
    reads: { weights: sum('weightReads'), inputs: sum('inputReads') },
  };
}

function convProduct(
  work: ConvU8Work | TernaryU8Work | ConvF32Work,
  sums: Sums | undefined,
  scales: number,
) {
  const n = work.outputChannels;
  const size = {
    ...{ m: outputPixels(work), n, k: windowSize(work), groups: work.groups },
    outputs: outputPixels(work) * n,
  };
  const weights = work.weights.length;
  if (work.family === 'convF32') {
    const bits = { weights, inputElementBytes: 4, epilogueBytes: 4 * (1 + scales) * n };
    return scales === 0
      ? ({ ...size, ...bits, weightBits: 32, precision: 'float' } as const)
      : ({ ...size, ...bits, weightBits: 2, precision: 'ternary' } as const);
  }
  // Sums share the layer's codes; its scales belong to the step behind them.
  const own = sums?.isFirst
    ? Math.ceil(weights / sums.count)
    : Math.floor(weights / (sums?.count ?? 1));
  const perChannel = sums === undefined ? (hasTwoScales(work) ? 12 : 8) : 0;
  const bits = { weights: own, inputElementBytes: 1, epilogueBytes: perChannel * n };
  return work.family === 'convU8' && work.ternary === undefined
    ? ({ ...size, ...bits, weightBits: 8, precision: 'int8' } as const)
    : ({ ...size, ...bits, weightBits: 2, precision: 'ternary' } as const);
}

function matMulProduct({ shape, m, n, k, bStrides }: MatMulF32Work, { inputBytes }: Moved) {
  const batches = elementCount(shape);
  const factorBytes = 4 * k * n * elementCount(shape.filter((_, i) => bStrides[i] !== 0));
  return {
    ...{ m: batches * m, n, k, groups: 1, outputs: batches * m * n },
    ...{ weights: 0, weightBits: 32, inputElementBytes: 4, epilogueBytes: 0 },
    factorBytes: Math.min(factorBytes, inputBytes),
    precision: 'float',
  } as const;
}

/** The share of weights that are not zero. */
function shareOfWeights(work: ConvU8Work | TernaryU8Work | ConvF32Work): number {
  const { weights } = work;
  const channels = work.outputChannels;
  const length = weights.length / channels;
  let count = 0;
  for (let channel = 0; channel < channels; channel++) {
    const zero = work.family === 'convU8' ? zeroPointOf(work, channel) : 0;
    const end = (channel + 1) * length;
    for (let i = channel * length; i < end; i++) if (weights[i] !== zero) count++;
  }
  return weights.length === 0 ? 0 : count / weights.length;
}

function zeroPointOf({ weightZeroPoint }: ConvU8Work, channel: number): number {
  return weightZeroPoint[weightZeroPoint.length === 1 ? 0 : channel]!;
}

/** Whether what is done beside the product is done with real numbers. */
function isFloat(work: Work): boolean {
  switch (work.family) {
    case 'convU8':
    case 'ternarySums':
      return work.result.type === 'f32';
    case 'pool':
    case 'resizeLinear':
    case 'argMax':
      return work.type === 'f32';
    default:
      return /F32$|^dequantize$|^dynamicQuantize$/.test(work.family);
  }
}
