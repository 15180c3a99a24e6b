/**
 * Two byte offsets that walk together over the outer axes of a strided operation.
 *
 *   axes   i32 [axisCount][3], innermost first: size, first step, second step, in bytes
 *   state  i32 [2 + axisCount]: the two offsets, then a counter per axis
 *
 * `start` and `next` are functions of their own, not inlined: many kernels walk, and to most a step is
 * little beside the rows between. `step` is for those with short rows.
 */
export class Walk {
  static start(state: usize, axisCount: usize): void {
    memory.fill(state, 0, 8 + (axisCount << 2));
  }

  @inline
  static first(state: usize): usize {
    return load<usize>(state);
  }

  @inline
  static second(state: usize): usize {
    return load<usize>(state, 4);
  }

  /** One step on, as a call. */
  static next(state: usize, axes: usize, axisCount: usize): void {
    Walk.step(state, axes, axisCount);
  }

  /** One step on; after the last combination comes the first again. */
  @inline
  static step(state: usize, axes: usize, axisCount: usize): void {
    let first = load<usize>(state);
    let second = load<usize>(state, 4);
    let counter = state + 8;
    const end = counter + (axisCount << 2);
    let axis = axes;
    while (counter < end) {
      const index = load<usize>(counter) + 1;
      first += load<usize>(axis, 4);
      second += load<usize>(axis, 8);
      const size = load<usize>(axis);
      if (index < size) {
        store<usize>(counter, index);
        break;
      }
      store<usize>(counter, 0);
      first -= size * load<usize>(axis, 4);
      second -= size * load<usize>(axis, 8);
      counter += 4;
      axis += 12;
    }
    store<usize>(state, first);
    store<usize>(state, second, 4);
  }
}
