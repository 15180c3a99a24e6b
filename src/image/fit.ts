import { RunError } from '../errors.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** `crop` keeps the picture's proportions and cuts out its middle, `squash` stretches it. */
export type FitMode = 'crop' | 'squash';

export interface FitOptions {
  readonly fit?: FitMode;
  /** crop only: the shorter side is scaled to this many pixels before the cut. */
  readonly resize?: number;
}

/** Scale the picture to width x height, then cut out the target from (left, top) on. */
export interface FitPlan extends PictureSize {
  readonly resample: boolean;
  readonly left: number;
  readonly top: number;
}

/**
 * A picture that covers the target and is at most this much larger is cut, not scaled: 256 for 224,
 * as most networks are tested, and pictures that were scaled before, keep their own pixels.
 */
const cutOnly = 1.15;

/**
 * How a picture comes to the model's size.
 * @throws RunError where `resize` is less than the target
 */
export function planFit(source: PictureSize, target: PictureSize, options: FitOptions): FitPlan {
  if (options.fit === 'squash') {
    const resample = source.width !== target.width || source.height !== target.height;
    return { ...target, resample, left: 0, top: 0 };
  }
  const scaled = scaledSize(source, target, options.resize);
  return {
    ...scaled,
    resample: scaled.width !== source.width || scaled.height !== source.height,
    left: Math.floor((scaled.width - target.width) / 2),
    top: Math.floor((scaled.height - target.height) / 2),
  };
}

function scaledSize(source: PictureSize, target: PictureSize, resize?: number): PictureSize {
  if (resize !== undefined) {
    const larger = Math.max(target.width, target.height);
    if (!Number.isInteger(resize) || resize < larger) {
      throw new RunError({
        where: 'option resize',
        got: String(resize),
        expected: `a whole number of pixels, ${larger} or more`,
        advice: 'give the shorter side that the picture has before the cut, such as 256 for 224',
      });
    }
    return scaleBy(source, target, resize / Math.min(source.width, source.height));
  }
  const cover = Math.min(source.width / target.width, source.height / target.height);
  if (cover >= 1 && cover <= cutOnly) return { width: source.width, height: source.height };
  return scaleBy(source, target, 1 / cover);
}

function scaleBy(source: PictureSize, target: PictureSize, factor: number): PictureSize {
  // Rounding must not leave the picture a pixel short of what is cut out.
  return {
    width: Math.max(target.width, Math.round(source.width * factor)),
    height: Math.max(target.height, Math.round(source.height * factor)),
  };
}
