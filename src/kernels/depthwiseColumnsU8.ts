import { DepthwiseCellsArgs } from '../../assembly/arguments.ts';
import type { ConvU8Work } from '../graph/work.ts';
import { geometryOf } from './geometry.ts';
import { type Dots, type Executed, type Kernel, kernel } from './kernel.ts';
import {
  blocksOf,
  cellBytes,
  type Form,
  grouping,
  isRoundable,
  lanes,
  packDepthwise,
  packedBlocksOf,
  paddedWidth,
  parameterBytes,
  sampleOf,
  type Unit,
  unitsOf,
} from './packDepthwiseU8.ts';

/** Bands share cells; beyond this the first level of cache would hold none of them. */
const cellBudget = 32 * 1024;

const words: Form = { order: [0, 1], range: [-32768, 32767] };
// Rows 0 and 2 of a kernel meet in a pair, seldom its two largest.
const quads: Form = { order: [0, 2, 1, 3], range: [-128, 127] };
const signedQuads: Form = { ...quads, isSigned: true };
const pairs: Form = { ...quads, isPaired: true };

/** Bands whose cells are held at a time. */
function bandsOf(work: ConvU8Work, form: Form): number {
  const { groups, phases, groupStep } = grouping(work, form);
  const fitting = Math.floor(cellBudget / (paddedWidth(work) * cellBytes));
  const bands = Math.floor((fitting - groups) / groupStep) + 1;
  return Math.max(1, Math.min(bands, Math.ceil(work.outputHeight / phases)));
}

const found = new Map<Form, WeakMap<ConvU8Work, Unit[]>>();

/** The work in blocks; made once. */
function unitsFor(work: ConvU8Work, form: Form): Unit[] {
  let ofForm = found.get(form);
  if (ofForm === undefined) {
    ofForm = new WeakMap();
    found.set(form, ofForm);
  }
  let units = ofForm.get(work);
  if (units === undefined) {
    units = blocksOf(work, form);
    ofForm.set(work, units);
  }
  return units;
}

/**
 * What a block's tile takes, in nanoseconds as measured on one machine (docs/decisions/015): only
 * the relations count.
 */
function costOf(units: readonly Unit[], form: Form): number {
  const isWide = form === words;
  let cost = 0;
  for (const { entries, isSquare } of units.flat()) {
    if (isSquare) cost += isWide ? 15.1 : 12.2;
    else cost += isWide ? 8.2 + 1.9 * entries.length : 8.7 + 2.65 * entries.length;
  }
  return cost;
}

/** Why dots by pairs are the ones to take; undefined where those of words cost less. */
function whyPairs(work: ConvU8Work): string | undefined {
  const units = sampleOf(work, pairs);
  if (costOf(units, pairs) >= costOf(sampleOf(work, words), words)) return undefined;
  const blocks = units.flat();
  const columns = grouping(work, pairs).groups * work.kernelWidth;
  const percent = (count: number) => `${Math.round((100 * count) / blocks.length)} %`;
  const split = blocks.filter(({ entries }) => entries.length > columns).length;
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
    pack: (work) => packDepthwise(work, form, unitsFor(work, form)),
    scratchBytes: (work) => {
      const { groups, phases, groupStep } = grouping(work, form);
      const bands = bandsOf(work, form);
      const cells = ((bands - 1) * groupStep + groups) * paddedWidth(work) * cellBytes;
      return cells + bands * phases * work.outputWidth * 8;
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
        isExact: form.isPaired ? 0 : 1,
        isSigned: form.isSigned ? 1 : 0,
        isClamped: result.type === 'u8' && (result.min > 0 || result.max < 255) ? 1 : 0,
      };
    },
  });
}

/** Squares of 2 by 2 pixels, or four pixels of a phase's list at a time; by the blocks as packed. */
function executed(work: ConvU8Work, form: Form, bands: number, packed: Uint8Array): Executed {
  const { phases } = grouping(work, form);
  const rowsAtATime = Array.from(
    { length: Math.ceil(work.outputHeight / (bands * phases)) },
    (_, i) => Math.min(bands * phases, work.outputHeight - i * bands * phases),
  );
  let squares = 0;
  let fours = 0;
  for (const { entries, isSquare } of packedBlocksOf(work, form, packed)) {
    for (const rows of rowsAtATime) {
      if (isSquare) squares += Math.ceil(rows / 2) * Math.ceil(work.outputWidth / 2);
      else {
        for (let phase = 0; phase < Math.min(phases, rows); phase++) {
          const pixels = Math.ceil((rows - phase) / phases) * work.outputWidth;
          fours += entries * Math.ceil(pixels / 4);
        }
      }
    }
  }
  const { length } = form.order;
  // A square has 24 vectors of products of 16-bit words in each of two turns, or of bytes in one.
  const turns = 4 / length;
  return {
    macs: work.batch * (squares * 384 + fours * 4 * lanes * length),
    weightReads: work.batch * (squares * turns * 192 + fours * 32),
    inputReads: work.batch * (squares * turns * 128 + fours * 128),
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
