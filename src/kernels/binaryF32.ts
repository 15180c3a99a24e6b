import { BinaryF32Args } from '../../assembly/arguments.ts';
import { stridesOf } from '../graph/shape.ts';
import type { BinaryF32Work } from '../graph/work.ts';
import { kernel } from './kernel.ts';
import { type Axis, axesOf, packAxes, stateBytes } from './strides.ts';

const single: Axis = { size: 1, first: 0, second: 0 };

/** Outer axes, and rows of columns inside, along which each operand steps by 4 or 0; in bytes. */
function arrange({ shape, aStrides, bStrides }: BinaryF32Work) {
  const outer = axesOf(
    shape.map((size, i) => ({ size, first: 4 * aStrides[i]!, second: 4 * bStrides[i]! })),
  );
  const isUnit = (step: number): boolean => step === 0 || step === 4;
  const last = outer.at(-1) ?? single;
  const columns = isUnit(last.first) && isUnit(last.second) ? (outer.pop() ?? single) : single;
  const rows = outer.pop() ?? single;
  return { outer, rows, columns };
}

/** Whether input 0 has the output's shape. */
function isWhole({ shape, aStrides }: BinaryF32Work): boolean {
  const strides = stridesOf(shape);
  return shape.every((size, axis) => size === 1 || aStrides[axis] === strides[axis]);
}

function binaryKernel(name: string, op: BinaryF32Work['op'], why: string) {
  return kernel<BinaryF32Work, typeof BinaryF32Args>(BinaryF32Args, {
    name,
    family: 'binaryF32',
    fits: (work) => (work.op === op ? why : undefined),
    // The bounds, then the axes.
    pack: (work) => {
      const axes = packAxes(arrange(work).outer);
      const packed = new Uint8Array(8 + axes.length);
      packed.set(new Uint8Array(Float32Array.of(work.min, work.max).buffer));
      packed.set(axes, 8);
      return packed;
    },
    scratchBytes: (work) => stateBytes(arrange(work).outer),
    inPlace: isWhole,
    bind: (work, at) => {
      const { outer, rows, columns } = arrange(work);
      return {
        a: at.inputs[0]!,
        b: at.inputs[1]!,
        output: at.outputs[0]!,
        bounds: at.packed,
        axes: at.packed + 8,
        state: at.scratch,
        axisCount: outer.length,
        count: outer.reduce((product, axis) => product * axis.size, 1),
        rows: rows.size,
        columns: columns.size,
        aRow: rows.first,
        bRow: rows.second,
        aColumn: columns.first,
        bColumn: columns.second,
      };
    },
  });
}

export const addF32 = binaryKernel('add_f32', 'Add', 'a sum');
export const subF32 = binaryKernel('sub_f32', 'Sub', 'a difference');
export const mulF32 = binaryKernel('mul_f32', 'Mul', 'a product');
export const divF32 = binaryKernel('div_f32', 'Div', 'a quotient');
export const preluF32 = binaryKernel('prelu_f32', 'PRelu', 'a slope for negative numbers');
