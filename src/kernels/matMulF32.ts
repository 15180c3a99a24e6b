import { MatMulF32Args } from '../../assembly/arguments.ts';
import { elementCount } from '../graph/shape.ts';
import type { MatMulF32Work } from '../graph/work.ts';
import { executedTiles } from './executedF32.ts';
import { kernel } from './kernel.ts';
import { type Axis, axesOf, packAxes, stateBytes } from './strides.ts';

/** The batch axes, steps in bytes. */
function batches({ shape, aStrides, bStrides }: MatMulF32Work): Axis[] {
  return axesOf(
    shape.map((size, i) => ({ size, first: 4 * aStrides[i]!, second: 4 * bStrides[i]! })),
  );
}

function panelOffset(axes: readonly Axis[]): number {
  return Math.ceil(stateBytes(axes) / 64) * 64;
}

/** For the tile's bounds and bias, before the panel. */
const tileBytes = 48;

export const matMulF32 = kernel<MatMulF32Work, typeof MatMulF32Args>(MatMulF32Args, {
  name: 'matmul_f32_4x8',
  family: 'matMulF32',
  fits: () => 'a product of two maps',
  pack: (work) => packAxes(batches(work)),
  scratchBytes: (work) => panelOffset(batches(work)) + tileBytes + 32 * work.k,
  executes: (work) => {
    const { macs, weightReads, inputReads } = executedTiles(work.m, work.k);
    const times = elementCount(work.shape) * Math.ceil(work.n / 8);
    return {
      macs: times * macs,
      weightReads: times * weightReads,
      inputReads: times * inputReads,
    };
  },
  bind: (work, at) => {
    const axes = batches(work);
    return {
      a: at.inputs[0]!,
      b: at.inputs[1]!,
      output: at.outputs[0]!,
      axes: at.packed,
      state: at.scratch,
      panel: at.scratch + panelOffset(axes),
      axisCount: axes.length,
      count: axes.reduce((product, axis) => product * axis.size, 1),
      m: work.m,
      n: work.n,
      k: work.k,
    };
  },
});
