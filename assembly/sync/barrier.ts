import { BarrierArgs, ThreadArgs } from '../arguments';

/**
 * A barrier for the threads of one memory: a counter of arrivals that only grows, and wraps. Each
 * thread knows how many there will be once all have come.
 */
export class Barrier {
  @inline
  static arrive(thread: usize): void {
    const barrier = load<usize>(thread, ThreadArgs.barrier);
    const threads = load<i32>(thread, ThreadArgs.threads);
    const target = load<i32>(thread, ThreadArgs.target) + threads;
    store<i32>(thread, target, ThreadArgs.target);
    const before = atomic.add<i32>(barrier, 1, BarrierArgs.arrivals);
    // A thread counts as a sleeper before it looks at the counter for the last time.
    if (before + 1 === target && atomic.load<i32>(barrier, BarrierArgs.sleepers) !== 0) {
      atomic.notify(barrier + BarrierArgs.arrivals, -1);
    }
  }

  /** False where it took longer than `waitMilliseconds`. */
  @inline
  static wait(thread: usize): bool {
    const barrier = load<usize>(thread, ThreadArgs.barrier);
    const target = load<i32>(thread, ThreadArgs.target);
    let left = load<i32>(thread, ThreadArgs.spins);
    do {
      if (atomic.load<i32>(barrier, BarrierArgs.arrivals) - target >= 0) return true;
    } while (--left > 0);
    const milliseconds = load<i32>(thread, ThreadArgs.waitMilliseconds);
    if (milliseconds === 0) return false;
    const timeout = milliseconds < 0 ? <i64>-1 : <i64>milliseconds * 1000000;
    atomic.add<i32>(barrier, 1, BarrierArgs.sleepers);
    let arrivals = atomic.load<i32>(barrier, BarrierArgs.arrivals);
    while (arrivals - target < 0) {
      const outcome = atomic.wait<i32>(barrier + BarrierArgs.arrivals, arrivals, timeout);
      arrivals = atomic.load<i32>(barrier, BarrierArgs.arrivals);
      // Timed out.
      if (outcome === 2) break;
    }
    atomic.sub<i32>(barrier, 1, BarrierArgs.sleepers);
    return arrivals - target >= 0;
  }
}
