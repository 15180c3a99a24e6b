import type { Graph } from '../graph/graph.ts';
import { floatFallback } from './floatFallback.ts';
import { foldBatchNorm } from './foldBatchNorm.ts';
import { foldBias } from './foldBias.ts';
import { dropEmptyPad, dropIdleReshape, foldPad } from './foldPad.ts';
import { fuseClamp } from './fuseClamp.ts';
import { foldDequantize, fuseDequantize, fuseQdq } from './fuseQdq.ts';
import { mergeReshapes, mergeTransposes } from './mergeTransposes.ts';
import { rewrite } from './rewrite.ts';
import { raiseTranspose, sinkTranspose } from './sinkTranspose.ts';
import { unsignedMaps } from './unsignedMaps.ts';

/**
 * All passes in their order: layout first, so that neighbours become neighbours; then what needs
 * real numbers (batch norms, clamps); then the one form of 8-bit maps; then integers.
 */
export function optimize(graph: Graph): Graph {
  const layout = rewrite(graph, [mergeTransposes, mergeReshapes, sinkTranspose]);
  const raised = rewrite(layout, [mergeTransposes, raiseTranspose]);
  const real = rewrite(raised, [foldBatchNorm, foldBias, fuseClamp]);
  // Maps first, then fusion: what onnxruntime fuses it has made unsigned before.
  const integer = rewrite(unsignedMaps(real), [fuseQdq]);
  // Before the weights of what is left become real numbers.
  const mixed = rewrite(integer, [fuseDequantize]);
  const rules = [foldDequantize, foldBatchNorm, dropEmptyPad, dropIdleReshape, foldPad];
  const folded = rewrite(mixed, rules);
  return rewrite(unsignedMaps(folded), [floatFallback(graph.rounding), foldDequantize, fuseClamp]);
}
