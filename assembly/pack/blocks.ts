import { ChannelsArgs, PackArgs } from '../arguments';
import { Channels } from './channels';
import { Rows } from './rows';
import { PackDot, Split } from './split';

/**
 * Blocks of channels one behind the other, as int8/conv.ts reads them: bytes of the extra steps, 12
 * bytes, head, [steps][width][4 bytes], then [extra steps]: i32 offset[4], i8 [width][4].
 *
 *   weights     i8 or u8 [channels][k]; up to 47 bytes past them are read
 *   zeroPoints  i32 [channels]
 *   sums        f64 [channels][2]: of the positive weights, of the negative ones
 *   bias        i32 [channels]; scale, realBias f32 [channels], where headFields counts them
 *   runs        i32 [runCount][3]: first weight, its place among the values of the steps, length
 *   offsets     i32 [steps]
 *   rows        scratch, [4][rowBytes]: the steps' values, and 32 more
 *   rests       scratch, i16 [4][16]
 *   blocks      i32 [blockCount][3]: first channel, width, channels: those that are missing are zeros
 *   output      each block may have 4 extra steps for each step
 */
export function pack_blocks(args: usize): void {
  store<i32>(args, 0, PackArgs.extraSteps);
  let block = load<usize>(args, PackArgs.blocks);
  for (let left = load<i32>(args, PackArgs.blockCount); left > 0; left--, block += 12) {
    const first = load<usize>(block);
    const width = load<usize>(block, 4);
    const channels = load<usize>(block, 8);
    const at = load<usize>(args, PackArgs.output);
    memory.fill(at, 0, 16);
    Channels.writeHead(args, at + 16, first, channels, width);
    const steps = at + 16 + 4 * width * load<usize>(args, ChannelsArgs.headFields);
    const extraBytes = packSteps(args, steps, first, channels, width);
    store<i32>(at, extraBytes);
    const extraSteps = load<i32>(args, PackArgs.extraSteps);
    store<i32>(args, extraSteps + extraBytes / (16 + 4 * <i32>width), PackArgs.extraSteps);
    const end = steps + 4 * width * load<usize>(args, PackArgs.steps) + extraBytes;
    store<usize>(args, end, PackArgs.output);
  }
}

/**
 * A block's steps and extra steps. An extra step is what remains of weights that the bytes of a step
 * cannot hold. Each four channels have steps of their own, in one list with those of the others.
 * @returns bytes of the extra steps
 */
function packSteps(args: usize, to: usize, first: usize, channels: usize, width: usize): i32 {
  const dot = load<i32>(args, PackArgs.dot);
  const steps = load<usize>(args, PackArgs.steps);
  const isUnsigned = load<i32>(args, ChannelsArgs.isUnsigned) !== 0;
  const offsets = load<usize>(args, PackArgs.offsets);
  const rests = load<usize>(args, PackArgs.rests);
  const extras = to + 4 * width * steps;
  const slotBytes: usize = 16 + 4 * width;
  const isWords = dot === PackDot.words;
  // Bytes that become four steps.
  const chunk: usize = isWords ? 8 : 16;
  const rowBytes = load<usize>(args, PackArgs.rowBytes);
  let end = extras;
  for (let four: usize = 0; four < width; four += 4) {
    const channel = first + four;
    let a = load<usize>(args, PackArgs.rows);
    for (let lane: usize = 0; lane < 4; lane++)
      Rows.read(args, channel + lane, four + lane < channels, a + lane * rowBytes);
    const zeroA = Rows.zero(args, channel, four < channels);
    const zeroB = Rows.zero(args, channel + 1, four + 1 < channels);
    const zeroC = Rows.zero(args, channel + 2, four + 2 < channels);
    const zeroD = Rows.zero(args, channel + 3, four + 3 < channels);
    let slot = extras;
    let output = to + 4 * four;
    for (let step: usize = 0; step < steps; step += 4) {
      const count = min<usize>(4, steps - step);
      let p = v128.load(a);
      let q = v128.load(a + rowBytes);
      let r = v128.load(a + 2 * rowBytes);
      let s = v128.load(a + 3 * rowBytes);
      a += chunk;
      p = Split.chunk(p, isUnsigned, zeroA, dot, rests);
      q = Split.chunk(q, isUnsigned, zeroB, dot, rests + 32);
      r = Split.chunk(r, isUnsigned, zeroC, dot, rests + 64);
      s = Split.chunk(s, isUnsigned, zeroD, dot, rests + 96);
      for (let i: usize = isWords ? count : 0; i < count; i++) {
        let ab = rowsOfRests(rests + 8 * i);
        let cd = rowsOfRests(rests + 8 * i + 64);
        while (v128.any_true(v128.or(ab, cd))) {
          if (slot === end) {
            memory.fill(slot, 0, slotBytes);
            v128.store(slot, i32x4.splat(load<i32>(offsets)));
            end += slotBytes;
          }
          store<i32>(slot + four, load<i32>(offsets + 4 * (step + i)));
          const first = Split.takeAlone(ab, dot);
          const last = Split.takeAlone(cd, dot);
          v128.store(slot + 4 * four, i8x16.narrow_i16x8_s(first, last), 16);
          ab = i16x8.sub(ab, first);
          cd = i16x8.sub(cd, last);
          slot += slotBytes;
        }
      }
      Rows.store(output, width, count, p, q, r, s);
      output += 16 * width;
    }
  }
  return <i32>(end - extras);
}

/** What is left of a step in two channels. */
function rowsOfRests(rest: usize): v128 {
  return v128.load64_lane(rest, v128.load64_zero(rest), 1, 32);
}
