import { type FitOptions, type FitPlan, type PictureSize, planFit } from './fit.ts';
import { opaque, type Pixels } from './pixels.ts';
import { resample } from './resample.ts';

/**
 * Brings a picture to a model's size; one that need not be scaled keeps its own bytes.
 * @throws RunError where `resize` is less than the target
 */
export function fitPixels(source: Pixels, target: PictureSize, options: FitOptions): Pixels {
  const plan = planFit(source, target, options);
  return plan.resample ? resample(opaque(source), plan, target) : cut(source, plan, target);
}

function cut(source: Pixels, { left, top }: FitPlan, target: PictureSize): Pixels {
  const { width, height } = target;
  if (source.width === width && source.height === height) return source;
  const { channels } = source;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * source.width + left) * channels;
    data.set(source.data.subarray(from, from + width * channels), y * width * channels);
  }
  return { data, width, height, channels };
}
