/** A picture, row by row, 8 bits a sample: grey, RGB, or RGB with alpha. */
export interface Pixels {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** Brightness by ITU-R BT.601 in 16-bit fixed point; equal samples keep their value. */
export function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

/** A sample laid over white; alpha 255 hides the white altogether. */
export function overWhite(sample: number, alpha: number): number {
  return Math.round((sample * alpha + 255 * (255 - alpha)) / 255);
}

/** A picture without transparency: laid over white. */
export function opaque(pixels: Pixels): Pixels {
  const { data, width, height, channels } = pixels;
  if (channels !== 4) return pixels;
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const alpha = data[from + 3]!;
    rgb[to] = overWhite(data[from]!, alpha);
    rgb[to + 1] = overWhite(data[from + 1]!, alpha);
    rgb[to + 2] = overWhite(data[from + 2]!, alpha);
  }
  return { data: rgb, width, height, channels: 3 };
}
