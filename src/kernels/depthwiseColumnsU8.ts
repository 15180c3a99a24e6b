import { DepthwiseCellsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf } from './geometry.ts';
import { type Dots, type Executed, type Kernel, kernel } from './kernel.ts';
import {
  type BlockFacts,
  cellBytes,
  type Form,
  factsOf,
  fitsSquares,
  grouping,
  isRoundable,
  lanes,
  packDepthwise,
  packedFactsOf,
  paddedWidth,
  parameterBytes,
  sampleOf,
  unitsOf,
} from './packDepthwiseU8.ts';

/** Bands share cells; beyond this the first level of cache would hold none of them. */
const cellBudget = 32 * 1024;

const words: Form = { rows: 2, dot: 'words' };
const quads: Form = { rows: 4, dot: 'quads' };
const signedQuads: Form = { ...quads, isSigned: true };
const pairs: Form = { rows: 4, dot: 'pairs' };

/** Bands whose cells are held at a time. */
function bandsOf(work: ConvU8Work, form: Form): number {
  const { groups, phases, groupStep } = grouping(work, form);
  const fitting = Math.floor(cellBudget / (paddedWidth(work) * cellBytes));
  const bands = Math.floor((fitting - groups) / groupStep) + 1;
  return Math.max(1, Math.min(bands, Math.ceil(work.outputHeight / phases)));
}

/**
 * What a block's tile takes, in nanoseconds as measured on one machine (docs/decisions/015): only
 * the relations count.
 */
function costOf(work: ConvU8Work, blocks: readonly BlockFacts[], form: Form): number {
  const isWide = form === words;
  const isStrided = work.strideX > 1;
  let square = isWide ? 14.5 : 11.3;
  if (isStrided) square = isWide ? 20 : 15.3;
  // More columns have to become cells.
  const fill = isStrided ? 4.5 : 0;
  let cost = 0;
  for (const { dots, isSquare } of blocks) {
    if (isSquare) cost += square;
    else cost += fill + (isWide ? 8.2 + 1.9 * dots : 8.7 + 2.65 * dots);
  }
  return cost;
}

const reasons = new WeakMap<ConvU8Work, { readonly why: string | undefined }>();

/** Why dots by pairs are the ones to take; undefined where those of words cost less. */
function whyPairs(work: ConvU8Work): string | undefined {
  const reason = reasons.get(work) ?? { why: findWhyPairs(work) };
  reasons.set(work, reason);
  return reason.why;
}

function findWhyPairs(work: ConvU8Work): string | undefined {
  const blocks = factsOf(work, pairs, sampleOf(work));
  // Words hold all weights.
  const whole: BlockFacts = {
    dots: grouping(work, words).groups * work.kernelWidth,
    isSquare: fitsSquares(work, words),
  };
  const rivals = blocks.map(() => whole);
  if (costOf(work, blocks, pairs) >= costOf(work, rivals, words)) return undefined;
  const columns = grouping(work, pairs).groups * work.kernelWidth;
  const percent = (count: number) => `${Math.round((100 * count) / blocks.length)} %`;
  const split = blocks.filter(({ dots }) => dots > columns).length;
  const inSixteen = blocks.filter(({ isSquare }) => isSquare).length;
  const parts = [
    inSixteen > 0 ? `about ${percent(inSixteen)} of the blocks summed in 16 bits` : '',
    split > 0 ? `${percent(split)} with weights split` : '',
  ].filter((part) => part !== '');
  return ['dots of pairs of bytes down the columns', ...parts].join(', ');
}

