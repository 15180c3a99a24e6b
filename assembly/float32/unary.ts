import { UnaryF32Args } from '../arguments';
import { Real } from './real';
import { Tail } from './tail';

/*
 * output[i] = f(input[i]); NaN stays NaN throughout.
 *
 *   input       f32 [count], up to 16 bytes beyond its end are read
 *   parameters  alpha f32, beta f32
 *   output      f32 [count], may be the input
 */

/** clamp(x, alpha, beta); Relu is the clamp to 0 and Infinity. */
export function clip_f32(args: usize): void {
  Elements.each<Clip>(args);
}

/** x, but alpha * x below 0. */
export function leaky_relu_f32(args: usize): void {
  Elements.each<LeakyRelu>(args);
}

/** clamp(alpha * x + beta, 0, 1) */
export function hard_sigmoid_f32(args: usize): void {
  Elements.each<HardSigmoid>(args);
}

/** x * clamp(x + 3, 0, 6) / 6; NaN at -Infinity, as the formula has it. */
export function hard_swish_f32(args: usize): void {
  Elements.each<HardSwish>(args);
}

/** 1 / (1 + e^-x) */
export function sigmoid_f32(args: usize): void {
  Elements.each<Sigmoid>(args);
}

export function tanh_f32(args: usize): void {
  Elements.each<Tanh>(args);
}

// The functions as types, so that the loop below is compiled once for each.
class Clip {}
class LeakyRelu {}
class HardSigmoid {}
class HardSwish {}
class Sigmoid {}
class Tanh {}

class Elements {
  @inline
  static each<F>(args: usize): void {
    let input = load<usize>(args, UnaryF32Args.input);
    let output = load<usize>(args, UnaryF32Args.output);
    const parameters = load<usize>(args, UnaryF32Args.parameters);
    const alpha = v128.load32_splat(parameters);
    const beta = v128.load32_splat(parameters, 4);
    let value = alpha;
    let left = load<usize>(args, UnaryF32Args.count);
    // One way out of the loop: Node 20 (V8 11) keeps the constants in registers only then.
    for (; ; left -= 4) {
      value = Elements.apply<F>(v128.load(input), alpha, beta);
      if (left < 4) break;
      v128.store(output, value);
      input += 16;
      output += 16;
    }
    if (left) Tail.storeF32(output, value, left);
  }

  @inline
  static apply<F>(x: v128, alpha: v128, beta: v128): v128 {
    const zero = f32x4.splat(0);
    if (idof<F>() === idof<Clip>()) return f32x4.min(f32x4.max(x, alpha), beta);
    if (idof<F>() === idof<LeakyRelu>()) {
      return v128.bitselect(f32x4.mul(alpha, x), x, f32x4.lt(x, zero));
    }
    if (idof<F>() === idof<HardSigmoid>()) {
      const line = f32x4.add(f32x4.mul(alpha, x), beta);
      return f32x4.min(f32x4.max(line, zero), f32x4.splat(1));
    }
    if (idof<F>() === idof<HardSwish>()) {
      const six = f32x4.splat(6);
      const gate = f32x4.min(f32x4.max(f32x4.add(x, f32x4.splat(3)), zero), six);
      return f32x4.mul(x, f32x4.div(gate, six));
    }
    if (idof<F>() === idof<Sigmoid>()) return Real.sigmoid(x);
    return Real.tanh(x);
  }
}
