/**
 * What this machine can do at most: loops of one kind of instruction, for the bench's roofline. Not
 * kernels: they compute nothing of use and are in no plan. Eight accumulators hide the latency of
 * the instructions; half the operands come from memory, as in a kernel. All return a number that
 * depends on every product, so that no compiler drops one.
 *
 *   operands  64 bytes in registers throughout, then 8 kB that are read over and over
 *   turns     of the loop, 32 vector products each
 */
import { Ceiling, Path } from './simd/ceiling';

@unmanaged
class DotI16 extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, _ones: v128): v128 {
    return i32x4.add(acc, i32x4.dot_i16x8_s(a, b));
  }
}

@unmanaged
class MulAddF32 extends Path {
  @inline
  step(acc: v128, a: v128, b: v128, _ones: v128): v128 {
    return f32x4.add(acc, f32x4.mul(a, b));
  }
}

/** i32x4.dot_i16x8_s and an addition: 8 multiply-accumulates a product. */
export function ceiling_dot_i16(operands: usize, turns: i32): i32 {
  return Ceiling.run<DotI16>(operands, turns);
}

/** f32x4.mul and an addition: 4 multiply-accumulates a product. */
export function ceiling_f32(operands: usize, turns: i32): i32 {
  return Ceiling.run<MulAddF32>(operands, turns);
}

/** v128.load and i16x8.add: 8 additions each, of what other additions have summed up before. */
export function ceiling_add_i16(operands: usize, turns: i32): i32 {
  let s0 = i16x8.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; turns > 0; turns--) {
    const at = operands + ((turns & 15) << 9);
    for (let i: usize = 0; i < 512; i += 128) {
      s0 = i16x8.add(s0, v128.load(at + i));
      s1 = i16x8.add(s1, v128.load(at + i, 16));
      s2 = i16x8.add(s2, v128.load(at + i, 32));
      s3 = i16x8.add(s3, v128.load(at + i, 48));
      s0 = i16x8.add(s0, v128.load(at + i, 64));
      s1 = i16x8.add(s1, v128.load(at + i, 80));
      s2 = i16x8.add(s2, v128.load(at + i, 96));
      s3 = i16x8.add(s3, v128.load(at + i, 112));
    }
  }
  return Ceiling.fold(v128.xor(v128.xor(s0, s1), v128.xor(s2, s3)));
}

/** Loads `bytes`, a multiple of 256, `turns` times. */
export function ceiling_load(operands: usize, turns: i32, bytes: i32): i32 {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end = operands + <usize>bytes;
  for (; turns > 0; turns--) {
    for (let at = operands; at < end; at += 256) {
      s0 = v128.xor(s0, v128.load(at));
      s1 = v128.xor(s1, v128.load(at, 16));
      s2 = v128.xor(s2, v128.load(at, 32));
      s3 = v128.xor(s3, v128.load(at, 48));
      s0 = v128.xor(s0, v128.load(at, 64));
      s1 = v128.xor(s1, v128.load(at, 80));
      s2 = v128.xor(s2, v128.load(at, 96));
      s3 = v128.xor(s3, v128.load(at, 112));
      s0 = v128.xor(s0, v128.load(at, 128));
      s1 = v128.xor(s1, v128.load(at, 144));
      s2 = v128.xor(s2, v128.load(at, 160));
      s3 = v128.xor(s3, v128.load(at, 176));
      s0 = v128.xor(s0, v128.load(at, 192));
      s1 = v128.xor(s1, v128.load(at, 208));
      s2 = v128.xor(s2, v128.load(at, 224));
      s3 = v128.xor(s3, v128.load(at, 240));
    }
  }
  return Ceiling.fold(v128.xor(v128.xor(s0, s1), v128.xor(s2, s3)));
}
