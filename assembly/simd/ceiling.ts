/** A multiply-accumulate of vectors, as one family of kernels does it. */
@unmanaged
export abstract class Path {
  abstract step(acc: v128, a: v128, b: v128, ones: v128): v128;
}

/** Two of them, whose products are added before they are widened. */
@unmanaged
export abstract class PathOfTwo {
  abstract step(acc: v128, a: v128, b0: v128, b1: v128, ones: v128): v128;
}

/** Loops that do nothing but one path. */
export class Ceiling {
  @inline
  static run<P extends Path>(operands: usize, turns: i32): i32 {
    // The methods have no state: a null pointer is as good as any.
    const path = changetype<P>(0);
    const a0 = v128.load(operands);
    const a1 = v128.load(operands, 16);
    const a2 = v128.load(operands, 32);
    // A constant would be built anew at each use; one that is loaded stays in its register.
    const ones = v128.load(operands, 48);
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (; turns > 0; turns--) {
      const at = operands + ((turns & 63) << 7);
      let b0 = v128.load(at, 64);
      let b1 = v128.load(at, 80);
      s0 = path.step(s0, a0, b0, ones);
      s1 = path.step(s1, a1, b0, ones);
      s2 = path.step(s2, a2, b0, ones);
      s3 = path.step(s3, ones, b0, ones);
      s4 = path.step(s4, a0, b1, ones);
      s5 = path.step(s5, a1, b1, ones);
      s6 = path.step(s6, a2, b1, ones);
      s7 = path.step(s7, ones, b1, ones);
      b0 = v128.load(at, 96);
      b1 = v128.load(at, 112);
      s0 = path.step(s0, a0, b0, ones);
      s1 = path.step(s1, a1, b0, ones);
      s2 = path.step(s2, a2, b0, ones);
      s3 = path.step(s3, ones, b0, ones);
      s4 = path.step(s4, a0, b1, ones);
      s5 = path.step(s5, a1, b1, ones);
      s6 = path.step(s6, a2, b1, ones);
      s7 = path.step(s7, ones, b1, ones);
      b0 = v128.load(at, 128);
      b1 = v128.load(at, 144);
      s0 = path.step(s0, a0, b0, ones);
      s1 = path.step(s1, a1, b0, ones);
      s2 = path.step(s2, a2, b0, ones);
      s3 = path.step(s3, ones, b0, ones);
      s4 = path.step(s4, a0, b1, ones);
      s5 = path.step(s5, a1, b1, ones);
      s6 = path.step(s6, a2, b1, ones);
      s7 = path.step(s7, ones, b1, ones);
      b0 = v128.load(at, 160);
      b1 = v128.load(at, 176);
      s0 = path.step(s0, a0, b0, ones);
      s1 = path.step(s1, a1, b0, ones);
      s2 = path.step(s2, a2, b0, ones);
      s3 = path.step(s3, ones, b0, ones);
      s4 = path.step(s4, a0, b1, ones);
      s5 = path.step(s5, a1, b1, ones);
      s6 = path.step(s6, a2, b1, ones);
      s7 = path.step(s7, ones, b1, ones);
    }
    s0 = v128.xor(v128.xor(s0, s1), v128.xor(s2, s3));
    return Ceiling.fold(v128.xor(s0, v128.xor(v128.xor(s4, s5), v128.xor(s6, s7))));
  }

