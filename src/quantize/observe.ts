import { RunError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { Tensor, TypedArray } from '../graph/tensor.ts';
import { compile } from '../kernels/binaries.ts';
import { makePlan } from '../plan/plan.ts';
import { Model } from '../run/model.ts';
import { Histogram } from './range.ts';

/** Inputs of a model, sample by sample: one typed array, or one for each input. */
export type Samples =
  | Iterable<TypedArray | readonly TypedArray[]>
  | AsyncIterable<TypedArray | readonly TypedArray[]>;

/**
 * Runs a real model and counts the numbers that its maps take.
 * @throws RunError where there are no samples, inputs do not fit, or numbers overflow
 */
export async function observe(
  graph: Graph,
  maps: readonly Tensor[],
  samples: Samples,
  name: string,
): Promise<ReadonlyMap<Tensor, Histogram>> {
  // The same binary everywhere, so that the same samples give the same file.
  const module = await compile('baseline');
  const facts = { name, outputIsProbability: false };
  using model = new Model(graph, makePlan(graph, { keepAll: true }), module, 'baseline', facts);
  const histograms = new Map(maps.map((map) => [map, new Histogram()]));
  let count = 0;
  for await (const sample of samples) {
    const inputs = Array.isArray(sample)
      ? (sample as readonly TypedArray[])
      : [sample as TypedArray];
    model.run(...inputs);
    for (const [map, histogram] of histograms) histogram.add(model.peek(map) as Float32Array);
    count++;
  }
  if (count === 0) {
    throw new RunError({
      where: name,
      got: 'no samples',
      expected: 'inputs of the kind that the model will see, some hundred of them',
      advice: 'give some to calibrate with',
    });
  }
  for (const [map, { whole }] of histograms) {
    if (Number.isFinite(whole.high - whole.low)) continue;
    throw new RunError({
      where: `tensor ${map.id}`,
      got: `numbers from ${whole.low} to ${whole.high}`,
      expected: 'finite ones',
      advice: 'check how samples become inputs: mean, std and the order of the channels',
    });
  }
  return histograms;
}
