import { elementCount } from '../graph/shape.ts';
import type { ConvF32Work, ConvU8Work, MatMulF32Work, Work } from '../graph/work.ts';
import { catalogue } from '../kernels/catalogue.ts';
import { outputPixels, windowSize } from '../kernels/geometry.ts';
import type { Executed } from '../kernels/kernel.ts';
import type { Plan, Step } from '../plan/plan.ts';
import type { Layer, Moved, Product } from './layer.ts';
import { movesOf } from './moves.ts';
import type { Tally } from './report.ts';

/** What a step's kernel packed, given its address. */
export type PackedAt = (address: number) => Uint8Array;

const kernels = new Map(catalogue.map((kernel) => [kernel.name, kernel]));

/** The plan's steps as the model sees them. */
export function tallyPlan(model: string, plan: Plan, packedAt: PackedAt): Tally {
  const layers = plan.steps.map((step) => layerOf(step, packedAt));
  return { model, layers, activationBytes: plan.arenaBytes, maps: plan.maps };
}

function layerOf(step: Step, packedAt: PackedAt): Layer {
  const { macs, ...counts } = step.counts;
  const { work } = step;
  const { moved, fused, parameterBytes } = movesOf(work);
  return {
    name: step.name,
    op: step.op,
    kernel: step.kernel,
    product: productOf(step, moved, packedAt),
    counts,
    arithmetic: isFloat(work) ? 'float' : 'integer',
    moved,
    fused,
    parameterBytes,
    standsAlone: true,
  };
}

function productOf(step: Step, moved: Moved, packedAt: PackedAt): Product | undefined {
  const { work, macs } = step;
  switch (work.family) {
    case 'convU8':
    case 'convF32':
      return {
        ...convProduct(work, macs),
        ...executedBy(step, packedAt, macs, shareOfWeights(work)),
      };
    case 'matMulF32':
      return { ...matMulProduct(work, moved), ...executedBy(step, packedAt, macs, 1) };
    default:
      return undefined;
  }
}

/** All parts of a step together. */
function executedBy(step: Step, packedAt: PackedAt, nominal: number, share: number) {
  // Each weight meets as many inputs as any other.
  const nonZero = Math.round(nominal * share);
  const parts = step.parts.map(({ kernel, work, at }) =>
    kernels.get(kernel)?.executes?.(work, packedAt(at.packed)),
  );
  if (parts.some((part) => part === undefined))
    return { macs: { nominal, nonZero, executed: undefined } };
  const sum = (of: keyof Executed): number => parts.reduce((n, part) => n + part![of], 0);
  return {
    macs: { nominal, nonZero, executed: sum('macs') },
    reads: { weights: sum('weightReads'), inputs: sum('inputReads') },
  };
}

function convProduct(work: ConvU8Work | ConvF32Work, _macs: number) {
  const n = work.outputChannels;
  const isFloat = work.family === 'convF32';
  const ternary = isFloat ? undefined : work.ternary;
  const hasTwoScales = ternary?.plus.some((plus, i) => plus !== ternary.minus[i]) ?? false;
  const size = {
    m: outputPixels(work),
    n,
    k: windowSize(work),
    groups: work.groups,
    outputs: outputPixels(work) * n,
    weights: work.weights.length,
    hasTwoScales,
  };
  if (isFloat) {
    const bits = { weightBits: 32, inputElementBytes: 4, epilogueBytes: 4 * n };
    return { ...size, ...bits, precision: 'float' } as const;
  }
  if (ternary === undefined) {
    const bits = { weightBits: 8, inputElementBytes: 1, epilogueBytes: 8 * n };
    return { ...size, ...bits, precision: 'int8' } as const;
  }
  const bits = { weightBits: 2, inputElementBytes: 1, epilogueBytes: (hasTwoScales ? 12 : 8) * n };
  return { ...size, ...bits, precision: 'ternary' } as const;
}

function matMulProduct({ shape, m, n, k, bStrides }: MatMulF32Work, { inputBytes }: Moved) {
  const batches = elementCount(shape);
  const factorBytes = 4 * k * n * elementCount(shape.filter((_, i) => bStrides[i] !== 0));
  return {
    ...{ m: batches * m, n, k, groups: 1, outputs: batches * m * n },
    ...{ weights: 0, weightBits: 32, inputElementBytes: 4, epilogueBytes: 0 },
    factorBytes: Math.min(factorBytes, inputBytes),
    hasTwoScales: false,
    precision: 'float',
  } as const;
}

/** The share of weights that are not zero. */
function shareOfWeights(work: ConvU8Work | ConvF32Work): number {
  const { weights } = work;
  const channels = work.outputChannels;
  const length = weights.length / channels;
  let count = 0;
  for (let channel = 0; channel < channels; channel++) {
    const zero = work.family === 'convF32' ? 0 : zeroPointOf(work, channel);
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
      return work.result.type === 'f32';
    case 'pool':
    case 'resizeLinear':
    case 'argMax':
      return work.type === 'f32';
    default:
      return /F32$|^dequantize$|^dynamicQuantize$/.test(work.family);
  }
}
