import type { ConvU8Work } from '../../../src/graph/work.ts';
import { random } from '../../vocabulary.ts';
import { type ConvCase, type ConvOptions, convCase } from '../int8/convCase.ts';

/** What a case says of its weights, beside ConvOptions. */
export interface TernaryOptions extends ConvOptions {
  /** The share of zeros, 0 to 1. */
  zeros?: number;
  signs?: 'both' | 'plus' | 'minus';
  /** The two numbers that the weights are, beside 0. */
  plus?: number;
  minus?: number;
  /** This channel has no other weight than 0. */
  emptyChannel?: number;
}

export function ternaryCase(options: TernaryOptions): ConvCase {
  const { zeros = 0.5, signs = 'both', plus = 1, minus = 1, seed = 1 } = options;
  const { work, ...rest } = convCase(options);
  const { outputChannels } = work;
  const next = random(seed + 99);
  const share = signs === 'both' ? 0.5 : signs === 'plus' ? 1 : 0;
  const weights = Int8Array.from({ length: work.weights.length }, () =>
    next() < zeros ? 0 : next() < share ? plus : -minus,
  );
  const k = weights.length / outputChannels;
  if (options.emptyChannel !== undefined)
    weights.fill(0, options.emptyChannel * k, (options.emptyChannel + 1) * k);
  const ternary = {
    plus: new Uint8Array(outputChannels).fill(plus),
    minus: new Uint8Array(outputChannels).fill(minus),
  };
  const ternaryWork: ConvU8Work = {
    ...work,
    weights,
    weightZeroPoint: Int32Array.of(0),
    ternary,
    result: spread(work, zeros, Math.max(plus, minus), options),
  };
  return { work: ternaryWork, ...rest };
}

/** Scales under which the results use the range of a byte, unless the case names one. */
function spread(
  { result, inputChannels, kernelHeight, kernelWidth }: ConvU8Work,
  zeros: number,
  size: number,
  { scale, type }: ConvOptions,
): ConvU8Work['result'] {
  if (result.type === 'i32' || scale !== undefined) return result;
  const count = inputChannels * kernelHeight * kernelWidth * (1 - zeros) + 1;
  const factor = (type === 'f32' ? 1 : 1 / 2) / (size * Math.sqrt(count));
  return { ...result, scale: result.scale.map((_, i) => factor * (0.5 + (i % 7) / 7)) };
}
