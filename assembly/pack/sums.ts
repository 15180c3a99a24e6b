import { ChannelSumsArgs } from '../arguments';
import { Weights } from './weights';

/**
 * sums[channel] = the sum of the channel's positive weights, that of its negative ones.
 *
 *   weights     i8 or u8 [channels][k]; up to 15 bytes past them are read
 *   zeroPoints  i32 [channels]
 *   sums        i32 [channels][2]; 255 * k < 2^31
 */
export function channel_sums(args: usize): void {
  // Signed numbers stand 128 higher: what is above the zero point, and what below, is unsigned.
  const flip = load<i32>(args, ChannelSumsArgs.isUnsigned) !== 0 ? 0 : 128;
  const flips = i8x16.splat(<i8>flip);
  const k = load<usize>(args, ChannelSumsArgs.k);
  const channels = load<usize>(args, ChannelSumsArgs.channels);
  let zeroPoint = load<usize>(args, ChannelSumsArgs.zeroPoints);
  let sums = load<usize>(args, ChannelSumsArgs.sums);
  let from = load<usize>(args, ChannelSumsArgs.weights);
  for (let channel: usize = 0; channel < channels; channel++) {
    const zero = i8x16.splat(<i8>(load<i32>(zeroPoint) + flip));
    let above = i32x4.splat(0);
    let below = above;
    const end = from + k;
    for (; from < end; from += 16) {
      let bytes = v128.xor(v128.load(from), flips);
      if (from + 16 > end) bytes = Weights.first(bytes, end - from, zero);
      above = i32x4.add(above, Weights.sums(i8x16.sub_sat_u(bytes, zero)));
      below = i32x4.add(below, Weights.sums(i8x16.sub_sat_u(zero, bytes)));
    }
    from = end;
    store<i32>(sums, Weights.sum(above));
    store<i32>(sums, -Weights.sum(below), 4);
    zeroPoint += 4;
    sums += 8;
  }
}
