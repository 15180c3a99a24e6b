/**
 * The transforms of F(4x4, 3x3), in one direction and then in the other:
 *
 *   B^T =  4  0 -5  0  1  0     A'^T = 2  4  4  1  1  0
 *          0 -4 -4  1  1  0            0  4 -4  2 -2  0
 *          0  4 -4 -1  1  0            0  4  4  4  4  0
 *          0 -2 -1  2  1  0            0  4 -4  8 -8  8
 *          0  2 -1 -2  1  0
 *          0  4  0 -5  0  1
 */
export class WinogradTransform {
  /** 6 by 6 pixels of 8 channels to 36 planes. */
  @inline
  static input(
    from: usize,
    rowBytes: usize,
    pixelBytes: usize,
    temporary: usize,
    to: usize,
    planeBytes: usize,
  ): void {
    for (let x: usize = 0; x < 6; x++)
      WinogradTransform.inputLine(from + x * pixelBytes, rowBytes, temporary + 16 * x, 96);
    for (let y: usize = 0; y < 6; y++) {
      WinogradTransform.inputLine(temporary + 96 * y, 16, to, planeBytes);
      to += 6 * planeBytes;
    }
  }

  @inline
  static inputLine(from: usize, step: usize, to: usize, toStep: usize): void {
    const d0 = v128.load(from);
    const d1 = v128.load(from + step);
    const d2 = v128.load(from + 2 * step);
    const d3 = v128.load(from + 3 * step);
    const d4 = v128.load(from + 4 * step);
    const d5 = v128.load(from + 5 * step);
    const even = i16x8.sub(d4, i16x8.shl(d2, 2));
    const odd = i16x8.sub(d3, i16x8.shl(d1, 2));
    v128.store(to, i16x8.sub(i16x8.add(i16x8.shl(d0, 2), even), d2));
    v128.store(to + toStep, i16x8.add(even, odd));
    v128.store(to + 2 * toStep, i16x8.sub(even, odd));
    const half = i16x8.sub(d4, d2);
    const turn = i16x8.shl(i16x8.sub(d3, d1), 1);
    v128.store(to + 3 * toStep, i16x8.add(half, turn));
    v128.store(to + 4 * toStep, i16x8.sub(half, turn));
    v128.store(to + 5 * toStep, i16x8.sub(i16x8.sub(d5, d3), i16x8.shl(turn, 1)));
  }

  /** i32 [36 positions][16], 4 of the 16 channels, to sums of products i32 [4][4][16]. */
  @inline
  static output(from: usize, temporary: usize, to: usize): void {
    for (let x: usize = 0; x < 6; x++) {
      const m0 = v128.load(from);
      const m1 = v128.load(from, 384);
      const m2 = v128.load(from, 768);
      const m3 = v128.load(from, 1152);
      const m4 = v128.load(from, 1536);
      const m5 = v128.load(from, 1920);
      const p = i32x4.add(m1, m2);
      const q = i32x4.sub(m1, m2);
      const r = i32x4.add(m3, m4);
      const s = i32x4.sub(m3, m4);
      const line = temporary + 16 * x;
      v128.store(
        line,
        i32x4.add(WinogradTransform.twice(i32x4.add(m0, WinogradTransform.twice(p))), r),
      );
      v128.store(line, WinogradTransform.twice(i32x4.add(WinogradTransform.twice(q), s)), 96);
      v128.store(line, i32x4.shl(i32x4.add(p, r), 2), 192);
      v128.store(line, i32x4.shl(i32x4.add(q, WinogradTransform.twice(i32x4.add(s, m5))), 2), 288);
      from += 64;
    }
    // The inverse of 9 modulo 2^32: a multiple of 9 is divided by it.
    const ninth = i32x4.splat(0x38e38e39);
    for (let y: usize = 0; y < 4; y++) {
      const line = temporary + 96 * y;
      const m1 = v128.load(line, 16);
      const m2 = v128.load(line, 32);
      const m3 = v128.load(line, 48);
      const m4 = v128.load(line, 64);
      const p = i32x4.add(m1, m2);
      const q = i32x4.sub(m1, m2);
      const r = i32x4.add(m3, m4);
      const s = i32x4.sub(m3, m4);
      // The powers of two that a row of A'^T has in common are left out, and shifted by less.
      const y0 = i32x4.add(
        WinogradTransform.twice(i32x4.add(v128.load(line), WinogradTransform.twice(p))),
        r,
      );
      const y1 = i32x4.add(WinogradTransform.twice(q), s);
      const y2 = i32x4.add(p, r);
      const y3 = i32x4.add(q, WinogradTransform.twice(i32x4.add(s, v128.load(line, 80))));
      v128.store(to, i32x4.shr_s(i32x4.mul(y0, ninth), 6));
      v128.store(to, i32x4.shr_s(i32x4.mul(y1, ninth), 5), 64);
      v128.store(to, i32x4.shr_s(i32x4.mul(y2, ninth), 4), 128);
      v128.store(to, i32x4.shr_s(i32x4.mul(y3, ninth), 4), 192);
      to += 256;
    }
  }

  @inline
  static twice(value: v128): v128 {
    return i32x4.add(value, value);
  }
}