function columnsOf(
  name: string,
  form: Form,
  dots: Partial<Dots> | undefined,
  why: (work: ConvU8Work) => string | undefined,
): Kernel<ConvU8Work> {
  return kernel<ConvU8Work, typeof DepthwiseCellsArgs>(DepthwiseCellsArgs, {
    ...(dots === undefined ? {} : { dots }),
    name,
    family: 'convU8',
    fits: (work) =>
      work.groups === work.inputChannels &&
      work.groups === work.outputChannels &&
      work.groups >= lanes &&
      isRoundable(work)
        ? why(work)
        : undefined,
    pack: (work) => packDepthwise(work, form),
    scratchBytes: (work) => {
      const { groups, phases, groupStep } = grouping(work, form);
      const bands = bandsOf(work, form);
      const cells = ((bands - 1) * groupStep + groups) * paddedWidth(work) * cellBytes;
      const zeros =
        phases === 1 ? 432 + 16 * Math.ceil((work.inputWidth * work.inputChannels) / 16) : 0;
      return cells + bands * phases * work.outputWidth * 8 + zeros;
    },
    executes: (work, packed) => executed(work, form, bandsOf(work, form), packed),
    bind: (work, at) => {
      const { inputChannels, outputChannels, kernelHeight, kernelWidth, dilationX, ...geometry } =
        geometryOf(work);
      const { result } = work;
      return {
        input: at.inputs[0]!,
        output: at.outputs[0]!,
        parameters: at.packed,
        weights: at.packed + parameterBytes,
        scratch: at.scratch,
        ...geometry,
        channels: outputChannels,
        ...grouping(work, form),
        bands: bandsOf(work, form),
        paddedWidth: paddedWidth(work),
        units: unitsOf(outputChannels).length,
        isExact: form.dot === 'pairs' ? 0 : 1,
        isSigned: form.isSigned ? 1 : 0,
        isClamped: result.type === 'u8' && (result.min > 0 || result.max < 255) ? 1 : 0,
      };
    },
  });
}

/**
 * Squares of 2 by 2 pixels, pixels by two blocks at stride 2, or four pixels of a phase's list at a
 * time; by the blocks as packed.
 */
function executed(work: ConvU8Work, form: Form, bands: number, packed: Uint8Array): Executed {
  const { outputHeight, outputWidth } = work;
  const { phases } = grouping(work, form);
  const rowsAtATime = Array.from({ length: Math.ceil(outputHeight / (bands * phases)) }, (_, i) =>
    Math.min(bands * phases, outputHeight - i * bands * phases),
  );
  let squares = 0;
  let stridedRows = 0;
  let fours = 0;
  for (const unit of packedFactsOf(work, form, packed)) {
    if (phases === 1 && unit.length === 2 && unit.every(({ isSquare }) => isSquare)) {
      stridedRows += outputHeight;
      continue;
    }
    for (const { dots, isSquare } of unit) {
      for (const rows of rowsAtATime) {
        if (phases > 1 && isSquare) {
          squares += Math.ceil(rows / 2) * Math.ceil(outputWidth / 2);
          continue;
        }
        for (let phase = 0; phase < Math.min(phases, rows); phase++) {
          const pixels = Math.ceil((rows - phase) / phases) * outputWidth;
          fours += dots * Math.ceil(pixels / 4);
        }
      }
    }
  }
  const strided = stridedRows * outputWidth;
  // A square has 24 vectors of products of 16-bit words in each of two turns, or of bytes in one.
  const turns = 4 / form.rows;
  // Strided, five pairs of taps a channel; two columns of three rows more for each pixel of a row.
  return {
    macs: work.batch * (squares * 384 + strided * 160 + fours * 4 * lanes * form.rows),
    weightReads: work.batch * (squares * turns * 192 + strided * turns * 160 + fours * 32),
    inputReads:
      work.batch * (squares * turns * 128 + strided * 96 + stridedRows * 48 + fours * 128),
  };
}

/** The preferred one first. */
export const depthwiseColumnsU8 = [
  columnsOf('depthwise_u8u8_4x8r4', quads, { quads: 'unsigned' }, whyQuads),
  columnsOf('depthwise_u8u8_4x8r4s', signedQuads, { quads: 'signed' }, whyQuads),
  columnsOf('depthwise_u8u8_4x8r4p', pairs, { pairs: 'unsigned' }, whyPairs),
  columnsOf(
    'depthwise_u8u8_4x8r2',
    words,
    undefined,
    () => 'one channel a group: dots of 16-bit words down the columns',
  ),
];

function whyQuads(): string {
  return 'one channel a group: exact dots of bytes down the columns';
}
