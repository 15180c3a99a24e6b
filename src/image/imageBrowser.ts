import { RunError } from '../errors.ts';
import type { FitOptions, PictureSize } from './fit.ts';
import { fitPixels } from './fitPixels.ts';
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
 * Brings a picture of a page to a model's size. The browser draws it at its own size, transparency
 * over white; it is cut or scaled here, so that every browser gives the same bytes.
 * @throws RunError where the picture has no pixels (yet)
 */
export function toPixels(
  image: BrowserImage,
  target: PictureSize,
  options: FitOptions = {},
): Pixels {
  const { width, height } = sizeOf(image);
  if (width === 0 || height === 0) {
    throw new RunError({
      where: 'image',
      got: `${width}x${height} pixels`,
      expected: 'a picture',
      advice: 'wait until it is loaded (await image.decode(), or the event loadeddata of a video)',
    });
  }
  const data = image instanceof ImageData ? image.data : draw(image, width, height);
  return fitPixels({ data, width, height, channels: 4 }, target, options);
}

function sizeOf(image: BrowserImage): PictureSize {
  if ('videoWidth' in image) return { width: image.videoWidth, height: image.videoHeight };
  if ('naturalWidth' in image) return { width: image.naturalWidth, height: image.naturalHeight };
  return { width: image.width, height: image.height };
}

function draw(
  image: Exclude<BrowserImage, ImageData>,
  width: number,
  height: number,
): Uint8ClampedArray {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null) {
    throw new RunError({
      where: 'image',
      got: 'no 2d context of an OffscreenCanvas',
      expected: `a browser that draws ${width}x${height} pixels`,
      advice: 'give a smaller picture, or its ImageData',
    });
  }
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}
