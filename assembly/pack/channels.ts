import { ChannelsArgs } from '../arguments';

/** What stands beside the weights of a block of channels. */
export class Channels {
  /**
   * Of `width` channels i32 bias + correction * sum(weights), modulo 2^32 as the sums in the kernels,
   * then f32 scale, f32 realBias where headFields counts them.
   * @param channels those that are missing are zeros
   */
  static writeHead(args: usize, to: usize, first: usize, channels: usize, width: usize): void {
    const fields = load<usize>(args, ChannelsArgs.headFields);
    memory.fill(to, 0, 4 * width * fields);
    const correction = load<i32>(args, ChannelsArgs.correction);
    const bias = load<usize>(args, ChannelsArgs.bias) + 4 * first;
    const scale = load<usize>(args, ChannelsArgs.scale) + 4 * first;
    const realBias = load<usize>(args, ChannelsArgs.realBias) + 4 * first;
    const sums = load<usize>(args, ChannelsArgs.sums) + 16 * first;
    for (let i: usize = 0; i < channels; i++, to += 4) {
      const sum = <i32>(load<f64>(sums + 16 * i) + load<f64>(sums + 16 * i, 8));
      store<i32>(to, load<i32>(bias + 4 * i) + correction * sum);
      if (fields > 1) store<i32>(to + 4 * width, load<i32>(scale + 4 * i));
      if (fields > 2) store<i32>(to + 8 * width, load<i32>(realBias + 4 * i));
    }
  }

  static zeroPoint(args: usize, channel: usize): i32 {
    return load<i32>(load<usize>(args, ChannelsArgs.zeroPoints) + 4 * channel);
  }
}
