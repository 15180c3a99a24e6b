import type { Graph } from '../../src/graph/graph.ts';
import type { TypedArray } from '../../src/graph/tensor.ts';
import { compile } from '../../src/kernels/binaries.ts';
import { floatFallback } from '../../src/passes/floatFallback.ts';
import { foldDequantize } from '../../src/passes/fuseQdq.ts';
import { rewrite } from '../../src/passes/rewrite.ts';
import { unsignedMaps } from '../../src/passes/unsignedMaps.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { Model } from '../../src/run/model.ts';

/** Runs a graph with no more passes than the kernels ask for; copies of its outputs. */
export async function runGraph(graph: Graph, ...inputs: TypedArray[]): Promise<TypedArray[]> {
  const maps = unsignedMaps(graph);
  const runnable = rewrite(maps, [floatFallback(graph.rounding), foldDequantize]);
  const facts = { name: 'test', outputIsProbability: false };
  const module = await compile('baseline');
  using model = new Model(runnable, makePlan(runnable), module, 'baseline', facts);
  const result = model.run(...inputs);
  return (Array.isArray(result) ? result : [result]).map((output) => output.slice() as TypedArray);
}
