import { ChannelSumsArgs } from '../arguments';
import { Weights } from './weights';

/**
 * sums[channel] = the sum of the channel's positive weights, that of its negative ones.
 *
 *   weights     i8 or u8 [channels][k]; up to 7 bytes past them are read
 *   zeroPoints  i32 [channels]
 *   sums        i32 [channels][2]; 255 * k < 2^31
 */
export function channel_sums(args: usize): void {
  const isUnsigned = load<i32>(args, ChannelSumsArgs.isUnsigned) !== 0;
  const k = load<usize>(args, ChannelSumsArgs.k);
  const channels = load<usize>(args, ChannelSumsArgs.channels);
  let zeroPoint = load<usize>(args, ChannelSumsArgs.zeroPoints);
  let sums = load<usize>(args, ChannelSumsArgs.sums);
  let from = load<usize>(args, ChannelSumsArgs.weights);
  const ones = i16x8.splat(1);
  for (let channel: usize = 0; channel < channels; channel++) {
    const zero = i16x8.splat(load<i16>(zeroPoint));
    let all = i32x4.splat(0);
    let positive = all;
    const end = from + k;
    for (; from < end; from += 8) {
      let values = Weights.load(from, isUnsigned, zero);
      if (from + 8 > end) values = Weights.first(values, end - from);
      all = i32x4.add(all, i32x4.dot_i16x8_s(values, ones));
      const above = i16x8.max_s(values, i16x8.splat(0));
      positive = i32x4.add(positive, i32x4.dot_i16x8_s(above, ones));
    }
    from = end;
    const sum = Weights.sum(positive);
    store<i32>(sums, sum);
    store<i32>(sums, Weights.sum(all) - sum, 4);
    zeroPoint += 4;
    sums += 8;
  }
}
