/** Stores of less than a vector: not inlined, since a row needs one at its end. */
export class Tail {
  /** The first `count` bytes, 0 to 15. */
  static storeBytes(output: usize, value: v128, count: usize): void {
    let rest = value;
    let to = output;
    if (count & 8) {
      v128.store64_lane(to, rest, 0);
      rest = i64x2.shuffle(rest, rest, 1, 1);
      to += 8;
    }
    if (count & 4) {
      v128.store32_lane(to, rest, 0);
      rest = i32x4.shuffle(rest, rest, 1, 1, 1, 1);
      to += 4;
    }
    if (count & 2) {
      v128.store16_lane(to, rest, 0);
      rest = i16x8.shuffle(rest, rest, 1, 1, 1, 1, 1, 1, 1, 1);
      to += 2;
    }
    if (count & 1) v128.store8_lane(to, rest, 0);
  }

  /** The first `count` floats, 0 to 3. */
  static storeF32(output: usize, value: v128, count: usize): void {
    Tail.inlineF32(output, value, count);
  }

  /** The same on the spot, for loops that a call in the function would slow down (Node 20). */
  @inline
  static inlineF32(output: usize, value: v128, count: usize): void {
    if (count & 2) {
      v128.store64_lane(output, value, 0);
      if (count & 1) v128.store32_lane(output, value, 2, 8);
    } else if (count & 1) {
      v128.store32_lane(output, value, 0);
    }
  }
}
