import { Count } from './simd/count';

/** Multiply-accumulates since the last call, in the builds that count. */
export function counted_macs(): f64 {
  const total = Count.total;
  Count.total = 0;
  return total;
}
