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
