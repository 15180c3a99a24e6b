import { SoftmaxU8Args } from '../arguments';

/**
 * output[row][i] = round(exp(scale * (input - max of the row)) / their sum * factor) + zeroPoint,
 * clamped to 0 and 255, in double; the sum in order.
 *
 *   input       u8 [rows][length]
 *   parameters  f64 [256], exp(-scale * i); f64 factor; i32 zeroPoint; i32 halvesToEven, else away
 *   output      u8 [rows][length], may be the input
 */
export function softmax_u8(args: usize): void {
  let input = load<usize>(args, SoftmaxU8Args.input);
  let output = load<usize>(args, SoftmaxU8Args.output);
  const table = load<usize>(args, SoftmaxU8Args.parameters);
  const length = load<usize>(args, SoftmaxU8Args.length);
  const factor = load<f64>(table, 2048);
  const zeroPoint = load<i32>(table, 2056);
  const halvesToEven = load<i32>(table, 2060);

  for (let row = load<usize>(args, SoftmaxU8Args.rows); row > 0; row--) {
    let highest: u32 = 0;
    for (let i: usize = 0; i < length; i++) highest = max<u32>(highest, load<u8>(input + i));
    let sum: f64 = 0;
    for (let i: usize = 0; i < length; i++) {
      sum += load<f64>(table + ((highest - <u32>load<u8>(input + i)) << 3));
    }
    for (let i: usize = 0; i < length; i++) {
      const power = load<f64>(table + ((highest - <u32>load<u8>(input + i)) << 3));
      const real = (power / sum) * factor;
      const rounded = halvesToEven ? nearest<f64>(real) : floor<f64>(real + 0.5);
      store<u8>(output + i, <u8>max(0, min(255, <i32>min<f64>(rounded, 65536) + zeroPoint)));
    }
    input += length;
    output += length;
  }
}
