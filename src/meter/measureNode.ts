import { RunError } from '../errors.ts';
import type { TypedArray } from '../graph/tensor.ts';
import { randomInputs } from '../profile/random.ts';
import type { Model } from '../run/model.ts';
import { type Measured, type MeasureOptions, measure } from './measure.ts';
import { findMeter } from './raplNode.ts';

/** Runs before the first burst, until the engine's compilers are done. */
const warmUpMs = 500;

/**
 * Joules of a run on this machine, by its RAPL counters: what the whole processor takes beyond its
 * rest. It has nothing to do with `model.energy()`, which models hardware made for the network.
 * @param inputs as `run` takes them; random numbers unless given
 * @returns why it cannot be measured, where there is no meter that can be read
 * @throws RunError as `model.run` does
 */
export async function measureEnergy(
  model: Model,
  options: MeasureOptions & { readonly inputs?: readonly TypedArray[] } = {},
): Promise<Measured | { readonly why: string }> {
  const { pairs = 10, burstMs = 1000 } = options;
  if (!(Number.isSafeInteger(pairs) && pairs >= 2 && burstMs >= 1)) {
    throw new RunError({
      where: 'measureEnergy()',
      got: `${pairs} pairs of ${burstMs} ms`,
      expected: 'two pairs or more, of 1 ms or more',
      advice: 'leave both out for 10 of 1000 ms',
    });
  }
  const meter = findMeter();
  if ('why' in meter) return meter;
  const inputs = options.inputs ?? randomInputs(model.inputs);
  const end = performance.now() + warmUpMs;
  do model.run(...inputs);
  while (performance.now() < end);
  return measure(meter, () => void model.run(...inputs), { pairs, burstMs });
}