  /** Twelve sums instead of eight: a path of one instruction waits for its own results otherwise. */
  @inline
  static runWide<P extends Path>(operands: usize, turns: i32): i32 {
    const path = changetype<P>(0);
    const a0 = v128.load(operands);
    const a1 = v128.load(operands, 16);
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    let s8 = s0;
    let s9 = s0;
    let s10 = s0;
    let s11 = s0;
    for (; turns > 0; turns--) {
      const at = operands + ((turns & 63) << 7);
      let b = v128.load(at, 64);
      s0 = path.step(s0, a0, b, a0);
      s1 = path.step(s1, a1, b, a0);
      b = v128.load(at, 80);
      s2 = path.step(s2, a0, b, a0);
      s3 = path.step(s3, a1, b, a0);
      b = v128.load(at, 96);
      s4 = path.step(s4, a0, b, a0);
      s5 = path.step(s5, a1, b, a0);
      b = v128.load(at, 112);
      s6 = path.step(s6, a0, b, a0);
      s7 = path.step(s7, a1, b, a0);
      b = v128.load(at, 128);
      s8 = path.step(s8, a0, b, a0);
      s9 = path.step(s9, a1, b, a0);
      b = v128.load(at, 144);
      s10 = path.step(s10, a0, b, a0);
      s11 = path.step(s11, a1, b, a0);
      b = v128.load(at, 160);
      s0 = path.step(s0, a0, b, a0);
      s1 = path.step(s1, a1, b, a0);
      b = v128.load(at, 176);
      s2 = path.step(s2, a0, b, a0);
      s3 = path.step(s3, a1, b, a0);
      b = v128.load(at, 192);
      s4 = path.step(s4, a0, b, a0);
      s5 = path.step(s5, a1, b, a0);
      b = v128.load(at, 208);
      s6 = path.step(s6, a0, b, a0);
      s7 = path.step(s7, a1, b, a0);
      b = v128.load(at, 224);
      s8 = path.step(s8, a0, b, a0);
      s9 = path.step(s9, a1, b, a0);
      b = v128.load(at, 240);
      s10 = path.step(s10, a0, b, a0);
      s11 = path.step(s11, a1, b, a0);
      b = v128.load(at, 256);
      s0 = path.step(s0, a0, b, a0);
      s1 = path.step(s1, a1, b, a0);
      b = v128.load(at, 272);
      s2 = path.step(s2, a0, b, a0);
      s3 = path.step(s3, a1, b, a0);
      b = v128.load(at, 288);
      s4 = path.step(s4, a0, b, a0);
      s5 = path.step(s5, a1, b, a0);
      b = v128.load(at, 304);
      s6 = path.step(s6, a0, b, a0);
      s7 = path.step(s7, a1, b, a0);
      b = v128.load(at, 320);
      s8 = path.step(s8, a0, b, a0);
      s9 = path.step(s9, a1, b, a0);
      b = v128.load(at, 336);
      s10 = path.step(s10, a0, b, a0);
      s11 = path.step(s11, a1, b, a0);
    }
    s0 = v128.xor(v128.xor(s0, s1), v128.xor(s2, s3));
    s4 = v128.xor(v128.xor(s4, s5), v128.xor(s6, s7));
    s8 = v128.xor(v128.xor(s8, s9), v128.xor(s10, s11));
    return Ceiling.fold(v128.xor(s0, v128.xor(s4, s8)));
  }

  /** The same for paths that take two products at a time. */
  @inline
  static runTwice<P extends PathOfTwo>(operands: usize, turns: i32): i32 {
    const path = changetype<P>(0);
    const a0 = v128.load(operands);
    const a1 = v128.load(operands, 16);
    const a2 = v128.load(operands, 32);
    const ones = v128.load(operands, 48);
    let s0 = i32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let s4 = s0;
    let s5 = s0;
    let s6 = s0;
    let s7 = s0;
    for (; turns > 0; turns--) {
      const at = operands + ((turns & 63) << 7);
      let b0 = v128.load(at, 64);
      let b1 = v128.load(at, 80);
      s0 = path.step(s0, a0, b0, b1, ones);
      s1 = path.step(s1, a1, b0, b1, ones);
      s2 = path.step(s2, a2, b0, b1, ones);
      s3 = path.step(s3, ones, b0, b1, ones);
      b0 = v128.load(at, 96);
      b1 = v128.load(at, 112);
      s4 = path.step(s4, a0, b0, b1, ones);
      s5 = path.step(s5, a1, b0, b1, ones);
      s6 = path.step(s6, a2, b0, b1, ones);
      s7 = path.step(s7, ones, b0, b1, ones);
      b0 = v128.load(at, 128);
      b1 = v128.load(at, 144);
      s0 = path.step(s0, a0, b0, b1, ones);
      s1 = path.step(s1, a1, b0, b1, ones);
      s2 = path.step(s2, a2, b0, b1, ones);
      s3 = path.step(s3, ones, b0, b1, ones);
      b0 = v128.load(at, 160);
      b1 = v128.load(at, 176);
      s4 = path.step(s4, a0, b0, b1, ones);
      s5 = path.step(s5, a1, b0, b1, ones);
      s6 = path.step(s6, a2, b0, b1, ones);
      s7 = path.step(s7, ones, b0, b1, ones);
    }
    s0 = v128.xor(v128.xor(s0, s1), v128.xor(s2, s3));
    return Ceiling.fold(v128.xor(s0, v128.xor(v128.xor(s4, s5), v128.xor(s6, s7))));
  }

  /** A number that every lane has a part in. */
  @inline
  static fold(lanes: v128): i32 {
    const pairs = v128.xor(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1));
    return i32x4.extract_lane(pairs, 0) ^ i32x4.extract_lane(pairs, 1);
  }
}
