import { RunError } from '../errors.ts';
import type { ImageShape, TensorDescription } from './inputShape.ts';
import { luma, overWhite, type Pixels } from './pixels.ts';
import type { Applied } from './preprocess.ts';

/** The element types that a picture can become. */
export type ImageTensor = Float32Array | Uint8Array | Int8Array;

/** How the bytes of a raw sample are read: as pixels, or as signed numbers. */
export type ByteKind = 'uint8' | 'int8';

/**
 * Per channel, the input's element for each of the 256 values of a byte. 8-bit inputs are quantized
 * by their own scale: clamp(roundHalfToEven(f32(f32(value) / scale)) + zeroPoint).
 * @throws RunError for inputs that are neither float32 nor 8-bit
 */
export function encodingTables(
  input: TensorDescription,
  applied: Pick<Applied, 'mean' | 'std' | 'channels' | 'bytesUnchanged'>,
  kind: ByteKind = 'uint8',
): ImageTensor[] {
  const signed = kind === 'int8';
  // Signed numbers are no pixels: a normalisation that is given for them is carried out.
  const unchanged = applied.bytesUnchanged && (!signed || applied.mean === undefined);
  return Array.from({ length: applied.channels }, (_, c) => {
    const mean = applied.mean?.[c] ?? 0;
    const std = applied.std?.[c] ?? 1;
    const table = allocateImage(input, 256);
    for (let byte = 0; byte < 256; byte++) {
      const value = signed ? (byte << 24) >> 24 : byte;
      table[byte] = unchanged
        ? asStored(value, kind, input.dtype)
        : encodeValue(input, (value - mean) / std);
    }
    return table;
  });
}

/** @throws RunError for inputs that are neither float32 nor 8-bit */
export function allocateImage(input: TensorDescription, length: number): ImageTensor {
  if (input.dtype === 'float32') return new Float32Array(length);
  if (input.dtype === 'uint8') return new Uint8Array(length);
  if (input.dtype === 'int8') return new Int8Array(length);
  throw new RunError({
    where: `input "${input.name}"`,
    got: `dtype ${input.dtype}`,
    expected: 'float32, uint8 or int8 for a picture',
    advice: 'give the model its tensors with run()',
  });
}

/** Writes a picture of the input's size as picture number `slot` of the input. */
export function encodePixels(
  pixels: Pixels,
  shape: ImageShape,
  order: Applied['order'],
  tables: readonly ImageTensor[],
  target: ImageTensor,
  slot: number,
): void {
  const { data, channels } = pixels;
  const count = shape.width * shape.height;
  if (pixels.width !== shape.width || pixels.height !== shape.height)
    throw wrongSize(pixels, shape);
  if (data.length !== count * channels) {
    throw new RunError({
      where: 'image',
      got: `${data.length} bytes`,
      expected: `${count * channels}: ${shape.width}x${shape.height} pixels of ${channels} bytes`,
      advice: 'give the pixels row by row, without gaps',
    });
  }
  const base = slot * count * shape.channels;
  const pixelStep = shape.layout === 'nhwc' ? shape.channels : 1;
  const planeStep = shape.layout === 'nhwc' ? 1 : count;
  const [table0, table1 = table0, table2 = table0] = tables as [ImageTensor];
  // The planes of red and blue change places, green stays.
  const redPlane = order === 'bgr' ? 2 : 0;
  const redTable = order === 'bgr' ? table2 : table0;
  const blueTable = order === 'bgr' ? table0 : table2;
  for (let i = 0, from = 0, to = base; i < count; i++, from += channels, to += pixelStep) {
    let red = data[from]!;
    let green = channels === 1 ? red : data[from + 1]!;
    let blue = channels === 1 ? red : data[from + 2]!;
    if (channels === 4) {
      const alpha = data[from + 3]!;
      red = overWhite(red, alpha);
      green = overWhite(green, alpha);
      blue = overWhite(blue, alpha);
    }
    if (shape.channels === 1) {
      target[to] = table0[luma(red, green, blue)]!;
    } else {
      target[to + redPlane * planeStep] = redTable[red]!;
      target[to + planeStep] = table1[green]!;
      target[to + (2 - redPlane) * planeStep] = blueTable[blue]!;
    }
  }
}

function wrongSize(pixels: Pixels, shape: ImageShape): RunError {
  return new RunError({
    where: 'image',
    got: `${pixels.width}x${pixels.height} pixels`,
    expected: `${shape.width}x${shape.height}, the size of the model's input`,
    advice: 'scale or cut the picture first',
  });
}

function asStored(value: number, kind: ByteKind, dtype: string): number {
  const unsigned = kind === 'int8' ? value + 128 : value;
  return dtype === 'int8' ? unsigned - 128 : unsigned;
}

function encodeValue(input: TensorDescription, value: number): number {
  if (input.dtype === 'float32') return value;
  const { scale = 1, zeroPoint = 0 } = input;
  const [min, max] = input.dtype === 'int8' ? [-128, 127] : [0, 255];
  const quotient = Math.fround(Math.fround(value) / Math.fround(scale));
  return Math.min(max, Math.max(min, roundHalfToEven(quotient) + zeroPoint));
}

function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}
