/**
 * Functions of four floats. Coefficients are minimax fits of ours, rounded to float32; the tests hold
 * each function to its bound over the whole range.
 */
export class Real {
  /** e^x within 1 ulp, subnormal results included; 0, Infinity and NaN where they belong. */
  @inline
  static exp(x: v128): v128 {
    // Beyond these every result is 0 or Infinity. NaN passes, being the first operand.
    const bounded = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-104)), f32x4.splat(89));
    const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.4426950216293335)));
    // ln 2 in two parts, the first of ten bits, so that its product with n is exact.
    const r = f32x4.sub(
      f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693359375))),
      f32x4.mul(n, f32x4.splat(-0.00021219444170128554)),
    );
    let p = f32x4.splat(0.0013814467238262296);
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.008368780836462975));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.04166839271783829));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.1666651964187622));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.4999999403953552));
    p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r);
    p = f32x4.add(p, f32x4.splat(1));
    // 2^n in two factors: n goes from -150 to 128, which no exponent holds.
    const exponent = i32x4.trunc_sat_f32x4_s(n);
    const half = i32x4.shr_s(exponent, 1);
    const rest = i32x4.sub(exponent, half);
    return f32x4.mul(f32x4.mul(p, Real.powerOfTwo(half)), Real.powerOfTwo(rest));
  }

  @inline
  static powerOfTwo(exponent: v128): v128 {
    return i32x4.shl(i32x4.add(exponent, i32x4.splat(127)), 23);
  }

  /** ln x within 2 ulp, of normal x that are positive and finite. */
  @inline
  static log(x: v128): v128 {
    // x = 2^n * (1 + f), with 1 + f between sqrt(1/2) and sqrt(2).
    const bits = i32x4.sub(x, i32x4.splat(0x3f3504f3));
    const n = f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23));
    const mantissa = i32x4.add(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3));
    const f = f32x4.sub(mantissa, f32x4.splat(1));
    // ln(1 + f) = 2 (s + s^3 / 3 + s^5 / 5 + ...) with s = f / (2 + f), at most 0.172: five terms.
    const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
    const z = f32x4.mul(s, s);
    let p = f32x4.splat(2.0 / 9);
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 7));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 5));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.0 / 3));
    p = f32x4.mul(f32x4.mul(p, z), s);
    // 2 s = f - s f, which rounds only the smaller part.
    p = f32x4.sub(p, f32x4.mul(s, f));
    p = f32x4.add(p, f32x4.mul(n, f32x4.splat(-0.00021219444170128554)));
    return f32x4.add(f32x4.add(p, f), f32x4.mul(n, f32x4.splat(0.693359375)));
  }

  /** 1 / (1 + e^-x) within 3 ulp, down to the subnormal results of large negative x. */
  @inline
  static sigmoid(x: v128): v128 {
    // e^-|x| never overflows: 1 / (1 + e), or e / (1 + e) where x < 0.
    const e = Real.exp(f32x4.neg(f32x4.abs(x)));
    const one = f32x4.splat(1);
    const top = v128.bitselect(e, one, f32x4.lt(x, f32x4.splat(0)));
    return f32x4.div(top, f32x4.add(one, e));
  }

  /** tanh x within 2 ulp; -0 stays -0. */
  @inline
  static tanh(x: v128): v128 {
    const sign = v128.and(x, i32x4.splat(0x80000000));
    const size = f32x4.abs(x);
    const one = f32x4.splat(1);
    // 1 - 2 / (e^2x + 1) loses digits near 0, where a polynomial stands in.
    const e = Real.exp(f32x4.add(size, size));
    const large = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(e, one)));
    const z = f32x4.mul(size, size);
    let p = f32x4.splat(-0.005717042367905378);
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.020650584250688553));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-0.05374349653720856));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(0.13331490755081177));
    p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-0.3333328366279602));
    const small = f32x4.add(f32x4.mul(f32x4.mul(p, z), size), size);
    const isSmall = f32x4.lt(size, f32x4.splat(0.625));
    return v128.or(v128.bitselect(small, large, isSmall), sign);
  }
}
