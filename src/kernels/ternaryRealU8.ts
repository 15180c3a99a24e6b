import { ConvArgs, SumsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work, TernaryU8Work } from '../graph/work.ts';
import { outputPixels, windowSize } from './geometry.ts';
import { kernel } from './kernel.ts';
import { packSums } from './packSums.ts';
import { sumsLayout } from './sumsLayout.ts';
import { bindSums, executedSums, sumsScratch, timeOfLists, tupleNames } from './ternarySums.ts';
import { bestTupleSize, dotTime, scaleTime } from './ternaryTime.ts';
import { timeOfOthers } from './ternaryU8.ts';

const known = new WeakMap<TernaryU8Work, ConvU8Work>();

/**
 * The sums as a layer of their own: a channel for each list. Where there are two scales the lists of
 * positive and of negative weights take turns.
 */
function sumsOf(work: TernaryU8Work): ConvU8Work {
  let sums = known.get(work);
  if (sums === undefined) {
    const { scale: _, negativeScale, bias, result, ...shape } = work;
    const lists = work.outputChannels * (negativeScale === undefined ? 1 : 2);
    const one = new Uint8Array(lists).fill(1);
    sums = {
      ...shape,
      family: 'convU8',
      weights: negativeScale === undefined ? work.weights : takeApart(work),
      weightZeroPoint: new Int32Array(1),
      outputChannels: lists,
      bias: new Int32Array(lists),
      ternary: { plus: one, minus: one },
      result: { type: 'u8', ...result, scale: scalesOf(work) },
    };
    known.set(work, sums);
  }
  return sums;
}

const weightsApart = new WeakMap<Int8Array, Int8Array>();

/** Of each channel the positive weights, then the negative ones as positive. */
function takeApart(work: TernaryU8Work): Int8Array {
  const { weights, outputChannels } = work;
  let apart = weightsApart.get(weights);
  if (apart === undefined) {
    const k = windowSize(work);
    apart = new Int8Array(2 * weights.length);
    for (let channel = 0; channel < outputChannels; channel++) {
      const from = channel * k;
      for (let i = 0; i < k; i++) {
        const code = weights[from + i]!;
        if (code !== 0) apart[2 * from + (code > 0 ? 0 : k) + i] = 1;
      }
    }
    weightsApart.set(weights, apart);
  }
  return apart;
}

/** Of each list: what is subtracted has a negative scale. */
function scalesOf({ scale, negativeScale }: TernaryU8Work): Float32Array {
  if (negativeScale === undefined) return scale;
  return Float32Array.from({ length: 2 * scale.length }, (_, list) =>
    list % 2 === 0 ? scale[list >> 1]! : -negativeScale[list >> 1]!,
  );
}

/** In two convolutions, or one, and a step that scales what they give. */
function timeInPieces(work: TernaryU8Work): number {
  const { weights, negativeScale, outputChannels } = work;
  const { scale: _, bias, result, ...shape } = work;
  const one = new Uint8Array(outputChannels).fill(1);
  const piece: ConvU8Work = {
    ...shape,
    family: 'convU8',
    weights,
    weightZeroPoint: new Int32Array(1),
    bias: new Int32Array(outputChannels),
    ternary: { plus: one, minus: one },
    result: { type: 'i32' },
  };
  // The same on all machines: those without dots of bytes have a kernel about as good as the second.
  const sum = Math.min(timeOfOthers(piece, 'quads'), dotTime(piece, 'ternaryBytes'));
  return (
    (negativeScale === undefined ? 1 : 2) * sum + scaleTime * outputPixels(work) * outputChannels
  );
}

/** Real scales and bias in the end of the kernel: the same on all machines. */
export const ternaryRealU8 = kernel<TernaryU8Work, typeof ConvArgs & typeof SumsArgs>(
  { ...ConvArgs, ...SumsArgs },
  {
    name: 'conv_u8t2_real_32',
    family: 'ternaryU8',
    fits: (work) => {
      const lists = work.negativeScale === undefined ? 'lists' : 'lists for either sign';
      return `ternary: ${lists} of ${tupleNames[bestTupleSize(sumsOf(work))]} to add`;
    },
    pays: (work) => timeOfLists(sumsOf(work), work.outputChannels) < timeInPieces(work),
    pack: (work) => {
      const sums = sumsOf(work);
      const { bias, outputChannels } = work;
      const each = sums.outputChannels / outputChannels;
      return packSums(
        sums,
        sumsLayout(sums, bestTupleSize(sums)),
        (list) => bias[Math.floor(list / each)]!,
      );
    },
    executes: (work) => executedSums(sumsOf(work), bestTupleSize(sumsOf(work))),
    scratchBytes: (work) => sumsScratch(sumsOf(work), bestTupleSize(sumsOf(work))),
    bind: (work, at) => {
      const sums = sumsOf(work);
      const mode = work.negativeScale === undefined ? 2 : 3;
      return bindSums(sums, work.outputChannels, bestTupleSize(sums), mode, at);
    },
  },
);
