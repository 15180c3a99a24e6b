import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { RunError } from '../errors.ts';
import { type FitOptions, type PictureSize, planFit } from './fit.ts';
import type { Pixels } from './pixels.ts';

/**
 * Decodes a picture (JPEG, PNG, WebP, GIF, AVIF, TIFF) and brings it to a model's size: turned as
 * its EXIF data says, in sRGB, transparency over white, scaled by a triangle filter that is as wide
 * as the scale asks for (no aliasing). A picture that need not be scaled keeps its own bytes.
 * @param source a file's path or URL, or its content
 * @throws RunError where it cannot be read or is no picture
 */
export async function readImage(
  source: string | URL | Uint8Array,
  target: PictureSize,
  options: FitOptions = {},
  name = source instanceof Uint8Array ? 'image' : String(source),
): Promise<Pixels> {
  const bytes = source instanceof Uint8Array ? source : await readBytes(source, name);
  try {
    return await decode(bytes, target, options);
  } catch (error) {
    if (error instanceof RunError) throw error;
    throw notAnImage(name, bytes.length === 0 ? 'an empty file' : firstLine(error));
  }
}

async function decode(
  bytes: Uint8Array,
  target: PictureSize,
  options: FitOptions,
): Promise<Pixels> {
  // Warnings of a decoder (a stray byte between segments) are common in photographs and harmless.
  const settings = { failOn: 'error' } as const;
  const { autoOrient: source } = await sharp(bytes, settings).metadata();
  const plan = planFit(source, target, options);
  let image = sharp(bytes, settings).autoOrient().flatten({ background: '#ffffff' });
  if (plan.resample) {
    image = image.resize({
      width: plan.width,
      height: plan.height,
      fit: 'fill',
      kernel: 'linear',
      // Decoding a JPEG at half its size is faster, but another filter.
      fastShrinkOnLoad: false,
    });
  }
  const { data, info } = await image
    .extract({ left: plan.left, top: plan.top, width: target.width, height: target.height })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  // Grey files may come out with one channel, or with two where they have alpha.
  const channels = info.channels as number;
  if (channels === 1 || channels === 3 || channels === 4)
    return { data, width: info.width, height: info.height, channels };
  throw new Error(`${channels} channels`);
}

async function readBytes(source: string | URL, name: string): Promise<Uint8Array> {
  try {
    return await readFile(source);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const got = code === 'EISDIR' ? 'a folder' : code === 'ENOENT' ? 'no such file' : String(code);
    throw notAnImage(name, got);
  }
}

function notAnImage(name: string, got: string): RunError {
  return new RunError({
    where: name,
    got,
    expected: 'a picture (JPEG, PNG, WebP, GIF, AVIF or TIFF)',
    advice: 'check the file',
  });
}

function firstLine(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.trim();
}
