/** The ceilings of relaxed instructions; assembly/ceilings.ts says how they are meant. */
import { Ceiling, Path, PathOfTwo } from './simd/ceiling';

@unmanaged
class DotQuads extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, _ones: v128): v128 {
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, acc);
  }
}

@unmanaged
class DotPairs extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, ones: v128): v128 {
    return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(a, b), ones));
  }
}

@unmanaged
class DotMaskedPairs extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, ones: v128): v128 {
    // Each product has a mask of its own.
    const masked = v128.xor(b, a);
    return i32x4.add(acc, i32x4.dot_i16x8_s(i16x8.relaxed_dot_i8x16_i7x16_s(a, masked), ones));
  }
}

@unmanaged
class DotPairsI16 extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, _ones: v128): v128 {
    return i16x8.add(acc, i16x8.relaxed_dot_i8x16_i7x16_s(a, b));
  }
}

/** i32x4.relaxed_dot_i8x16_i7x16_add_s: 16 multiply-accumulates a product. */
export function ceiling_relaxed_quads(operands: usize, turns: i32): i32 {
  return Ceiling.runWide<DotQuads>(operands, turns);
}

/** i16x8.relaxed_dot_i8x16_i7x16_s, i32x4.dot_i16x8_s with ones, and an addition: 16. */
export function ceiling_relaxed_pairs(operands: usize, turns: i32): i32 {
  return Ceiling.run<DotPairs>(operands, turns);
}

/** The same of inputs that are xored before: 16. */
export function ceiling_relaxed_masked_pairs(operands: usize, turns: i32): i32 {
  return Ceiling.run<DotMaskedPairs>(operands, turns);
}

@unmanaged
class DotTwoPairs extends PathOfTwo {
  @inline
  step(acc: v128, a: v128, b0: v128, b1: v128, ones: v128): v128 {
    const first = i16x8.relaxed_dot_i8x16_i7x16_s(a, b0);
    const sum = i16x8.add(first, i16x8.relaxed_dot_i8x16_i7x16_s(a, b1));
    return i32x4.add(acc, i32x4.dot_i16x8_s(sum, ones));
  }
}

/** Two i16x8.relaxed_dot_i8x16_i7x16_s, added, then as above: 16 a product. */
export function ceiling_relaxed_two_pairs(operands: usize, turns: i32): i32 {
  return Ceiling.runTwice<DotTwoPairs>(operands, turns);
}

/** i16x8.relaxed_dot_i8x16_i7x16_s summed in 16 bits: 16. */
export function ceiling_relaxed_pairs_i16(operands: usize, turns: i32): i32 {
  return Ceiling.run<DotPairsI16>(operands, turns);
}
