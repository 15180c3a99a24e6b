import { BinaryU8Args } from '../arguments';
import { Walk } from '../layout/walk';
import { Lanes } from '../simd/lanes';
import { Result } from '../simd/result';

/*
 * output[i] = f(a[i], b[i]) with broadcasting: outer axes of any steps, an inner one along which each
 * operand steps by 1 or 0 bytes. 8 elements at a time.
 *
 *   a, b        u8; up to 7 bytes past an inner axis are read
 *   parameters  of the formula, one word each, as the kernel's comment lists them
 *   axes        the outer axes for Walk, steps of a and of b; state is its scratch
 *   output      u8 [count][inner]; may be an operand of its own shape
 */

/**
 * clamp(((a - aZeroPoint) * aFactor + (b - bZeroPoint) * bFactor + half >> shift) + zeroPoint), the
 * sum in XNNPACK's fixed point.
 *
 *   parameters  i32 aFactor, bFactor, bias, shift, zeroPoint, min, max
 *
 * bias = 2^(shift - 1) - aZeroPoint * aFactor - bZeroPoint * bFactor; |factors| <= 2^21, so that
 * the sum stays below 2^31.
 */
export function add_u8_fixed(args: usize): void {
  Elements.run(args, idof<Fixed>());
}

/**
 * clamp(rint(f(a * aScale + f(b * bScale + bias)))), fused sums, onnxruntime's; raw numbers are
 * those of the file, `sign` (0 or 128) less than the stored ones.
 *
 *   parameters  f32 aScale, bScale, bias, low, high, magic; i32 offset, sign; f32 near, plainBias
 *
 * Sums in f32, plainBias with the signs in it, are nearly that: only what lies further than `near` from
 * its integer, and so may be rounded to the other side, is summed up in double.
 */
export function add_u8_fused(args: usize): void {
  Elements.run(args, idof<Fused>());
}

/**
 * clamp(rint(f(f((a - aZeroPoint)(b - bZeroPoint) * scale) + shift))), plus what `offset` adds:
 * shift is onnxruntime's zero point, or 0 where the zero point is added last.
 *
 *   parameters  f32 scale, shift, low, high, magic; i32 offset, aZeroPoint, bZeroPoint
 */
export function mul_u8(args: usize): void {
  Elements.run(args, idof<Product>());
}

/**
 * rint((a * aFactor + b * bFactor + bias) / 16), clamped to a byte: a sum whose operands' scales are
 * 1, 1/2, 1/4, 1/8 or 1/16 of the result's, which i16 holds exactly. Both operands step by 1.
 *
 *   parameters  i16 aFactor, bFactor (16 times the ratio of scales), bias
 */
export function add_u8_shift(args: usize): void {
  Halves.run(args, idof<ShiftedSum>());
}

/**
 * rint(((a - aZeroPoint)(b - bZeroPoint) + bias) / 256), a product whose scale is 2^-8 of the result's,
 * where u16 holds it together with the bias, which is 256 times the result's zero point. Both operands
 * step by 1.
 *
 *   parameters  i16 aZeroPoint, bZeroPoint, bias
 */
export function mul_u8_shift(args: usize): void {
  Halves.run(args, idof<ShiftedProduct>());
}

// Tags for the formulas.
class Fixed {}
class Fused {}
class Product {}
class ShiftedSum {}
class ShiftedProduct {}

