import { type Layer, parameterBytes } from '../../src/energy/layer.ts';
import type { Tally } from '../../src/energy/report.ts';
import { readSharedJson } from '../shared.ts';

/** networks.json: rows of name, op, in, out, k, stride, pad, groups, macs, params, act. */
type Row = readonly [
  string,
  string,
  readonly [number, number, number],
  readonly [number, number, number],
  readonly [number, number],
  unknown,
  unknown,
  number,
  number,
  number,
  string,
];

export interface Network {
  readonly totals: {
    readonly macs: number;
    readonly params: number;
    readonly otherOps: {
      readonly additions: number;
      readonly multiplications: number;
      readonly comparisons: number;
    };
  };
  readonly layers: readonly Row[];
}

export interface Networks {
  readonly nets: Readonly<Record<string, Network>>;
  readonly ternaryCheckpoints: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

let read: Networks | undefined;
export function networks(): Networks {
  read ??= readSharedJson('reference/networks.json') as Networks;
  return read;
}

/**
 * A network of networks.json as the model sees it: int8, but for the layers whose non-zero weights
 * `ternary` states.
 */
export function tallyOf(name: string, ternary: Readonly<Record<string, number>> = {}): Tally {
  const layers = networks().nets[name]!.layers.map((row) => layerOf(row, ternary));
  const activationBytes = layers.reduce(
    (most, { moved }) => Math.max(most, moved.inputBytes + moved.outputBytes),
    0,
  );
  return { model: name, layers, activationBytes };
}

function layerOf(row: Row, ternary: Readonly<Record<string, number>>): Layer {
  const [name, op, [hi, wi, ci], [ho, wo, co], [kh, kw], , , groups, macs] = row;
  const inputs = hi * wi * ci;
  const outputs = ho * wo * co;
  const maps = { inputBytes: inputs, outputBytes: outputs };
  const common = { name, op, arithmetic: 'integer', moved: maps, fused: maps } as const;
  switch (op) {
    case 'add':
      return {
        ...common,
        counts: { additions: outputs, requantizations: outputs },
        fused: { inputBytes: outputs, outputBytes: 0 },
      };
    case 'mul':
      return {
        ...common,
        counts: { multiplications: outputs, requantizations: outputs },
        fused: { inputBytes: inputs + ci, outputBytes: outputs },
      };
    case 'gap':
    case 'avgpool':
      return { ...common, counts: { additions: kh * kw * outputs, requantizations: outputs } };
    // A batch norm that no convolution takes up: a factor and a summand per channel, both 32 bits.
    case 'affine':
      return { ...common, counts: { requantizations: outputs }, parameterBytes: 8 * ci };
    case 'maxpool':
      return { ...common, counts: { comparisons: (kh * kw - 1) * outputs } };
    default: {
      const nonZeroWeights = ternary[name];
      const isTernary = nonZeroWeights !== undefined;
      const k = op === 'fc' ? inputs : (kh * kw * ci) / groups;
      const m = ho * wo;
      const nonZero = isTernary ? nonZeroWeights * m : macs;
      return {
        ...common,
        counts: { requantizations: outputs },
        hasTwoScales: isTernary,
        product: {
          precision: isTernary ? 'ternary' : 'int8',
          macs: { nominal: macs, nonZero, executed: undefined },
          ...{ m, n: co, k, groups, outputs },
          inputElementBytes: 1,
          weights: co * k,
          weightBits: isTernary ? 2 : 8,
          epilogueBytes: co * (isTernary ? 12 : 8),
        },
      };
    }
  }
}

/** All layers ternary but the first and the last, no weight zero. */
export function allTernary(name: string): Record<string, number> {
  const products = networks().nets[name]!.layers.filter((row) => row[8] > 0);
  return Object.fromEntries(
    products
      .slice(1, -1)
      .map(([name, , , [height, width], , , , , macs]) => [name, macs / (height * width)]),
  );
}

export { parameterBytes };
