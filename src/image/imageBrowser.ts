import { RunError } from '../errors.ts';
import { type FitOptions, type PictureSize, planFit } from './fit.ts';
import type { Pixels } from './pixels.ts';

/** Everything that a page has pictures in. */
export type BrowserImage =
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLVideoElement
  | HTMLCanvasElement
  | OffscreenCanvas;

/**
 * Brings a picture of a page to a model's size: cut or squashed, transparency over white, scaled by
 * the browser. ImageData of the right size, and any cut that needs no scaling, keeps its own bytes.
 * @throws RunError where the picture has no pixels (yet)
 */
export function toPixels(
  image: BrowserImage,
  target: PictureSize,
  options: FitOptions = {},
): Pixels {
  const source = sizeOf(image);
  if (source.width === 0 || source.height === 0) {
    throw new RunError({
      where: 'image',
      got: `${source.width}x${source.height} pixels`,
      expected: 'a picture',
      advice: 'wait until it is loaded (await image.decode(), or the event loadeddata of a video)',
    });
  }
  const plan = planFit(source, target, options);
  if (image instanceof ImageData && !plan.resample) return cut(image, plan.left, plan.top, target);

  const scaleX = source.width / plan.width;
  const scaleY = source.height / plan.height;
  const context = contextOf(target);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, target.width, target.height);
  context.imageSmoothingEnabled = plan.resample;
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    drawable(image),
    plan.left * scaleX,
    plan.top * scaleY,
    target.width * scaleX,
    target.height * scaleY,
    0,
    0,
    target.width,
    target.height,
  );
  const { data } = context.getImageData(0, 0, target.width, target.height);
  return { data, ...target, channels: 4 };
}

function sizeOf(image: BrowserImage): PictureSize {
  if ('videoWidth' in image) return { width: image.videoWidth, height: image.videoHeight };
  if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
  return { width: image.width, height: image.height };
}

/** A canvas would multiply by alpha and divide again; rows are copied instead. */
function cut(image: ImageData, left: number, top: number, target: PictureSize): Pixels {
  const { width, height } = target;
  if (image.width === width && image.height === height)
    return { data: image.data, width, height, channels: 4 };
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * 4;
    data.set(image.data.subarray(from, from + width * 4), y * width * 4);
  }
  return { data, width, height, channels: 4 };
}

function drawable(image: BrowserImage): CanvasImageSource {
  if (!(image instanceof ImageData)) return image;
  const context = contextOf(image);
  context.putImageData(image, 0, 0);
  return context.canvas;
}

function contextOf({ width, height }: PictureSize): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context !== null) return context;
  throw new RunError({
    where: 'image',
    got: 'no 2d context of an OffscreenCanvas',
    expected: 'a browser that has it',
    advice: 'give ImageData of the size of the model’s input',
  });
}
