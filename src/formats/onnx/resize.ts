import type { Resize } from '../../graph/node.ts';
import { formatShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { mapId, outputMap, toMap } from './map.ts';
import type { NodeImport } from './nodeImport.ts';

type Attributes = Resize['attributes'];

/** New size and scale of every axis. */
interface Target {
  readonly sizes: number[];
  readonly scales: number[];
}

const tooMuch = 'export the model with linear or nearest interpolation of height and width';

/** Before opset 11: data, scales. */
export function importUpsample(c: NodeImport): void {
  const mode = c.attributes.choice('mode', ['nearest', 'linear'], 'nearest');
  const target = byScales(c, floats(c, 1));
  give(c, target, { mode, coordinates: 'asymmetric', nearest: 'floor' });
}

/** data, roi, scales, sizes */
export function importResize(c: NodeImport): void {
  if (c.opset < 11) {
    importUpsample(c);
    return;
  }
  const { attributes } = c;
  if (attributes.flag('antialias')) c.fail('antialias 1', '0', tooMuch);
  if (attributes.flag('exclude_outside')) c.fail('exclude_outside 1', '0', tooMuch);
  attributes.ignore('cubic_coeff_a', 'extrapolation_value', 'keep_aspect_ratio_policy');
  const mode = attributes.string('mode', 'nearest');
  if (mode !== 'linear' && mode !== 'nearest') c.fail(`mode ${mode}`, 'linear or nearest', tooMuch);
  const nearest = attributes.choice(
    'nearest_mode',
    ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'],
    'round_prefer_floor',
  );
  const target = targetOf(c);
  give(c, target, { mode, nearest: nearestNames[nearest], coordinates: coordinatesOf(c, target) });
}

const nearestNames = {
  round_prefer_floor: 'roundPreferFloor',
  round_prefer_ceil: 'roundPreferCeil',
  floor: 'floor',
  ceil: 'ceil',
} as const;

function coordinatesOf(c: NodeImport, { scales, sizes }: Target): Attributes['coordinates'] {
  const choices = [
    'half_pixel',
    'half_pixel_symmetric',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
  ] as const;
  const choice = c.attributes.choice('coordinate_transformation_mode', choices, 'half_pixel');
  switch (choice) {
    case 'half_pixel':
      return 'halfPixel';
    case 'pytorch_half_pixel':
      return 'pytorchHalfPixel';
    case 'align_corners':
      return 'alignCorners';
    case 'asymmetric':
      return 'asymmetric';
    case 'half_pixel_symmetric': {
      // Where nothing is cut off at the end, this is the ordinary half pixel.
      const shape = c.shape(0);
      if (scales.every((scale, axis) => scale * shape[axis]! === sizes[axis])) return 'halfPixel';
      return c.fail(`${choice} with a size that is rounded`, 'a whole multiple', tooMuch);
    }
  }
}

function targetOf(c: NodeImport): Target {
  const shape = c.shape(0);
  const rank = shape.length;
  const stated = c.opset < 18 ? undefined : c.attributes.ints('axes');
  const axes = stated?.map((axis) => c.axis(axis, rank)) ?? [...shape.keys()];
  const spread = (list: readonly number[], rest: readonly number[]): number[] => {
    if (list.length !== axes.length) c.fail(`${list.length} numbers`, `${axes.length}`);
    const all = [...rest];
    for (const [i, axis] of axes.entries()) all[axis] = list[i]!;
    return all;
  };
  const ones = shape.map(() => 1);
  const hasScales = c.optional(2) !== undefined && c.known(2, 'scales').length > 0;
  if (hasScales) return byScales(c, spread(floats(c, 2), ones));
  const sizes = spread(c.integers(3, 'sizes'), shape);
  const policy = c.attributes.choice(
    'keep_aspect_ratio_policy',
    ['stretch', 'not_larger', 'not_smaller'],
    'stretch',
  );
  const ratios = sizes.map((size, axis) => size / shape[axis]!);
  if (policy === 'stretch') return { sizes, scales: ratios };
  const chosen = axes.map((axis) => ratios[axis]!);
  const scale = policy === 'not_larger' ? Math.min(...chosen) : Math.max(...chosen);
  const scales = ratios.map((_, axis) => (axes.includes(axis) ? scale : 1));
  return { sizes: scales.map((s, axis) => Math.round(s * shape[axis]!)), scales };
}

function floats(c: NodeImport, i: number): number[] {
  const value = c.known(i, 'scales');
  if (value.dtype !== 'float32') c.fail(`scales of type ${value.type}`, 'floats');
  return value.numbers();
}

function byScales(c: NodeImport, scales: number[]): Target {
  const shape = c.shape(0);
  if (scales.length !== shape.length || scales.some((s) => !(s > 0 && s < 65536))) {
    c.fail(`scales ${scales.join(', ')}`, `${shape.length} numbers above 0`);
  }
  return { scales, sizes: scales.map((s, axis) => Math.floor(Math.fround(s * shape[axis]!))) };
}

/** Resizes height and width, wherever they stand among the axes. */
function give(c: NodeImport, { sizes, scales }: Target, rest: Omit<Attributes, 'size' | 'scales'>) {
  const input = c.tensor(0);
  const { shape } = input;
  const rank = shape.length;
  if (sizes.some((size) => size < 1)) c.fail(`size ${formatShape(sizes)}`, '1 or more each way');
  const changed = [...shape.keys()].filter((a) => sizes[a] !== shape[a] || scales[a] !== 1);
  const within = (...axes: readonly number[]): boolean => changed.every((a) => axes.includes(a));
  const emit = (map: Tensor, y: number, x: number, id: string): Tensor => {
    const size = [y < 0 ? 1 : sizes[y]!, sizes[x]!] as const;
    const attributes = { ...rest, size, scales: [y < 0 ? 1 : scales[y]!, scales[x]!] as const };
    return c.emit('Resize', [map], attributes, map, id);
  };
  if (rank === 4 && within(2, 3)) {
    outputMap(c, emit(toMap(c, input), 2, 3, mapId(c)), 4);
    return;
  }
  if (rank === 4 && within(1, 2)) {
    c.output(emit(input, 1, 2, c.outputId()));
    return;
  }
  if (rank === 3 && within(2)) {
    outputMap(c, emit(toMap(c, input), -1, 2, mapId(c)), 3);
    return;
  }
  if (rank === 2) {
    const map = c.reshape(input, [1, shape[0]!, shape[1]!, 1]);
    c.output(c.reshape(emit(map, 0, 1, mapId(c)), sizes, c.outputId()));
    return;
  }
  c.fail(
    `${formatShape(shape)} resized to ${formatShape(sizes)}`,
    'a change of height and width only',
    tooMuch,
  );
}
