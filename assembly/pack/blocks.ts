import { ChannelsArgs, PackArgs } from '../arguments';
import { Channels } from './channels';
import { Mix } from './mix';
import { Rows } from './rows';
import { PackDot, Split } from './split';

/**
 * Blocks of channels one behind the other, as int8/conv.ts reads them: bytes of the extra steps, 12
 * bytes, head, [steps][width][4 bytes], then [extra steps]: i32 offset, 12 bytes, i8 [width][4]. For
 * pairs they are sorted (mix.ts).
 *
 *   weights     i8 or u8 [channels][k]; up to 47 bytes past them are read
 *   zeroPoints  i32 [channels]
 *   sums        f64 [channels][2]: of the positive weights, of the negative ones
 *   bias        i32 [channels]; scale, realBias f32 [channels], where headFields counts them
 *   runs        i32 [runCount][3]: first weight, its place among the values of the steps, length
 *   offsets     i32 [steps]
 *   rows        scratch, [16][rowBytes]: the steps' values, and 32 more
 *   rests       scratch, i16 [16][16]
 *   sorted      scratch, for pairs: [mostSteps] of 3 * 64 bytes and 3 offsets
 *   blocks      i32 [blockCount][3]: first channel, width, channels: those that are missing are zeros
 *   output      a block may have `mostSteps` steps of 128 bytes
 */
export function pack_blocks(args: usize): void {
  let block = load<usize>(args, PackArgs.blocks);
  for (let left = load<i32>(args, PackArgs.blockCount); left > 0; left--, block += 12) {
    const first = load<usize>(block);
    const width = load<usize>(block, 4);
    const channels = load<usize>(block, 8);
    const at = load<usize>(args, PackArgs.output);
    memory.fill(at, 0, 16);
    Channels.writeHead(args, at + 16, first, channels, width);
    const steps = at + 16 + 4 * width * load<usize>(args, ChannelsArgs.headFields);
    const extras = steps + 4 * width * load<usize>(args, PackArgs.steps);
    let end = packSteps(args, steps, first, channels, width);
    if (load<i32>(args, PackArgs.dot) === PackDot.pairs) {
      const offsets = load<usize>(args, PackArgs.offsets);
      const scratch = load<usize>(args, PackArgs.sorted);
      const most = load<usize>(args, PackArgs.mostSteps);
      end = Mix.sort(at, steps, offsets, extras, end, 4 * width, scratch, most);
    }
    store<usize>(at, end - extras);
    store<usize>(args, end, PackArgs.output);
  }
}

/**
 * A block's steps and extra steps. An extra step is what remains of weights that the bytes of a step
 * cannot hold.
 * @returns where the extra steps end
 */
function packSteps(args: usize, to: usize, first: usize, channels: usize, width: usize): usize {
  const isWords = load<i32>(args, PackArgs.dot) === PackDot.words;
  const steps = load<usize>(args, PackArgs.steps);
  const isUnsigned = load<i32>(args, ChannelsArgs.isUnsigned) !== 0;
  const rests = load<usize>(args, PackArgs.rests);
  // Bytes that become four steps.
  const chunk: usize = isWords ? 8 : 16;
  const rowBytes = load<usize>(args, PackArgs.rowBytes);
  const rows = load<usize>(args, PackArgs.rows);
  for (let i: usize = 0; i < width; i++)
    Rows.read(args, first + i, i < channels, rows + i * rowBytes);
  let slot = to + 4 * width * steps;
  let from = rows;
  for (let step: usize = 0; step < steps; step += 4, from += chunk) {
    const count = min<usize>(4, steps - step);
    let output = to + 4 * width * step;
    for (let four: usize = 0; four < width; four += 4, output += 16) {
      const a = from + four * rowBytes;
      const rest = rests + 32 * four;
      let p = v128.load(a);
      let q = v128.load(a + rowBytes);
      let r = v128.load(a + 2 * rowBytes);
      let s = v128.load(a + 3 * rowBytes);
      const channel = first + four;
      p = Split.chunk(p, isUnsigned, Rows.zero(args, channel, four < channels), isWords, rest);
      const b = Rows.zero(args, channel + 1, four + 1 < channels);
      q = Split.chunk(q, isUnsigned, b, isWords, rest + 32);
      const c = Rows.zero(args, channel + 2, four + 2 < channels);
      r = Split.chunk(r, isUnsigned, c, isWords, rest + 64);
      const d = Rows.zero(args, channel + 3, four + 3 < channels);
      s = Split.chunk(s, isUnsigned, d, isWords, rest + 96);
      Rows.store(output, width, count, p, q, r, s);
    }
    for (let i: usize = isWords ? count : 0; i < count; i++) {
      const offset = load<usize>(load<usize>(args, PackArgs.offsets) + 4 * (step + i));
      while (isLeft(rests + 8 * i, width)) {
        v128.store(slot, i64x2(offset, 0));
        slot += 16;
        for (let rest = rests + 8 * i; rest < rests + 32 * width; rest += 64, slot += 8)
          takeRests(rest, slot);
      }
    }
  }
  return slot;
}

/** Whether anything is left of a step. */
function isLeft(rests: usize, width: usize): bool {
  let all = i64x2.splat(0);
  for (let i: usize = 0; i < width; i++) all = v128.or(all, v128.load64_zero(rests + 32 * i));
  return v128.any_true(all);
}

/** Of what is left of a step in two channels the bytes that a dot can multiply. */
function takeRests(rest: usize, to: usize): void {
  const words = v128.load64_lane(rest, v128.load64_zero(rest), 1, 32);
  const part = Split.take(words, PackDot.quads);
  v128.store64_lane(to, i8x16.narrow_i16x8_s(part, part), 0);
  const left = i16x8.sub(words, part);
  v128.store64_lane(rest, left, 0);
  v128.store64_lane(rest, left, 1, 32);
}
