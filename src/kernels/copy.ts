import { CopyArgs } from '../../assembly/arguments.ts';
import type { CopyWork } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { type Axis, axesOf, packAxes, stateBytes } from './strides.ts';

/** The work as a walk over outer axes, with rows of columns inside. */
interface Arrangement {
  readonly how: 'runs' | 'transpose' | 'pixels' | 'strided';
  readonly outer: readonly Axis[];
  readonly rows: Axis;
  readonly columns: Axis;
  /** In bytes. */
  readonly inputOffset: number;
  readonly outputOffset: number;
}

const single: Axis = { size: 1, first: 0, second: 0 };

function arrange(work: CopyWork): Arrangement {
  const bytes = work.elementBytes;
  let inputOffset = work.inputOffset * bytes;
  let outputOffset = work.outputOffset * bytes;
  const upward = work.shape.map((size, i): Axis => {
    const first = work.inputStrides[i]! * bytes;
    const second = work.outputStrides[i]! * bytes;
    if (second >= 0 || size === 0) return { size, first, second };
    // Walked from the other end, so that the output is written upwards.
    inputOffset += first * (size - 1);
    outputOffset += second * (size - 1);
    return { size, first: -first, second: -second };
  });
  upward.sort((a, b) => b.second - a.second);
  const axes = axesOf(upward);
  const offsets = { inputOffset, outputOffset };

  const columns = axes.pop() ?? { size: 1, first: bytes, second: bytes };
  if (columns.first === bytes && columns.second === bytes) {
    const rows = axes.pop() ?? single;
    return { how: 'runs', outer: axes, rows, columns, ...offsets };
  }
  const contiguous = axes.findIndex((axis) => axis.first === bytes);
  const across = axes[contiguous];
  if (across !== undefined && columns.second === bytes) {
    const isPixels = columns.size === 3 && across.second === 3 && across.size >= 16;
    if (fillsTile(bytes, across, columns) || (isPixels && bytes === 1)) {
      axes.splice(contiguous, 1);
      const how = isPixels && bytes === 1 ? 'pixels' : 'transpose';
      return { how, outer: axes, rows: across, columns, ...offsets };
    }
  }
  const rows = axes.pop() ?? single;
  // The longer of the two makes the inner loop.
  const [long, short] = rows.size > columns.size ? [rows, columns] : [columns, rows];
  return { how: 'strided', outer: axes, rows: short, columns: long, ...offsets };
}

function fillsTile(bytes: number, rows: Axis, columns: Axis): boolean {
  if (bytes === 1) return rows.size >= 16 && columns.size >= 8;
  return bytes === 4 && rows.size >= 4 && columns.size >= 4;
}

function copyKernel(
  name: string,
  fits: (work: CopyWork) => string | undefined,
  columnUnit: (work: CopyWork) => number = () => 1,
) {
  return kernel<CopyWork, typeof CopyArgs>(CopyArgs, {
    name,
    family: 'copy',
    fits,
    pack: (work) => packAxes(arrange(work).outer),
    scratchBytes: (work) => stateBytes(arrange(work).outer),
    bind: (work, at) => {
      const { outer, rows, columns, inputOffset, outputOffset } = arrange(work);
      return {
        input: at.inputs[0]! + inputOffset,
        output: at.outputs[0]! + outputOffset,
        axes: at.packed,
        state: at.scratch,
        axisCount: outer.length,
        count: outer.reduce((product, axis) => product * axis.size, 1),
        rows: rows.size,
        columns: columns.size * columnUnit(work),
        inputRow: rows.first,
        inputColumn: columns.first,
        outputRow: rows.second,
        outputColumn: columns.second,
        elementBytes: work.elementBytes,
      };
    },
  });
}

export const copyRuns = copyKernel(
  'copy_runs',
  (work) => (arrange(work).how === 'runs' ? 'contiguous runs on both sides' : undefined),
  (work) => work.elementBytes,
);

export const copyPixelsX8 = copyKernel('copy_x8_16x3', (work) =>
  arrange(work).how === 'pixels' ? 'three planes of bytes to pixels' : undefined,
);

export const copyTransposeX8 = copyKernel('copy_x8_16x8', (work) =>
  work.elementBytes === 1 && arrange(work).how === 'transpose'
    ? 'a transposition of bytes'
    : undefined,
);

export const copyTransposeX32 = copyKernel('copy_x32_4x4', (work) =>
  work.elementBytes === 4 && arrange(work).how === 'transpose'
    ? 'a transposition of 4-byte elements'
    : undefined,
);

export const copyStrided = copyKernel('copy_strided', () => 'any strides, element by element');
