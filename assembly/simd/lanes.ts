/**
 * Stores of a vector's first lanes. Shifts and splats, where a shuffle would take 18 bytes more in each
 * of many inlined copies.
 */
export class Lanes {
  /** Stores the first `count` bytes, 1 to 8. */
  @inline
  static storeBytes8(address: usize, value: v128, count: usize): void {
    if (count >= 8) {
      v128.store64_lane(address, value, 0);
    } else {
      if (count & 4) {
        v128.store32_lane(address, value, 0);
        value = i64x2.shr_u(value, 32);
        address += 4;
      }
      if (count & 2) {
        v128.store16_lane(address, value, 0);
        value = i64x2.shr_u(value, 16);
        address += 2;
      }
      if (count & 1) v128.store8_lane(address, value, 0);
    }
  }

  /** Stores the first `count` of the eight 4-byte lanes in `low` and `high`, 1 to 8. */
  @inline
  static storeWords8(address: usize, low: v128, high: v128, count: usize): void {
    if (count >= 8) {
      v128.store(address, low);
      v128.store(address, high, 16);
    } else {
      let rest = low;
      if (count & 4) {
        v128.store(address, low);
        rest = high;
        address += 16;
      }
      if (count & 2) {
        v128.store64_lane(address, rest, 0);
        rest = i64x2.splat(i64x2.extract_lane(rest, 1));
        address += 8;
      }
      if (count & 1) v128.store32_lane(address, rest, 0);
    }
  }
}