class Elements {
  /** All formulas, `formula` the id of one; not inlined. */
  static run(args: usize, formula: u32): void {
    const axes = load<usize>(args, BinaryU8Args.axes);
    const state = load<usize>(args, BinaryU8Args.state);
    const axisCount = load<usize>(args, BinaryU8Args.axisCount);
    const inner = load<usize>(args, BinaryU8Args.inner);
    const aStep = load<usize>(args, BinaryU8Args.aStep);
    const bStep = load<usize>(args, BinaryU8Args.bStep);
    const parameters = load<usize>(args, BinaryU8Args.parameters);
    let output = load<usize>(args, BinaryU8Args.output);
    const p0 = v128.load32_splat(parameters);
    const p1 = v128.load32_splat(parameters, 4);
    const p2 = v128.load32_splat(parameters, 8);
    const p3 = v128.load32_splat(parameters, 12);
    const p4 = v128.load32_splat(parameters, 16);
    const p5 = v128.load32_splat(parameters, 20);
    const p6 = v128.load32_splat(parameters, 24);
    const p7 = v128.load32_splat(parameters, 28);
    const p8 = v128.load32_splat(parameters, 32);
    const p9 = v128.load32_splat(parameters, 36);
    const shift = load<i32>(parameters, 12);

    Walk.start(state, axisCount);
    for (let i = load<usize>(args, BinaryU8Args.count); i > 0; i--) {
      let a = load<usize>(args, BinaryU8Args.a) + Walk.first(state);
      let b = load<usize>(args, BinaryU8Args.b) + Walk.second(state);
      let bytes = p0;
      let left = inner;
      for (; left > 0; left -= 8) {
        const wideA = aStep ? v128.load_ext<u8>(a) : i16x8.splat(<i16>load<u8>(a));
        const wideB = bStep ? v128.load_ext<u8>(b) : i16x8.splat(<i16>load<u8>(b));
        let q: v128;
        if (formula === idof<Fixed>()) {
          const sum0 = Sum.fixed(
            i32x4.extend_low_i16x8_s(wideA),
            i32x4.extend_low_i16x8_s(wideB),
            p0,
            p1,
            p2,
            shift,
          );
          const sum1 = Sum.fixed(
            i32x4.extend_high_i16x8_s(wideA),
            i32x4.extend_high_i16x8_s(wideB),
            p0,
            p1,
            p2,
            shift,
          );
          // Narrow after the clamp: the sums may leave i16.
          q = i16x8.narrow_i32x4_s(Sum.clamp(sum0, p4, p5, p6), Sum.clamp(sum1, p4, p5, p6));
        } else if (formula === idof<Fused>()) {
          let sum0 = Sum.plain(
            i32x4.extend_low_i16x8_s(wideA),
            i32x4.extend_low_i16x8_s(wideB),
            p0,
            p1,
            p9,
          );
          let sum1 = Sum.plain(
            i32x4.extend_high_i16x8_s(wideA),
            i32x4.extend_high_i16x8_s(wideB),
            p0,
            p1,
            p9,
          );
          const near = v128.and(Sum.isNear(sum0, p3, p4, p5, p8), Sum.isNear(sum1, p3, p4, p5, p8));
          if (!i32x4.all_true(near)) {
            const sign = i16x8.narrow_i32x4_s(p7, p7);
            const rawA = i16x8.sub(wideA, sign);
            const rawB = i16x8.sub(wideB, sign);
            sum0 = Sum.fused(
              i32x4.extend_low_i16x8_s(rawA),
              i32x4.extend_low_i16x8_s(rawB),
              p0,
              p1,
              p2,
            );
            sum1 = Sum.fused(
              i32x4.extend_high_i16x8_s(rawA),
              i32x4.extend_high_i16x8_s(rawB),
              p0,
              p1,
              p2,
            );
          }
          q = i16x8.narrow_i32x4_s(
            Result.round(sum0, p3, p4, p5, p6),
            Result.round(sum1, p3, p4, p5, p6),
          );
        } else {
          const realA = i16x8.sub(wideA, i16x8.narrow_i32x4_s(p6, p6));
          const realB = i16x8.sub(wideB, i16x8.narrow_i32x4_s(p7, p7));
          const product0 = f32x4.convert_i32x4_s(i32x4.extmul_low_i16x8_s(realA, realB));
          const product1 = f32x4.convert_i32x4_s(i32x4.extmul_high_i16x8_s(realA, realB));
          q = i16x8.narrow_i32x4_s(
            Result.round(f32x4.add(f32x4.mul(product0, p0), p1), p2, p3, p4, p5),
            Result.round(f32x4.add(f32x4.mul(product1, p0), p1), p2, p3, p4, p5),
          );
        }
        bytes = i8x16.narrow_i16x8_u(q, q);
        if (left < 8) break;
        v128.store64_lane(output, bytes, 0);
        output += 8;
        a += aStep << 3;
        b += bStep << 3;
      }
      if (left) Lanes.storeBytes8(output, bytes, left);
      output += left;
      Walk.step(state, axes, axisCount);
    }
  }
}

