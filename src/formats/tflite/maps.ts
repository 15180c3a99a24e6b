import type { Pair } from '../../graph/node.ts';
import type { Table } from './flatbuffer.ts';
import { moved } from './moves.ts';
import type { Importing, OperatorImporter } from './operator.ts';
import { OptionsType, ReducerField, ResizeBilinearField, ResizeNearestField } from './schema.ts';

export const importMean: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const axes = operator.integers(1).map((axis) => operator.axis(axis, input.shape.length));
  const keepDims = operator.options(OptionsType.Reducer).bool(ReducerField.keepDims);
  const once = [...new Set(axes)].sort((a, b) => a - b);
  return operator.node('Mean', [input], { axes: once, keepDims });
};

export const importArgMax: OperatorImporter = (operator) => {
  const input = operator.input(0);
  const axis = operator.axis(operator.integer(1), input.shape.length);
  return operator.node('ArgMax', [input], { axis, keepDims: false, selectLast: false });
};

export const importResizeBilinear: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.ResizeBilinear);
  return resize(operator, options, ResizeBilinearField, 'linear');
};

export const importResizeNearest: OperatorImporter = (operator) => {
  const options = operator.options(OptionsType.ResizeNearestNeighbor);
  return resize(operator, options, ResizeNearestField, 'nearest');
};

function resize(
  operator: Importing,
  options: Table,
  field: { readonly alignCorners: number; readonly halfPixelCenters: number },
  mode: 'linear' | 'nearest',
) {
  const input = operator.ranked(0, 4);
  const [height = 0, width = 0, ...more] = operator.integers(1);
  if (!(height >= 1 && width >= 1 && more.length === 0)) {
    operator.refuse(`a size of ${height}x${width}`, 'a height and a width of 1 or more');
  }
  const alignCorners = options.bool(field.alignCorners);
  const halfPixel = options.bool(field.halfPixelCenters);
  if (alignCorners && halfPixel) {
    operator.refuse(
      'a resize by corners and by half pixels at once',
      'one of the two',
      'export the model with align_corners off',
    );
  }
  const size: Pair = [height, width];
  const scales: Pair = [height / input.shape[1]!, width / input.shape[2]!];
  const coordinates = alignCorners ? 'alignCorners' : halfPixel ? 'halfPixel' : 'asymmetric';
  // TFLite takes floor((y + 1/2) * scale) where pixels have centres, which is the nearest of
  // (y + 1/2) * scale - 1/2 with halves up; round() by corners, and floor() otherwise.
  const nearest = alignCorners || halfPixel ? 'roundPreferCeil' : 'floor';
  const attributes = { mode, size, scales, coordinates, nearest } as const;
  return operator.node('Resize', [input], attributes, [moved(operator, input, operator.output())]);
}
