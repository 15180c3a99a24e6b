/** Of depthwise convolutions: sums to bytes. */
export class DepthwiseResult {
  /**
   * Requantizes and stores four pixels of eight channels; those given last are written first.
   *
   * Step by step for all: V8 keeps the order, and one sum's steps wait for each other. `k` is set anew
   * before each step, so that Binaryen does not gather a sum's steps either.
   */
  @inline
  static store(
    acc00: v128,
    acc01: v128,
    acc10: v128,
    acc11: v128,
    acc20: v128,
    acc21: v128,
    acc30: v128,
    acc31: v128,
    block: usize,
    parameters: usize,
    isClamped: i32,
    pixel0: usize,
    pixel1: usize,
    pixel2: usize,
    pixel3: usize,
  ): void {
    let k = v128.load(block, 32);
    acc00 = f32x4.mul(f32x4.convert_i32x4_s(acc00), k);
    acc10 = f32x4.mul(f32x4.convert_i32x4_s(acc10), k);
    acc20 = f32x4.mul(f32x4.convert_i32x4_s(acc20), k);
    acc30 = f32x4.mul(f32x4.convert_i32x4_s(acc30), k);
    k = v128.load(block, 48);
    acc01 = f32x4.mul(f32x4.convert_i32x4_s(acc01), k);
    acc11 = f32x4.mul(f32x4.convert_i32x4_s(acc11), k);
    acc21 = f32x4.mul(f32x4.convert_i32x4_s(acc21), k);
    acc31 = f32x4.mul(f32x4.convert_i32x4_s(acc31), k);
    k = v128.load(parameters);
    acc00 = f32x4.add(acc00, k);
    acc10 = f32x4.add(acc10, k);
    acc20 = f32x4.add(acc20, k);
    acc30 = f32x4.add(acc30, k);
    acc01 = f32x4.add(acc01, k);
    acc11 = f32x4.add(acc11, k);
    acc21 = f32x4.add(acc21, k);
    acc31 = f32x4.add(acc31, k);
    k = v128.load(parameters, 16);
    acc00 = i32x4.sub(acc00, k);
    acc10 = i32x4.sub(acc10, k);
    acc20 = i32x4.sub(acc20, k);
    acc30 = i32x4.sub(acc30, k);
    acc01 = i32x4.sub(acc01, k);
    acc11 = i32x4.sub(acc11, k);
    acc21 = i32x4.sub(acc21, k);
    acc31 = i32x4.sub(acc31, k);
    let bytes01 = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(acc00, acc01),
      i16x8.narrow_i32x4_s(acc10, acc11),
    );
    let bytes23 = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_s(acc20, acc21),
      i16x8.narrow_i32x4_s(acc30, acc31),
    );
    if (isClamped) {
      const low = v128.load(parameters, 32);
      const high = v128.load(parameters, 48);
      bytes01 = i8x16.min_u(i8x16.max_u(bytes01, low), high);
      bytes23 = i8x16.min_u(i8x16.max_u(bytes23, low), high);
    }
    v128.store64_lane(pixel3, bytes23, 1);
    v128.store64_lane(pixel2, bytes23, 0);
    v128.store64_lane(pixel1, bytes01, 1);
    v128.store64_lane(pixel0, bytes01, 0);
  }
}
