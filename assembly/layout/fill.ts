import { FillArgs } from '../arguments';
import { Tail } from '../float32/tail';

/**
 * Repeats 16 bytes over the output.
 *
 *   pattern  u8 [16], a whole number of elements
 *   output   u8 [bytes]
 */
export function fill_x8(args: usize): void {
  let output = load<usize>(args, FillArgs.output);
  const pattern = v128.load(load<usize>(args, FillArgs.pattern));
  const bytes = load<usize>(args, FillArgs.bytes);
  const end = output + (bytes & ~15);
  for (; output < end; output += 16) v128.store(output, pattern);
  Tail.storeBytes(output, pattern, bytes & 15);
}
