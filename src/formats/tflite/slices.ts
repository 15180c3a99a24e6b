import { formatShape } from '../../graph/shape.ts';
import { move } from './moves.ts';
import type { Importing, OperatorImporter } from './operator.ts';
import { OptionsType, StridedSliceField } from './schema.ts';

/** input, first element, size; a size of −1 means up to the end */
export const importSlice: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const starts = operator.integers(1);
  const sizes = operator
    .integers(2)
    .map((size, axis) => (size === -1 ? (input.shape[axis] ?? 0) - (starts[axis] ?? 0) : size));
  const steps = input.shape.map(() => 1);
  return [move(operator, 'Slice', input, { starts, sizes, steps })];
};

export interface SliceSpec {
  readonly starts: number[];
  readonly sizes: number[];
  readonly steps: number[];
  /** The output's shape: axes that are cut down to an index are gone, new ones have come. */
  readonly shape: number[];
}

export const importStridedSlice: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const { starts, sizes, steps, shape } = readStridedSlice(operator, input.shape);
  const isSame = shape.length === sizes.length && shape.every((size, axis) => size === sizes[axis]);
  if (isSame) return [move(operator, 'Slice', input, { starts, sizes, steps })];
  const part = move(operator, 'Slice', input, { starts, sizes, steps }, 'part');
  return [move(operator, 'Reshape', part, { shape })];
};

/** Python's slices: bit i of a mask speaks of place i in the lists of begins, ends and strides. */
export function readStridedSlice(operator: Importing, input: readonly number[]): SliceSpec {
  const options = operator.options(OptionsType.StridedSlice);
  const begins = operator.integers(1);
  const ends = operator.integers(2);
  const strides = operator.integers(3);
  if (begins.length !== ends.length || ends.length !== strides.length || begins.length > 31) {
    operator.refuse(
      `${begins.length} begins, ${ends.length} ends and ${strides.length} strides`,
      'as many of each',
    );
  }
  const mask = (field: keyof typeof StridedSliceField) => {
    const bits = options.int32(StridedSliceField[field]);
    return (place: number): boolean => ((bits >> place) & 1) === 1;
  };
  const isEllipsis = mask('ellipsisMask');
  const isNew = mask('newAxisMask');
  const isShrunk = mask('shrinkAxisMask');
  const beginIsOpen = mask('beginMask');
  const endIsOpen = mask('endMask');
  const endIsSize = options.bool(StridedSliceField.offset);

  const places = begins.map((_, place) => place);
  const named = places.filter((place) => !isEllipsis(place) && !isNew(place)).length;
  const hidden = input.length - named;
  if (hidden < 0 || places.filter(isEllipsis).length > 1) {
    operator.refuse(
      `a slice of ${named} axes of ${formatShape(input)}`,
      'at most as many as there are',
    );
  }
  const starts: number[] = [];
  const sizes: number[] = [];
  const steps: number[] = [];
  const shape: number[] = [];
  const takeWhole = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const size = input[starts.length]!;
      starts.push(0);
      sizes.push(size);
      steps.push(1);
      shape.push(size);
    }
  };
  for (const place of places) {
    if (isEllipsis(place)) takeWhole(hidden);
    else if (isNew(place)) shape.push(1);
    else {
      const length = input[starts.length]!;
      const step = strides[place]!;
      if (step === 0) operator.refuse('stride 0', 'another stride');
      const fromEnd = (index: number): number => (index < 0 ? index + length : index);
      const [first, last] = step > 0 ? [0, length] : [length - 1, -1];
      const inside = (index: number): number =>
        Math.min(Math.max(index, Math.min(first, last)), Math.max(first, last));
      let start = beginIsOpen(place) ? first : inside(fromEnd(begins[place]!));
      let size: number;
      if (isShrunk(place)) {
        // An index, not a range: it is not brought inside, and the stride does not matter.
        start = fromEnd(begins[place]!);
        size = 1;
      } else {
        const end = endIsSize ? start + ends[place]! : fromEnd(ends[place]!);
        const stop = endIsOpen(place) ? last : inside(end);
        size = Math.max(0, Math.ceil((stop - start) / step));
        shape.push(size);
      }
      starts.push(start);
      sizes.push(size);
      steps.push(isShrunk(place) ? 1 : step);
    }
  }
  takeWhole(input.length - starts.length);
  return { starts, sizes, steps, shape };
}
