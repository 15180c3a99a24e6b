import { DynamicQuantizeArgs } from '../arguments';
import { ToU8 } from './toU8';

/**
 * ONNX DynamicQuantizeLinear: the range of the input, widened to hold 0, becomes 0 to 255.
 *
 *   scale = (max - min) / 255, 1 where both are 0; zeroPoint = roundHalfToEven(-min / scale)
 *   output = clamp(roundHalfToEven(input / scale) + zeroPoint, 0, 255)
 *
 * A NaN takes no part in the range and becomes the zero point.
 *
 *   input      f32 [count], up to 60 bytes beyond its end are read
 *   output     u8 [count]
 *   scale      f32
 *   zeroPoint  u8
 */
export function dynamic_quantize_f32u8(args: usize): void {
  const input = load<usize>(args, DynamicQuantizeArgs.input);
  const output = load<usize>(args, DynamicQuantizeArgs.output);
  const count = load<usize>(args, DynamicQuantizeArgs.count);

  // pmin and pmax return their first operand where the second is NaN.
  let low = f32x4.splat(0);
  let high = low;
  let i: usize = 0;
  for (; i + 4 <= count; i += 4) {
    const x = v128.load(input + (i << 2));
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
  }
  for (; i < count; i++) {
    const x = v128.load32_splat(input + (i << 2));
    low = f32x4.pmin(low, x);
    high = f32x4.pmax(high, x);
  }
  low = f32x4.pmin(low, i32x4.shuffle(low, low, 2, 3, 0, 1));
  low = f32x4.pmin(low, i32x4.shuffle(low, low, 1, 0, 3, 2));
  high = f32x4.pmax(high, i32x4.shuffle(high, high, 2, 3, 0, 1));
  high = f32x4.pmax(high, i32x4.shuffle(high, high, 1, 0, 3, 2));
  const minimum = f32x4.extract_lane(low, 0);
  const range = f32x4.extract_lane(high, 0) - minimum;
  const scale: f32 = range === 0 ? 1 : range / 255;
  const zeroPoint = <i32>min<f32>(255, max<f32>(0, nearest<f32>(-minimum / scale)));
  store<f32>(load<usize>(args, DynamicQuantizeArgs.scale), scale);
  store<u8>(load<usize>(args, DynamicQuantizeArgs.zeroPoint), <u8>zeroPoint);

  ToU8.row(false, input, output, count, f32x4.splat(scale), i32x4.splat(zeroPoint));
}
