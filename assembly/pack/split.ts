import { Weights } from './weights';

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
  /**
   * Lanes that are not 0 where some of sixteen weights may not be what a dot can take: those whose
   * zero point is 0.
   */
  @inline
  static excess(weights: v128, dot: i32): v128 {
    if (dot === PackDot.quads) return i8x16.eq(weights, i8x16.splat(-128));
    let all = i16x8.extadd_pairwise_i8x16_s(weights);
    let sizes = i16x8.extadd_pairwise_i8x16_u(i8x16.abs(weights));
    if (dot === PackDot.eights) {
      all = i16x8.add(all, i32x4.shuffle(all, all, 1, 0, 3, 2));
      sizes = i16x8.add(sizes, i32x4.shuffle(sizes, sizes, 1, 0, 3, 2));
    }
    // Twice the larger of the sum of the positive ones and that of the negative ones.
    return i16x8.gt_s(i16x8.add(sizes, i16x8.abs(all)), i16x8.splat(2 * 127));
  }

  /** The same of sixteen words. */
  static excessOfWords(words: usize, dot: i32): v128 {
    const low = v128.load(words);
    const high = v128.load(words, 16);
    const bytes = i8x16.narrow_i16x8_s(low, high);
    const large = v128.or(
      i16x8.gt_s(i16x8.abs(low), i16x8.splat(127)),
      i16x8.gt_s(i16x8.abs(high), i16x8.splat(127)),
    );
    return v128.or(large, Split.excess(bytes, dot));
  }

  /** Sixteen weights less the zero point, as words. */
  static spread(to: usize, weights: v128, isUnsigned: bool, zero: v128): void {
    v128.store(to, Weights.low(weights, isUnsigned, zero));
    v128.store(to, Weights.high(weights, isUnsigned, zero), 16);
  }

  /** Sixteen words as bytes. */
  @inline
  static narrow(words: usize): v128 {
    return i8x16.narrow_i16x8_s(v128.load(words), v128.load(words, 16));
  }

  /** Sixteen values of one channel: bytes to `parts`, what is left of them back to `rest`, i16. */
  static chunk(rest: usize, parts: usize, dot: i32): void {
    const pairs: usize = dot === PackDot.eights ? 2 : 1;
    for (let first: usize = 0; first < 16; first += 4 * pairs) {
      Split.lane(rest + 2 * first, parts + first, pairs, dot);
      Split.lane(rest + 2 * first + 4, parts + first + 2, pairs, dot);
    }
  }

  /** An extra step of four channels, whose rests lie 32 bytes apart: pairs, or quads. */
  static step(rest: usize, parts: usize, dot: i32): void {
    for (let lane: usize = 0; lane < 4; lane++) {
      Split.lane(rest + 32 * lane, parts + 4 * lane, 1, dot);
      Split.lane(rest + 32 * lane + 4, parts + 4 * lane + 2, 1, dot);
    }
  }

  /** Whether one of four channels has something left in a step. */
  static hasRest(rest: usize): bool {
    const ab = load<i64>(rest) | load<i64>(rest, 32);
    return (ab | load<i64>(rest, 64) | load<i64>(rest, 96)) !== 0;
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
