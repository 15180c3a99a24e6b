import { readFile } from 'node:fs/promises';
import { RunError } from '../errors.ts';
import type { FitOptions, PictureSize } from './fit.ts';
import { fitPixels } from './fitPixels.ts';
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
  let pixels: Pixels;
  try {
    pixels = await decode(bytes);
  } catch (error) {
    throw notAnImage(name, bytes.length === 0 ? 'an empty file' : firstLine(error));
  }
  return fitPixels(pixels, target, options);
}

async function decode(bytes: Uint8Array): Promise<Pixels> {
  // Only who reads pictures waits for the decoders.
  const { default: sharp } = await import('sharp');
  // Warnings of a decoder (a stray byte between segments) are common in photographs and harmless.
  const { data, info } = await sharp(bytes, { failOn: 'error' })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (channels === 1 || channels === 3) return { data, width, height, channels };
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
