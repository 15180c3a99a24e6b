import { CastArgs } from '../arguments';

/**
 * Numbers of one type as another's, as ONNX Cast has them. Codes: 0 float32, 1 int8, 2 uint8, 3 int32,
 * 4 int64, 5 bool.
 *
 * Integers keep their low bits. Floats lose their fraction; beyond int32 or int64 they saturate, NaN
 * is 0, and 8-bit types then take the low byte of the int32. Bool is 1 for all but 0; NaN is 1.
 *
 *   input   From [count]
 *   output  To [count]
 */
export function cast(args: usize): void {
  const from = load<u32>(args, CastArgs.from);
  if (from === 0) Cast.from<f32>(args);
  else if (from === 1) Cast.from<i8>(args);
  else if (from === 3) Cast.from<i32>(args);
  else if (from === 4) Cast.from<i64>(args);
  else Cast.from<u8>(args);
}

class Cast {
  @inline
  static from<From>(args: usize): void {
    const to = load<u32>(args, CastArgs.to);
    if (to === 0) Cast.each<From, f32>(args);
    else if (to === 3) Cast.each<From, i32>(args);
    else if (to === 4) Cast.each<From, i64>(args);
    else if (to === 5) Cast.each<From, bool>(args);
    else Cast.each<From, u8>(args);
  }

  @inline
  static each<From, To>(args: usize): void {
    let input = load<usize>(args, CastArgs.input);
    let output = load<usize>(args, CastArgs.output);
    for (let i = load<usize>(args, CastArgs.count); i > 0; i--) {
      const value = load<From>(input);
      if (isBoolean<To>()) {
        store<u8>(output, value !== <From>0 ? 1 : 0);
      } else if (isFloat<From>() && sizeof<To>() === 1) {
        store<u8>(output, <u8>(<i32>value));
      } else {
        // @ts-expect-error Both are numbers, which the type parameters do not say.
        store<To>(output, <To>value);
      }
      input += sizeof<From>();
      output += sizeof<To>();
    }
  }
}
