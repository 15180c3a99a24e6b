/** Pieces of a transposition of bytes. */
export class Bytes {
  @inline
  static low(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }

  @inline
  static high(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }

  /** 16 rows of `columns` bytes, a multiple of 8, from columns that lie `stride` apart. Not inlined: it is long. */
  static store16(to: usize, row: usize, from: usize, stride: usize, columns: usize): void {
    const stride3 = stride + (stride << 1);
    for (const end = to + columns; to < end; to += 8, from += stride << 3) {
      const from4 = from + (stride << 2);
      const a = v128.load(from);
      const b = v128.load(from + stride);
      const c = v128.load(from + (stride << 1));
      const d = v128.load(from + stride3);
      const e = v128.load(from4);
      const f = v128.load(from4 + stride);
      const g = v128.load(from4 + (stride << 1));
      const h = v128.load(from4 + stride3);
      Bytes.store16x8(to, row, a, b, c, d, e, f, g, h);
    }
  }

  /** 16 rows of 8 bytes, from 8 columns. */
  @inline
  static store16x8(
    to: usize,
    row: usize,
    a: v128,
    b: v128,
    c: v128,
    d: v128,
    e: v128,
    f: v128,
    g: v128,
    h: v128,
  ): void {
    const ab = Bytes.low(a, b);
    const cd = Bytes.low(c, d);
    const ef = Bytes.low(e, f);
    const gh = Bytes.low(g, h);
    Bytes.store8x8(to, row, ab, cd, ef, gh);
    to += row << 3;
    Bytes.store8x8(to, row, Bytes.high(a, b), Bytes.high(c, d), Bytes.high(e, f), Bytes.high(g, h));
  }

  /** 8 rows of 8 bytes, from the rows' bytes in pairs: columns 0 and 1, 2 and 3, and so on. */
  @inline
  static store8x8(to: usize, outputRow: usize, ab: v128, cd: v128, ef: v128, gh: v128): void {
    const abcd03 = i16x8.shuffle(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
    const abcd47 = i16x8.shuffle(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
    const efgh03 = i16x8.shuffle(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11);
    const efgh47 = i16x8.shuffle(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15);
    Bytes.storePair(to, outputRow, i32x4.shuffle(abcd03, efgh03, 0, 4, 1, 5));
    to += outputRow << 1;
    Bytes.storePair(to, outputRow, i32x4.shuffle(abcd03, efgh03, 2, 6, 3, 7));
    to += outputRow << 1;
    Bytes.storePair(to, outputRow, i32x4.shuffle(abcd47, efgh47, 0, 4, 1, 5));
    to += outputRow << 1;
    Bytes.storePair(to, outputRow, i32x4.shuffle(abcd47, efgh47, 2, 6, 3, 7));
  }

  @inline
  static storePair(to: usize, outputRow: usize, rows: v128): void {
    v128.store64_lane(to, rows, 0);
    v128.store64_lane(to + outputRow, rows, 1);
  }
}
