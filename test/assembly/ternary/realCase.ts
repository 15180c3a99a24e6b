import type { TernaryU8Work } from '../../../src/graph/work.ts';
import { random } from '../../vocabulary.ts';
import { type TernaryOptions, ternaryCase } from './ternaryCase.ts';

export interface RealOptions extends TernaryOptions {
  /** Scales of their own for the negative weights. */
  isApart?: boolean;
}

/** A ternary layer whose scales and biases are real numbers. */
export function realCase(options: RealOptions): { work: TernaryU8Work; input: Uint8Array } {
  const { isApart = false, seed = 1 } = options;
  const { work, input } = ternaryCase({ ...options, plus: 1, minus: 1, type: 'u8' });
  const { weightZeroPoint: _, ternary: __, inputZeroPoint, weights, result, ...shape } = work;
  if (result.type !== 'u8') throw new Error('a result of another type');
  const { scale, type: ___, ...bounds } = result;
  const next = random(seed + 7);
  return {
    input,
    work: {
      ...{ ...shape, family: 'ternaryU8', weights: Int8Array.from(weights) },
      ...{ inputZeroPoint: Number(inputZeroPoint), scale, result: bounds },
      ...(isApart && { negativeScale: scale.map((size) => size * (0.3 + next())) }),
      bias: Float32Array.from(scale, () => 60 * next() - 30),
    },
  };
}
