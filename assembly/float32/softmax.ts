import { SoftmaxF32Args } from '../arguments';
import { Real } from './real';
import { Tail } from './tail';

/**
 * output = e^(beta * (x - max)) / Σ e^(beta * (x - max)) over each row. NaN or +Infinity in a row make
 * the row NaN.
 *
 *   input       f32 [rows][length], up to 12 bytes beyond its end are read
 *   parameters  beta f32
 *   output      f32 [rows][length], may be the input
 */
export function softmax_f32(args: usize): void {
  Row.each(args, false);
}

/** The logarithm of it: beta * (x - max) - ln Σ e^(beta * (x - max)). */
export function log_softmax_f32(args: usize): void {
  Row.each(args, true);
}

class Row {
  /** Both forms; not inlined. */
  static each(args: usize, isLog: bool): void {
    let input = load<usize>(args, SoftmaxF32Args.input);
    let output = load<usize>(args, SoftmaxF32Args.output);
    const length = load<usize>(args, SoftmaxF32Args.length);
    const beta = v128.load32_splat(load<usize>(args, SoftmaxF32Args.parameters));

    for (let row = load<usize>(args, SoftmaxF32Args.rows); row > 0; row--) {
      const max = Row.max(input, length);
      let sum = f32x4.splat(0);
      for (let i: usize = 0; i < length; i += 4) {
        let power = Real.exp(Row.exponent(input + (i << 2), max, beta));
        if (!isLog) Row.store(output + (i << 2), power, length - i);
        if (length - i < 4) power = v128.and(power, Row.mask(length - i));
        sum = f32x4.add(sum, power);
      }
      const total = Row.sum(sum);
      const log = Real.log(total);
      for (let i: usize = 0; i < length; i += 4) {
        const value = isLog
          ? f32x4.sub(Row.exponent(input + (i << 2), max, beta), log)
          : f32x4.div(v128.load(output + (i << 2)), total);
        Row.store(output + (i << 2), value, length - i);
      }
      input += length << 2;
      output += length << 2;
    }
  }

  @inline
  static exponent(input: usize, max: v128, beta: v128): v128 {
    return f32x4.mul(beta, f32x4.sub(v128.load(input), max));
  }

  /** The first `left` of four floats, or all. */
  @inline
  static store(output: usize, value: v128, left: usize): void {
    if (left < 4) Tail.storeF32(output, value, left);
    else v128.store(output, value);
  }

  /** Ones in the first `count` lanes, 0 to 3. */
  @inline
  static mask(count: usize): v128 {
    return i32x4.gt_s(i32x4.splat(<i32>count), i32x4(0, 1, 2, 3));
  }

  /** The maximum of a row, in all lanes. */
  @inline
  static max(input: usize, length: usize): v128 {
    const lowest = f32x4.splat(-f32.POSITIVE_INFINITY);
    let max = lowest;
    let i: usize = 0;
    for (; i + 4 <= length; i += 4) max = f32x4.max(max, v128.load(input + (i << 2)));
    const last = v128.load(input + (i << 2));
    max = f32x4.max(max, v128.bitselect(last, lowest, Row.mask(length - i)));
    max = f32x4.max(max, i32x4.shuffle(max, max, 2, 3, 0, 1));
    return f32x4.max(max, i32x4.shuffle(max, max, 1, 0, 3, 2));
  }

  /** The sum of the lanes, in all lanes. */
  @inline
  static sum(value: v128): v128 {
    const pairs = f32x4.add(value, i32x4.shuffle(value, value, 2, 3, 0, 1));
    return f32x4.add(pairs, i32x4.shuffle(pairs, pairs, 1, 0, 3, 2));
  }
}
