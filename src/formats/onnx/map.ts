import { formatShape } from '../../graph/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { NodeImport } from './nodeImport.ts';

/** A file's map [batch][channels][height][width], or without height, as [batch][height][width][channels]. */
export function toMap(c: NodeImport, tensor: Tensor): Tensor {
  const { twins } = c.scope;
  const known = twins.get(tensor);
  if (known !== undefined) return known;
  const { shape, id } = tensor;
  if (shape.length !== 3 && shape.length !== 4) {
    c.fail(
      `an input of shape ${formatShape(shape)}`,
      '[batch][channels][height][width] or [batch][channels][width]',
      'only maps of one and two dimensions are supported',
    );
  }
  const [batch = 1, channels = 1, width = 1] = shape;
  const flat =
    shape.length === 4 ? tensor : c.reshape(tensor, [batch, channels, 1, width], `${id}:2d`);
  const map = c.transpose(flat, [0, 2, 3, 1], `${id}:nhwc`);
  twins.set(tensor, map);
  return map;
}

/** The name of the NHWC map that becomes output 0. */
export function mapId(c: NodeImport): string {
  return `${c.outputId()}:nhwc`;
}

/** Gives an NHWC map as output 0, in the file's layout of `rank` axes. */
export function outputMap(c: NodeImport, map: Tensor, rank: number): void {
  const id = c.outputId();
  const flat = c.transpose(map, [0, 3, 1, 2], rank === 4 ? id : `${id}:2d`);
  const [batch = 1, channels = 1, , width = 1] = flat.shape;
  const tensor = rank === 4 ? flat : c.reshape(flat, [batch, channels, width], id);
  c.scope.twins.set(tensor, map);
  c.output(tensor);
}
