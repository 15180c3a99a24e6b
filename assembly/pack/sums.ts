import { ChannelBoundsArgs, ChannelSumsArgs, ChannelsArgs } from '../arguments';
import { Weights } from './weights';

/**
 * sums[channel] += the sum of the channel's positive weights, that of its negative ones.
 *
 *   weights     i8 or u8 [channels][k]; up to 15 bytes past them are read
 *   zeroPoints  i32 [channels]
 *   sums        f64 [channels][2]; 255 * k < 2^31
 */
export function channel_sums(args: usize): void {
  // Signed numbers stand 128 higher: what is above the zero point, and what below, is unsigned.
  const flip = load<i32>(args, ChannelsArgs.isUnsigned) !== 0 ? 0 : 128;
  const flips = i8x16.splat(<i8>flip);
  const k = load<usize>(args, ChannelSumsArgs.k);
  const channels = load<usize>(args, ChannelSumsArgs.channels);
  let zeroPoint = load<usize>(args, ChannelsArgs.zeroPoints);
  let sums = load<usize>(args, ChannelsArgs.sums);
  let from = load<usize>(args, ChannelsArgs.weights);
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
    store<f64>(sums, load<f64>(sums) + <f64>Weights.sum(above));
    store<f64>(sums, load<f64>(sums, 8) - <f64>Weights.sum(below), 8);
    zeroPoint += 4;
    sums += 16;
  }
  store<usize>(args, sums, ChannelsArgs.sums);
}

/**
 * How far the channels go at most, whatever the input: bounds f64 [4] are the least and the largest
 * sum of products; the largest |accumulator| times its scale, as an int32 for inputs of 0 to 255, and
 * for inputs less their zero point.
 *
 *   sums   f64 [channels][2], as channel_sums leaves them
 *   bias   i32 [channels]
 *   scale  f32 [channels]; where one is not finite, no bound of what is scaled is
 */
export function channel_bounds(args: usize): void {
  const low = <f64>load<i32>(args, ChannelBoundsArgs.low);
  const high = <f64>load<i32>(args, ChannelBoundsArgs.high);
  const furthest = max(-low, high);
  let sums = load<usize>(args, ChannelsArgs.sums);
  let bias = load<usize>(args, ChannelsArgs.bias);
  let scale = load<usize>(args, ChannelsArgs.scale);
  const bounds = load<usize>(args, ChannelBoundsArgs.bounds);
  let least: f64 = 0;
  let most: f64 = 0;
  let rawScaled: f64 = 0;
  let scaled: f64 = 0;
  for (let left = load<usize>(args, ChannelBoundsArgs.channels); left > 0; left--) {
    const positive = load<f64>(sums);
    const negative = load<f64>(sums, 8);
    least = min(least, positive * low + negative * high);
    most = max(most, positive * high + negative * low);
    const sizes = positive - negative;
    const own = abs(<f64>load<i32>(bias));
    const one = abs(<f64>load<f32>(scale));
    // Where the sum wraps, it is still an int32.
    rawScaled = max(rawScaled, min(255 * sizes + own, 2147483648) * one);
    scaled = max(scaled, (furthest * sizes + own) * one);
    sums += 16;
    bias += 4;
    scale += 4;
  }
  store<f64>(bounds, least);
  store<f64>(bounds, most, 8);
  store<f64>(bounds, rawScaled, 16);
  store<f64>(bounds, scaled, 24);
  store<usize>(args, bounds + 32, ChannelBoundsArgs.bounds);
}
