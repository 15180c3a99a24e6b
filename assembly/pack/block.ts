import { PackArgs } from '../arguments';
import { PackDot, Split } from './split';
import { Weights } from './weights';

/**
 * The steps of one block of channels, as int8/conv.ts reads them: [steps][width][4 bytes], then
 * [extra steps]: i32 offset[4], i8 [width][4]. The block's head is left out, but extraBytes, its
 * first number, is written.
 *
 *   weights     i8 or u8 [channels][k]; channels <= width: those that are missing become zeros
 *   zeroPoints  i32 [channels]
 *   runs        i32 [runCount][3]: first weight, its place among the values of the steps, length
 *   offsets     i32 [steps]
 *   rows        scratch, [4][rowBytes]: the steps' values, and 32 more
 *   parts       scratch, 192 bytes: i8 [4][16], i16 [4][16]
 *   block       where the block begins; it may have 4 extra steps for each step
 *
 * An extra step is what remains of weights that the bytes of a step cannot hold. Each four channels
 * have steps of their own, in one list with those of the others.
 */
export function pack_block(args: usize): void {
  const dot = load<i32>(args, PackArgs.dot);
  const steps = load<usize>(args, PackArgs.steps);
  const width = load<usize>(args, PackArgs.width);
  const k = load<usize>(args, PackArgs.k);
  const isUnsigned = load<i32>(args, PackArgs.isUnsigned) !== 0;
  const offsets = load<usize>(args, PackArgs.offsets);
  const parts = load<usize>(args, PackArgs.parts);
  const rest = parts + 64;
  const block = load<usize>(args, PackArgs.block);
  const to = block + load<usize>(args, PackArgs.headBytes);
  const extras = to + 4 * width * steps;
  const slotBytes: usize = 16 + 4 * width;
  const isWords = dot === PackDot.words;
  // Bytes that become four steps.
  const chunk: usize = isWords ? 8 : 16;
  // The weights are rows of whole chunks as they are.
  const isDirect =
    load<i32>(args, PackArgs.runCount) === 1 &&
    k % chunk === 0 &&
    load<usize>(args, PackArgs.channels) >= width;
  const rowBytes = isDirect ? k : load<usize>(args, PackArgs.rowBytes);
  let end = extras;
  for (let four: usize = 0; four < width; four += 4) {
    let a = load<usize>(args, PackArgs.weights) + four * k;
    if (!isDirect) {
      a = load<usize>(args, PackArgs.rows);
      for (let lane: usize = 0; lane < 4; lane++)
        Block.read(args, four + lane, a + lane * rowBytes);
    }
    const zeroA = i16x8.splat(<i16>Block.zeroPoint(args, four));
    const zeroB = i16x8.splat(<i16>Block.zeroPoint(args, four + 1));
    const zeroC = i16x8.splat(<i16>Block.zeroPoint(args, four + 2));
    const zeroD = i16x8.splat(<i16>Block.zeroPoint(args, four + 3));
    const zeros = v128.or(v128.or(zeroA, zeroB), v128.or(zeroC, zeroD));
    const isPlain = !isUnsigned && !v128.any_true(zeros);
    let slot = extras;
    let output = to + 4 * four;
    for (let step: usize = 0; step < steps; step += 4) {
      const count = min<usize>(4, steps - step);
      let p = v128.load(a);
      let q = v128.load(a + rowBytes);
      let r = v128.load(a + 2 * rowBytes);
      let s = v128.load(a + 3 * rowBytes);
      a += chunk;
      if (isWords) {
        p = Weights.low(p, isUnsigned, zeroA);
        q = Weights.low(q, isUnsigned, zeroB);
        r = Weights.low(r, isUnsigned, zeroC);
        s = Weights.low(s, isUnsigned, zeroD);
      } else {
        let excess: v128;
        if (isPlain) {
          excess = v128.or(Split.excess(p, dot), Split.excess(q, dot));
          excess = v128.or(excess, v128.or(Split.excess(r, dot), Split.excess(s, dot)));
        } else {
          Split.spread(rest, p, isUnsigned, zeroA);
          Split.spread(rest + 32, q, isUnsigned, zeroB);
          Split.spread(rest + 64, r, isUnsigned, zeroC);
          Split.spread(rest + 96, s, isUnsigned, zeroD);
          excess = v128.or(Split.excessOfWords(rest, dot), Split.excessOfWords(rest + 32, dot));
          excess = v128.or(excess, Split.excessOfWords(rest + 64, dot));
          excess = v128.or(excess, Split.excessOfWords(rest + 96, dot));
          p = Split.narrow(rest);
          q = Split.narrow(rest + 32);
          r = Split.narrow(rest + 64);
          s = Split.narrow(rest + 96);
        }
        if (v128.any_true(excess)) {
          if (isPlain) {
            Split.spread(rest, p, false, zeroA);
            Split.spread(rest + 32, q, false, zeroA);
            Split.spread(rest + 64, r, false, zeroA);
            Split.spread(rest + 96, s, false, zeroA);
          }
          for (let lane: usize = 0; lane < 4; lane++) {
            Split.chunk(rest + 32 * lane, parts + 16 * lane, dot);
          }
          p = v128.load(parts);
          q = v128.load(parts, 16);
          r = v128.load(parts, 32);
          s = v128.load(parts, 48);
          for (let i: usize = 0; i < count; i++) {
            while (Split.hasRest(rest + 8 * i)) {
              if (slot === end) {
                memory.fill(slot, 0, slotBytes);
                v128.store(slot, i32x4.splat(load<i32>(offsets)));
                end += slotBytes;
              }
              store<i32>(slot + four, load<i32>(offsets + 4 * (step + i)));
              Split.step(rest + 8 * i, slot + 16 + 4 * four, dot);
              slot += slotBytes;
            }
          }
        }
      }
      Block.store(output, width, count, p, q, r, s);
      output += 16 * width;
    }
  }
  store<i32>(block, <i32>(end - extras));
}

class Block {
  static zeroPoint(args: usize, channel: usize): i32 {
    if (channel >= load<usize>(args, PackArgs.channels)) return 0;
    return load<i32>(load<usize>(args, PackArgs.zeroPoints) + 4 * channel);
  }

  /** One channel's weights in the order of the steps; worth 0 where a step goes beyond its run. */
  static read(args: usize, channel: usize, row: usize): void {
    const zero = i8x16.splat(<i8>Block.zeroPoint(args, channel));
    if (channel >= load<usize>(args, PackArgs.channels)) {
      const end = row + load<usize>(args, PackArgs.rowBytes);
      for (let to = row; to < end; to += 16) v128.store(to, zero);
      return;
    }
    const weights = load<usize>(args, PackArgs.weights) + channel * load<usize>(args, PackArgs.k);
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
