import { MeanU8Args } from '../arguments';
import { Tail } from '../float32/tail';
import { Result } from '../simd/result';

/**
 * output[outer][inner] = clamp(rint(f(f(acc) * scale)) + zeroPoint), acc the sum over count of
 * input - inputZeroPoint. 8 elements of inner at a time.
 *
 *   input       u8 [outer][count][inner]; up to 7 bytes past it are read
 *   parameters  f32 low, high, magic; i32 offset (simd/result.ts); f32 scale; i32 bias, which is
 *               -count * inputZeroPoint
 *   output      u8 [outer][inner]
 *
 * |acc| <= 255 * count < 2^31, which src/kernels/meanU8.ts checks.
 */
export function mean_u8_1x8(args: usize): void {
  const inner = load<usize>(args, MeanU8Args.inner);
  const parameters = load<usize>(args, MeanU8Args.parameters);
  const low = v128.load32_splat(parameters);
  const high = v128.load32_splat(parameters, 4);
  const magic = v128.load32_splat(parameters, 8);
  const offset = v128.load32_splat(parameters, 12);
  const scale = v128.load32_splat(parameters, 16);
  const bias = v128.load32_splat(parameters, 20);
  const count = load<usize>(args, MeanU8Args.count);
  let input = load<usize>(args, MeanU8Args.input);
  let output = load<usize>(args, MeanU8Args.output);

  for (let outer = load<usize>(args, MeanU8Args.outer); outer > 0; outer--) {
    for (let channel: usize = 0; channel < inner; channel += 8) {
      let acc0 = bias;
      let acc1 = bias;
      let from = input + channel;
      let left = count;
      while (left > 0) {
        // 257 bytes fill 16 bits.
        const part = min<usize>(left, 256);
        left -= part;
        let sum = i16x8.splat(0);
        for (let i: usize = 0; i < part; i++, from += inner) {
          sum = i16x8.add(sum, v128.load_ext<u8>(from));
        }
        acc0 = i32x4.add(acc0, i32x4.extend_low_i16x8_u(sum));
        acc1 = i32x4.add(acc1, i32x4.extend_high_i16x8_u(sum));
      }
      const q = i16x8.narrow_i32x4_s(
        Result.toByte(acc0, scale, low, high, magic, offset),
        Result.toByte(acc1, scale, low, high, magic, offset),
      );
      const bytes = i8x16.narrow_i16x8_u(q, q);
      if (inner - channel < 8) {
        Tail.storeBytes(output + channel, bytes, inner - channel);
        break;
      }
      v128.store64_lane(output + channel, bytes, 0);
    }
    output += inner;
    input += count * inner;
  }
}
