import { MeanF32Args } from '../arguments';
import { Tail } from './tail';

/**
 * output[o][i] = Σ input[o][c][i] / count, summed in double precision: sums of any length keep their
 * digits.
 *
 *   input   f32 [outer][count][inner], up to 12 bytes beyond its end are read
 *   output  f32 [outer][inner]
 */
export function mean_f32_1x4(args: usize): void {
  let input = load<usize>(args, MeanF32Args.input);
  let output = load<usize>(args, MeanF32Args.output);
  const count = load<usize>(args, MeanF32Args.count);
  const inner = load<usize>(args, MeanF32Args.inner);
  const divisor = f64x2.splat(<f64>count);

  for (let o = load<usize>(args, MeanF32Args.outer); o > 0; o--) {
    for (let i: usize = 0; i < inner; i += 4) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      let from = input + (i << 2);
      for (let c = count; c > 0; c--) {
        const x = v128.load(from);
        low = f64x2.add(low, f64x2.promote_low_f32x4(x));
        high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
        from += inner << 2;
      }
      const mean = Mean.join(f64x2.div(low, divisor), f64x2.div(high, divisor));
      if (i + 4 <= inner) v128.store(output, mean);
      else Tail.storeF32(output, mean, inner - i);
      output += min<usize>(4, inner - i) << 2;
    }
    input += (count * inner) << 2;
  }
}

/**
 * The same where the mean is of the last axis: inner = 1.
 */
export function mean_f32_rows(args: usize): void {
  let input = load<usize>(args, MeanF32Args.input);
  let output = load<usize>(args, MeanF32Args.output);
  const count = load<usize>(args, MeanF32Args.count);

  for (let o = load<usize>(args, MeanF32Args.outer); o > 0; o--) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    let left = count;
    for (; left >= 4; left -= 4) {
      const x = v128.load(input);
      low = f64x2.add(low, f64x2.promote_low_f32x4(x));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
      input += 16;
    }
    const sums = f64x2.add(low, high);
    let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
    for (; left > 0; left--) {
      sum += <f64>load<f32>(input);
      input += 4;
    }
    store<f32>(output, <f32>(sum / <f64>count));
    output += 4;
  }
}

class Mean {
  @inline
  static join(low: v128, high: v128): v128 {
    const l = f32x4.demote_f64x2_zero(low);
    return i64x2.shuffle(l, f32x4.demote_f64x2_zero(high), 0, 2);
  }
}
