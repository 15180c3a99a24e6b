import { Count } from '../simd/count';

/**
 * Tables of the sums of a few inputs: for a tuple of g inputs all x0 w0 + x1 w1 + ... with weights
 * of -1, 0 and 1 whose last number beside 0 is 1, (3^g - 1) / 2 of them; their negatives are
 * subtracted. In the order of the number w0 + 3 w1 + 9 w2, each 64 bytes: 32 pixels, 16 bits each.
 */
export class Tables {
  /** Bytes of an entry. */
  @inline
  static get entry(): usize {
    return 64;
  }

  /**
   * Tables of `count` tuples of g inputs, from planes of signed bytes `planeBytes` apart, of which
   * `pixels` count. An entry of zeros comes first.
   */
  static fill(
    g: usize,
    planes: usize,
    planeBytes: usize,
    pixels: usize,
    table: usize,
    count: usize,
  ): void {
    memory.fill(table, 0, 64);
    const next = planeBytes * g;
    const tupleBytes: usize = g === 1 ? 64 : g === 2 ? 256 : 832;
    let to = table + 64;
    for (let i = count; i > 0; i--, planes += next, to += tupleBytes) {
      // 16 pixels at a time: planes have as many, if not all count.
      for (let pixel: usize = 0; pixel < pixels; pixel += 16) {
        const from = planes + pixel;
        const at = to + (pixel << 1);
        if (g === 1) {
          v128.store(at, v128.load_ext<i8>(from));
          v128.store(at, v128.load_ext<i8>(from, 8), 16);
        } else if (g === 2) {
          Tables.two(from, planeBytes, at);
          Tables.two(from + 8, planeBytes, at + 16);
        } else {
          Tables.three(from, planeBytes, at);
          Tables.three(from + 8, planeBytes, at + 16);
        }
      }
    }
  }

  @inline
  static two(from: usize, planeBytes: usize, to: usize): void {
    const a = v128.load_ext<i8>(from);
    const b = v128.load_ext<i8>(from + planeBytes);
    v128.store(to, a);
    v128.store(to, i16x8.sub(b, a), 64);
    v128.store(to, b, 128);
    v128.store(to, i16x8.add(b, a), 192);
    Count.macs(16);
  }

  @inline
  static three(from: usize, planeBytes: usize, to: usize): void {
    const a = v128.load_ext<i8>(from);
    const b = v128.load_ext<i8>(from + planeBytes);
    const c = v128.load_ext<i8>(from + (planeBytes << 1));
    const less = i16x8.sub(b, a);
    const more = i16x8.add(b, a);
    v128.store(to, a);
    v128.store(to, less, 64);
    v128.store(to, b, 128);
    v128.store(to, more, 192);
    v128.store(to, i16x8.sub(c, more), 256);
    v128.store(to, i16x8.sub(c, b), 320);
    v128.store(to, i16x8.sub(c, less), 384);
    v128.store(to, i16x8.sub(c, a), 448);
    v128.store(to, c, 512);
    v128.store(to, i16x8.add(c, a), 576);
    v128.store(to, i16x8.add(c, less), 640);
    v128.store(to, i16x8.add(c, b), 704);
    v128.store(to, i16x8.add(c, more), 768);
    Count.macs(80);
  }
}
