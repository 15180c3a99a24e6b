import { ModelError, RunError } from '../errors.ts';
import type { Graph } from '../graph/graph.ts';
import { isConstant, isQuantized } from '../graph/tensor.ts';
import { fuseClamp } from '../passes/fuseClamp.ts';
import { optimize } from '../passes/pipeline.ts';
import { rewrite } from '../passes/rewrite.ts';
import { withIntegers } from './integers.ts';
import { mapsOf } from './maps.ts';
import { normsAsLayers } from './normsAsLayers.ts';
import { observe, type Samples } from './observe.ts';
import { parametersOf } from './parameters.ts';

export interface CalibrationOptions {
  /** Which numbers a map has to hold: all that were seen, or ('percentile', the default) most. */
  readonly method?: 'minmax' | 'percentile' | undefined;
  /** How many of them a 'percentile' keeps, in percent; 99.99 by default. */
  readonly percentile?: number | undefined;
}

/**
 * A graph of 8-bit maps for one of real maps: weights become int8 with a scale per output channel,
 * ternary ones stay codes; the numbers behind the last layer stay real. The same samples give the
 * same graph on every machine.
 * @param samples inputs of the kind that the model will see; some hundred are enough
 * @throws ModelError where the graph has 8-bit maps already
 * @throws RunError where there are no samples, or they do not fit the inputs
 */
export async function quantizeGraph(
  graph: Graph,
  samples: Samples,
  { method = 'percentile', percentile = 99.99 }: CalibrationOptions = {},
): Promise<Graph> {
  checkOptions(method, percentile);
  const real = rewrite(optimize(graph), [normsAsLayers, fuseClamp]);
  checkReal(real);
  const histograms = await observe(real, mapsOf(real), samples, graph.name);
  const ranges = new Map(
    [...histograms].map(([map, histogram]) => [
      map,
      method === 'minmax' ? histogram.whole : histogram.percentile(percentile),
    ]),
  );
  return withIntegers(real, parametersOf(real, ranges));
}

function checkOptions(method: string, percentile: number): void {
  const wrong = (where: string, got: string, expected: string): RunError =>
    new RunError({ where, got, expected, advice: 'leave it out, or correct it' });
  if (method !== 'minmax' && method !== 'percentile') {
    throw wrong('option method', String(method), "'minmax' or 'percentile'");
  }
  if (percentile > 50 && percentile <= 100) return;
  throw wrong('option percentile', String(percentile), 'a number above 50, 100 at most');
}

function checkReal({ name, nodes, inputs }: Graph): void {
  const maps = [...inputs, ...nodes.flatMap(({ outputs }) => outputs)];
  const bytes = maps.find((map) => !isConstant(map) && isQuantized(map));
  if (bytes === undefined) return;
  throw new ModelError({
    where: name,
    got: `map ${bytes.id} of type ${bytes.dtype}`,
    expected: 'a model whose maps are all float32',
    advice: 'it is quantized already: run it as it is, or quantize the model that it was made of',
  });
}
