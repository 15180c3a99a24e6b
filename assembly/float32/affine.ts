import { AffineF32Args } from '../arguments';
import { Tail } from './tail';

/**
 * output[row][c] = input[row][c] * scale[c] + bias[c]
 *
 *   input       f32 [rows][channels], up to 12 bytes beyond its end are read
 *   parameters  per 4 channels: scale f32[4], bias f32[4]
 *   output      f32 [rows][channels], may be the input
 */
export function affine_f32_1x4(args: usize): void {
  let input = load<usize>(args, AffineF32Args.input);
  let output = load<usize>(args, AffineF32Args.output);
  const parameters = load<usize>(args, AffineF32Args.parameters);
  const channels = load<usize>(args, AffineF32Args.channels);

  for (let row = load<usize>(args, AffineF32Args.rows); row > 0; row--) {
    let at = parameters;
    let left = channels;
    for (; left >= 4; left -= 4) {
      v128.store(output, Affine.four(input, at));
      input += 16;
      output += 16;
      at += 32;
    }
    if (left) {
      Tail.storeF32(output, Affine.four(input, at), left);
      input += left << 2;
      output += left << 2;
    }
  }
}

class Affine {
  @inline
  static four(input: usize, parameters: usize): v128 {
    const scaled = f32x4.mul(v128.load(input), v128.load(parameters));
    return f32x4.add(scaled, v128.load(parameters, 16));
  }
}
