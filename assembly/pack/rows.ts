import { ChannelsArgs, PackArgs } from '../arguments';
import { Channels } from './channels';

/** Rows of weights, a channel each, and four of them side by side. */
export class Rows {
  /** A channel's zero point in each lane; 0 for one that is missing. */
  static zero(args: usize, channel: usize, isThere: bool): v128 {
    if (!isThere) return i64x2.splat(0);
    return i16x8.splat(<i16>Channels.zeroPoint(args, channel));
  }

  /** One channel's weights in the order of the steps; worth 0 where a step goes beyond its run. */
  static read(args: usize, channel: usize, isThere: bool, row: usize): void {
    if (!isThere) {
      memory.fill(row, 0, load<usize>(args, PackArgs.rowBytes));
      return;
    }
    const zero = i8x16.splat(<i8>Channels.zeroPoint(args, channel));
    const weights =
      load<usize>(args, ChannelsArgs.weights) + channel * load<usize>(args, PackArgs.k);
    let run = load<usize>(args, PackArgs.runs);
    for (let i = load<usize>(args, PackArgs.runCount); i > 0; i--, run += 12) {
      let from = weights + load<usize>(run);
      let to = row + load<usize>(run, 4);
      const end = to + load<usize>(run, 8);
      for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
      v128.store(end, zero);
      v128.store(end, zero, 16);
    }
  }

  /** The first `count` of four steps, 16 bytes of each of four channels. */
  @inline
  static store(
    output: usize,
    width: usize,
    count: usize,
    a: v128,
    b: v128,
    c: v128,
    d: v128,
  ): void {
    const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
    const cd = i32x4.shuffle(c, d, 0, 4, 1, 5);
    v128.store(output, i64x2.shuffle(ab, cd, 0, 2));
    if (count > 1) v128.store(output + 4 * width, i64x2.shuffle(ab, cd, 1, 3));
    if (count > 2) {
      const ef = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const gh = i32x4.shuffle(c, d, 2, 6, 3, 7);
      v128.store(output + 8 * width, i64x2.shuffle(ef, gh, 0, 2));
      if (count > 3) v128.store(output + 12 * width, i64x2.shuffle(ef, gh, 1, 3));
    }
  }
}
