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
  let input = load<usize>(args, CastArgs.input);
  let output = load<usize>(args, CastArgs.output);
  const from = load<u32>(args, CastArgs.from);
  const to = load<u32>(args, CastArgs.to);
  const inputBytes = Type.bytes(from);
  const outputBytes = Type.bytes(to);
  for (let i = load<usize>(args, CastArgs.count); i > 0; i--) {
    if (from === Type.float32) {
      const real = load<f32>(input);
      if (to === Type.float32) store<f32>(output, real);
      else if (to === Type.bool) store<u8>(output, real !== 0 ? 1 : 0);
      else Type.store(to, output, to === Type.int64 ? <i64>real : <i64>(<i32>real));
    } else {
      const integer = Type.load(from, input);
      if (to === Type.float32) store<f32>(output, <f32>integer);
      else if (to === Type.bool) store<u8>(output, integer !== 0 ? 1 : 0);
      else Type.store(to, output, integer);
    }
    input += inputBytes;
    output += outputBytes;
  }
}

/** The codes: plain constants, which an enum's members would not be. */
class Type {
  static readonly float32: u32 = 0;
  static readonly int8: u32 = 1;
  static readonly int32: u32 = 3;
  static readonly int64: u32 = 4;
  static readonly bool: u32 = 5;

  @inline
  static bytes(type: u32): usize {
    if (type === Type.int64) return 8;
    return type === Type.float32 || type === Type.int32 ? 4 : 1;
  }

  /** An integer of any type as the widest one. */
  @inline
  static load(type: u32, address: usize): i64 {
    if (type === Type.int64) return load<i64>(address);
    if (type === Type.int32) return load<i32>(address);
    if (type === Type.int8) return load<i8>(address);
    return load<u8>(address);
  }

  /** The low bits. */
  @inline
  static store(type: u32, address: usize, value: i64): void {
    if (type === Type.int64) store<i64>(address, value);
    else if (type === Type.int32) store<i32>(address, <i32>value);
    else store<u8>(address, <u8>value);
  }
}
