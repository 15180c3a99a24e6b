/**
 * 255 times this, or less, fits 16 bits: the bound on the sum of the positive weights that meet in
 * one 16-bit lane, and of the negative ones.
 */
const laneBound: i32 = 128;

/** How a kernel's dots take four bytes: the sums that they make on the way. */
export enum PackDot {
  /** Words, not bytes. */
  words = 0,
  /** Of two products, in 16 bits. */
  pairs = 1,
  /** Of two and the two that lie four values on, in 16 bits. */
  eights = 2,
  /** Of four products, in 32 bits. */
  quads = 3,
}

/** What bytes can hold of weights. */
export class Split {
  /** Lanes that are not 0 where some of eight values may not be what a dot can take. */
  @inline
  static excess(values: v128, dot: i32): v128 {
    const size = i16x8.abs(values);
    if (dot === PackDot.quads) return i16x8.gt_s(size, i16x8.splat(127));
    const ones = i16x8.splat(1);
    let all = i32x4.dot_i16x8_s(values, ones);
    let sizes = i32x4.dot_i16x8_s(size, ones);
    if (dot === PackDot.eights) {
      all = i32x4.add(all, i32x4.shuffle(all, all, 2, 3, 0, 1));
      sizes = i32x4.add(sizes, i32x4.shuffle(sizes, sizes, 2, 3, 0, 1));
    }
    // Twice the larger of the sum of the positive values and that of the negative ones.
    return i32x4.gt_s(i32x4.add(sizes, i32x4.abs(all)), i32x4.splat(2 * 127));
  }

  /** Sixteen values of one channel: bytes to `parts`, what is left of them back to `rest`, i16. */
  static chunk(rest: usize, parts: usize, dot: i32): void {
    const pairs: usize = dot === PackDot.eights ? 2 : 1;
    for (let first: usize = 0; first < 16; first += 4 * pairs) {
      Split.lane(rest + 2 * first, parts + first, pairs, dot);
      Split.lane(rest + 2 * first + 4, parts + first + 2, pairs, dot);
    }
  }

  /** The four values of an extra step: pairs, or quads. */
  static step(rest: usize, parts: usize, dot: i32): void {
    Split.lane(rest, parts, 1, dot);
    Split.lane(rest + 4, parts + 2, 1, dot);
  }

  /** The pairs that meet in a lane, four values apart. */
  static lane(rest: usize, parts: usize, pairs: usize, dot: i32): void {
    let most = laneBound;
    let least = -laneBound;
    for (let pair: usize = 0; pair < pairs; pair++) {
      for (let i: usize = 4 * pair; i < 4 * pair + 2; i++) {
        const value = <i32>load<i16>(rest + 2 * i);
        let part = 0;
        if (value > 0) {
          part = min(value, min(most, 127));
          most -= part;
        } else {
          part = max(value, least);
          least -= part;
        }
        // Each byte for itself.
        if (dot === PackDot.quads) {
          most = laneBound;
          // Signed dots may wrap where both products of a pair are (-128) (-128).
          least = part === -128 ? -127 : -128;
        }
        store<i8>(parts + i, part);
        store<i16>(rest + 2 * i, value - part);
      }
    }
  }
}
