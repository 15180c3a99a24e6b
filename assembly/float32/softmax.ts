import { SoftmaxF32Args } from '../arguments';
import { Real } from './real';
import { Tail } from './tail';

/**
 * output = e^(beta * (x - max)) / Σ e^(beta * (x - max)) over each row. NaN or +Infinity in a row make
 * the row NaN.
 *
 *   input       f32 [rows][length], up to 16 bytes beyond its end are read
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
      let value = sum;
      let i: usize = 0;
      for (; ; i += 4) {
        value = Real.exp(Row.exponent(input + (i << 2), max, beta));
        if (i + 4 > length) break;
        if (!isLog) v128.store(output + (i << 2), value);
        sum = f32x4.add(sum, value);
      }
      if (!isLog) Tail.storeF32(output + (i << 2), value, length - i);
      const total = Row.sum(f32x4.add(sum, v128.and(value, Row.mask(length - i))));
      const log = Real.log(total);
      for (i = 0; ; i += 4) {
        value = isLog
          ? f32x4.sub(Row.exponent(input + (i << 2), max, beta), log)
          : f32x4.div(v128.load(output + (i << 2)), total);
        if (i + 4 > length) break;
        v128.store(output + (i << 2), value);
      }
      Tail.storeF32(output + (i << 2), value, length - i);
      input += length << 2;
      output += length << 2;
    }
  }

  @inline
  static exponent(input: usize, max: v128, beta: v128): v128 {
    return f32x4.mul(beta, f32x4.sub(v128.load(input), max));
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