/** Formulas in 16 bits: no conversion to float, a third of the instructions. */
class Halves {
  /** `formula` is the id of one; not inlined. */
  static run(args: usize, formula: u32): void {
    const axes = load<usize>(args, BinaryU8Args.axes);
    const state = load<usize>(args, BinaryU8Args.state);
    const axisCount = load<usize>(args, BinaryU8Args.axisCount);
    const inner = load<usize>(args, BinaryU8Args.inner);
    const parameters = load<usize>(args, BinaryU8Args.parameters);
    let output = load<usize>(args, BinaryU8Args.output);
    const p0 = v128.load16_splat(parameters);
    const p1 = v128.load16_splat(parameters, 2);
    const p2 = v128.load16_splat(parameters, 4);
    const one = i16x8.splat(1);

    Walk.start(state, axisCount);
    for (let i = load<usize>(args, BinaryU8Args.count); i > 0; i--) {
      let a = load<usize>(args, BinaryU8Args.a) + Walk.first(state);
      let b = load<usize>(args, BinaryU8Args.b) + Walk.second(state);
      let bytes = p0;
      let left = inner;
      for (; left > 0; left -= 8) {
        const wideA = v128.load_ext<u8>(a);
        const wideB = v128.load_ext<u8>(b);
        // What is added before the shift is just below a half, and just a half where the result
        // would be odd: ties go to even.
        let q: v128;
        if (formula === idof<ShiftedSum>()) {
          const sum = i16x8.add(i16x8.mul(wideA, p0), i16x8.add(i16x8.mul(wideB, p1), p2));
          const odd = v128.and(i16x8.shr_s(sum, 4), one);
          q = i16x8.shr_s(i16x8.add(i16x8.add(sum, i16x8.splat(7)), odd), 4);
        } else {
          const product = i16x8.mul(i16x8.sub(wideA, p0), i16x8.sub(wideB, p1));
          const sum = i16x8.add(product, p2);
          const odd = v128.and(i16x8.shr_u(sum, 8), one);
          q = i16x8.shr_u(i16x8.add(i16x8.add(sum, i16x8.splat(127)), odd), 8);
        }
        bytes = i8x16.narrow_i16x8_u(q, q);
        if (left < 8) break;
        v128.store64_lane(output, bytes, 0);
        output += 8;
        a += 8;
        b += 8;
      }
      if (left) Lanes.storeBytes8(output, bytes, left);
      output += left;
      Walk.step(state, axes, axisCount);
    }
  }
}

class Sum {
  @inline
  static fixed(a: v128, b: v128, aFactor: v128, bFactor: v128, bias: v128, shift: i32): v128 {
    const sum = i32x4.add(i32x4.mul(a, aFactor), i32x4.mul(b, bFactor));
    return i32x4.shr_s(i32x4.add(sum, bias), shift);
  }

  @inline
  static clamp(sum: v128, zeroPoint: v128, low: v128, high: v128): v128 {
    return i32x4.min_s(i32x4.max_s(i32x4.add(sum, zeroPoint), low), high);
  }

  @inline
  static plain(a: v128, b: v128, aScale: v128, bScale: v128, bias: v128): v128 {
    const inner = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(b), bScale), bias);
    return f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(a), aScale), inner);
  }

  /** Where a sum within the bounds is near its integer; what is no number is not. */
  @inline
  static isNear(sum: v128, low: v128, high: v128, magic: v128, near: v128): v128 {
    const bounded = f32x4.pmin(f32x4.pmax(sum, low), high);
    const whole = f32x4.sub(f32x4.add(bounded, magic), magic);
    return f32x4.le(f32x4.abs(f32x4.sub(bounded, whole)), near);
  }

  /** f(a * aScale + f(b * bScale + bias)): the products and sums are exact in double. */
  @inline
  static fused(a: v128, b: v128, aScale: v128, bScale: v128, bias: v128): v128 {
    const low = Sum.fusedLow(a, b, aScale, bScale, bias);
    const high = Sum.fusedLow(
      i64x2.shuffle(a, a, 1, 1),
      i64x2.shuffle(b, b, 1, 1),
      aScale,
      bScale,
      bias,
    );
    return i64x2.shuffle(low, high, 0, 2);
  }

  @inline
  static fusedLow(a: v128, b: v128, aScale: v128, bScale: v128, bias: v128): v128 {
    const productB = f64x2.mul(f64x2.convert_low_i32x4_s(b), f64x2.promote_low_f32x4(bScale));
    const innerSum = f32x4.demote_f64x2_zero(f64x2.add(productB, f64x2.promote_low_f32x4(bias)));
    const productA = f64x2.mul(f64x2.convert_low_i32x4_s(a), f64x2.promote_low_f32x4(aScale));
    return f32x4.demote_f64x2_zero(f64x2.add(productA, f64x2.promote_low_f32x4(innerSum)));
  }
}
