import { RunError } from '../errors.ts';

/** What image code needs to know of a model's input or output. */
export interface TensorDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly scale?: number;
  readonly zeroPoint?: number;
}

export type Layout = 'nhwc' | 'nchw';

/** A model's input seen as `batch` pictures. */
export interface ImageShape {
  readonly layout: Layout;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/**
 * Finds the channels of an image input: the axis of length 1 or 3 that stands last (NHWC) or after
 * the batch (NCHW). Inputs of rank 3 lack the batch, or are one grey picture.
 * @throws RunError where the shape is no picture's, or could be either and `layout` does not say
 */
export function imageShape(input: TensorDescription, layout?: Layout): ImageShape {
  const { shape } = input;
  const [batch = 1, a = 0, b = 0, c = 0] = shape.length === 3 ? [1, ...shape] : shape;
  const isImage = shape.length === 3 || shape.length === 4;
  const last = isImage && isChannels(c) ? c : undefined;
  const first = isImage && isChannels(a) ? a : undefined;
  const nhwc = last && ({ layout: 'nhwc', batch, height: a, width: b, channels: last } as const);
  const nchw = first && ({ layout: 'nchw', batch, height: b, width: c, channels: first } as const);
  if (nhwc && nchw && layout === undefined) {
    throw new RunError({
      where: `input "${input.name}"`,
      got: `shape [${shape.join(', ')}], whose channels may stand first or last`,
      expected: 'to be told which',
      advice: 'give the option layout, nhwc or nchw',
    });
  }
  const found = layout === undefined ? (nhwc ?? nchw) : { nhwc, nchw }[layout];
  if (found) return found;
  throw new RunError({
    where: `input "${input.name}"`,
    got: `shape [${shape.join(', ')}]`,
    expected: `pictures, ${layout === undefined ? '' : `${layout}, `}with 1 or 3 channels`,
    advice: 'give the model its tensors with run()',
  });
}

function isChannels(length: number): length is 1 | 3 {
  return length === 1 || length === 3;
}
