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
 *   values      scratch, i16 [4][row], where a row has 24 more than its steps' values
 *   block       where the block begins; it may have 4 extra steps for each step
 *
 * An extra step is what remains of weights that the bytes of a step cannot hold. Each four channels
 * have steps of their own, in one list with those of the others.
 */
export function pack_block(args: usize): void {
  const dot = load<i32>(args, PackArgs.dot);
  const steps = load<usize>(args, PackArgs.steps);
  const width = load<usize>(args, PackArgs.width);
  const rowBytes = load<usize>(args, PackArgs.rowBytes);
  const offsets = load<usize>(args, PackArgs.offsets);
  const values = load<usize>(args, PackArgs.values);
  const block = load<usize>(args, PackArgs.block);
  const to = block + load<usize>(args, PackArgs.headBytes);
  const extras = to + 4 * width * steps;
  const slotBytes: usize = 16 + 4 * width;
  const chunkBytes: usize = dot === PackDot.words ? 16 : 32;
  let end = extras;
  for (let four: usize = 0; four < width; four += 4) {
    for (let lane: usize = 0; lane < 4; lane++) {
      Block.read(args, four + lane, values + lane * rowBytes);
    }
    let slot = extras;
    let output = to + 4 * four;
    let a = values;
    for (let step: usize = 0; step < steps; step += 4) {
      const count = min<usize>(4, steps - step);
      const b = a + rowBytes;
      const c = b + rowBytes;
      const d = c + rowBytes;
      let p = v128.load(a);
      let q = v128.load(b);
      let r = v128.load(c);
      let s = v128.load(d);
      if (dot !== PackDot.words) {
        const p1 = v128.load(a, 16);
        const q1 = v128.load(b, 16);
        const r1 = v128.load(c, 16);
        const s1 = v128.load(d, 16);
        let excess = v128.or(Split.excess(p, dot), Split.excess(p1, dot));
        excess = v128.or(excess, v128.or(Split.excess(q, dot), Split.excess(q1, dot)));
        excess = v128.or(excess, v128.or(Split.excess(r, dot), Split.excess(r1, dot)));
        excess = v128.or(excess, v128.or(Split.excess(s, dot), Split.excess(s1, dot)));
        p = i8x16.narrow_i16x8_s(p, p1);
        q = i8x16.narrow_i16x8_s(q, q1);
        r = i8x16.narrow_i16x8_s(r, r1);
        s = i8x16.narrow_i16x8_s(s, s1);
        if (v128.any_true(excess)) {
          const parts = load<usize>(args, PackArgs.parts);
          for (let lane: usize = 0; lane < 4; lane++) {
            Split.chunk(a + lane * rowBytes, parts + 16 * lane, dot);
          }
          p = v128.load(parts);
          q = v128.load(parts, 16);
          r = v128.load(parts, 32);
          s = v128.load(parts, 48);
          for (let i: usize = 0; i < count; i++) {
            while (Block.hasRest(a + 8 * i, rowBytes)) {
              if (slot === end) {
                Block.clear(slot, slotBytes, load<i32>(offsets));
                end += slotBytes;
              }
              store<i32>(slot + four, load<i32>(offsets + 4 * (step + i)));
              for (let lane: usize = 0; lane < 4; lane++) {
                const from = a + lane * rowBytes + 8 * i;
                Split.step(from, slot + 16 + 4 * (four + lane), dot);
              }
              slot += slotBytes;
            }
          }
        }
      }
      Block.store(output, width, count, p, q, r, s);
      a += chunkBytes;
      output += 16 * width;
    }
  }
  store<i32>(block, <i32>(end - extras));
}

class Block {
  /** One channel's values, in the order of the steps; zeros where a step goes beyond its run. */
  static read(args: usize, channel: usize, row: usize): void {
    const zeros = i16x8.splat(0);
    if (channel >= load<usize>(args, PackArgs.channels)) {
      memory.fill(row, 0, load<usize>(args, PackArgs.rowBytes));
      return;
    }
    const isUnsigned = load<i32>(args, PackArgs.isUnsigned) !== 0;
    const zero = i16x8.splat(load<i16>(load<usize>(args, PackArgs.zeroPoints) + 4 * channel));
    const weights = load<usize>(args, PackArgs.weights) + channel * load<usize>(args, PackArgs.k);
    let run = load<usize>(args, PackArgs.runs);
    for (let i = load<usize>(args, PackArgs.runCount); i > 0; i--, run += 12) {
      const length = load<usize>(run, 8);
      let from = weights + load<usize>(run);
      let to = row + 2 * load<usize>(run, 4);
      const end = to + 2 * length;
      for (; to < end; to += 16, from += 8) v128.store(to, Weights.load(from, isUnsigned, zero));
      v128.store(end, zeros);
      v128.store(end, zeros, 16);
      v128.store(end, zeros, 32);
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

  /** An extra step that adds nothing. */
  static clear(slot: usize, bytes: usize, offset: i32): void {
    memory.fill(slot, 0, bytes);
    v128.store(slot, i32x4.splat(offset));
  }

  /** Whether one of four channels has values left in a step. */
  static hasRest(step: usize, rowBytes: usize): bool {
    const ab = load<i64>(step) | load<i64>(step + rowBytes);
    return (ab | load<i64>(step + 2 * rowBytes) | load<i64>(step + 3 * rowBytes)) !== 0;
  }
}
