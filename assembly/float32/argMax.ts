import { ArgMaxArgs } from '../arguments';

/*
 * The index of the maximum over the middle axis, the first of equals unless `selectLast`. A NaN is
 * greater than no number and no number is greater than it: it is chosen where it comes first.
 *
 *   input   T [outer][length][inner]
 *   output  i32 or i64 [outer][inner], of `outputBytes` each
 */

export function argmax_u8(args: usize): void {
  ArgMax.run<u8>(args);
}

export function argmax_f32(args: usize): void {
  ArgMax.run<f32>(args);
}

export function argmax_i32(args: usize): void {
  ArgMax.run<i32>(args);
}

class ArgMax {
  @inline
  static run<T>(args: usize): void {
    let input = load<usize>(args, ArgMaxArgs.input);
    let output = load<usize>(args, ArgMaxArgs.output);
    const length = load<usize>(args, ArgMaxArgs.length);
    const inner = load<usize>(args, ArgMaxArgs.inner);
    const selectLast = load<i32>(args, ArgMaxArgs.selectLast) !== 0;
    const outputBytes = load<usize>(args, ArgMaxArgs.outputBytes);
    const step = inner * sizeof<T>();

    for (let o = load<usize>(args, ArgMaxArgs.outer); o > 0; o--) {
      for (let i: usize = 0; i < inner; i++) {
        let from = input + i * sizeof<T>();
        let best = load<T>(from);
        let index: u32 = 0;
        for (let j: u32 = 1; j < <u32>length; j++) {
          from += step;
          const value = load<T>(from);
          if (value > best || (selectLast && value === best)) {
            best = value;
            index = j;
          }
        }
        if (outputBytes === 8) store<u64>(output, <u64>index);
        else store<u32>(output, index);
        output += outputBytes;
      }
      input += length * step;
    }
  }
}
