import { ProbeArgs } from '../arguments';
import { Dot } from './dot';

/**
 * What the relaxed dots of bytes give, on operands from memory: an engine may fold constants by
 * other rules than the machine's. The loop lets the optimizing compiler have a say too.
 *
 *   a, b          16 bytes each, a signed
 *   accumulator   i32[4]
 *   quads         i32[4]: accumulator + Σ a b of four
 *   pairs         i16[8]: Σ a b of two
 */
export function probe_dots(args: usize): void {
  for (let turn = load<i32>(args, ProbeArgs.turns); turn > 0; turn--) {
    const a = v128.load(load<usize>(args, ProbeArgs.a));
    const b = v128.load(load<usize>(args, ProbeArgs.b));
    const accumulator = v128.load(load<usize>(args, ProbeArgs.accumulator));
    v128.store(load<usize>(args, ProbeArgs.quads), Dot.quads(accumulator, a, b));
    v128.store(load<usize>(args, ProbeArgs.pairs), Dot.bytePairs(a, b));
  }
}
