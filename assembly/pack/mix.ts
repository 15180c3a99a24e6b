/** Steps of bytes by kinds, as int8/convMixed.ts reads them. */
export class Mix {
  /**
   * Which of a step's weights meet 255 less their input: one of each pair whose products may leave 16
   * bits. Weights of two signs never do, and 255 * 128 does not.
   */
  static masks(weights: v128): v128 {
    const sizes = i16x8.abs(i16x8.extadd_pairwise_i8x16_s(weights));
    const second = v128.and(i16x8.gt_s(sizes, i16x8.splat(128)), i16x8.splat(<i16>0xff00));
    // Of -128 there is no negative; the other one is never -128 too (split.ts).
    const lowest = v128.and(second, i8x16.eq(weights, i8x16.splat(-128)));
    return v128.or(v128.xor(second, lowest), i16x8.shr_u(lowest, 8));
  }

  /** Complements what must be. @returns whether there is any */
  static complement(step: usize, masks: usize, biases: usize, bytes: usize): bool {
    let any = i64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const weights = v128.load(step + i);
      const mask = Mix.masks(weights);
      v128.store(masks + i, mask);
      any = v128.or(any, mask);
      const pairs = i16x8.extadd_pairwise_i8x16_s(v128.and(weights, mask));
      const sums = i32x4.mul(i32x4.extadd_pairwise_i16x8_s(pairs), i32x4.splat(255));
      v128.store(biases + i, i32x4.add(v128.load(biases + i), sums));
      v128.store(step + i, i8x16.sub(v128.xor(weights, mask), mask));
    }
    return v128.any_true(any);
  }

  /** Whether the sums of each pair of a step and of its other one fit 16 bits together. */
  static fit(step: usize, other: usize, bytes: usize): bool {
    let isBeyond = i64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const a = v128.load(step + i);
      const b = v128.load(other + i);
      const sums = i16x8.add(i16x8.extadd_pairwise_i8x16_s(a), i16x8.extadd_pairwise_i8x16_s(b));
      const sizes = i16x8.add(
        i16x8.extadd_pairwise_i8x16_u(i8x16.abs(a)),
        i16x8.extadd_pairwise_i8x16_u(i8x16.abs(b)),
      );
      // Twice the larger of the sum of the positive ones and that of the negative ones.
      const most = i16x8.add(sizes, i16x8.abs(sums));
      isBeyond = v128.or(isBeyond, i16x8.gt_s(most, i16x8.splat(2 * 128)));
    }
    return !v128.any_true(isBeyond);
  }

  /**
   * Sorts a block's steps, in place.
   * @param block where it begins; `at` its steps, `extras` to `end` steps with 16 bytes before each
   * @param scratch three lists of `count` steps and three of as many offsets
   * @returns where the block ends
   */
  static sort(
    block: usize,
    at: usize,
    offsets: usize,
    extras: usize,
    end: usize,
    bytes: usize,
    scratch: usize,
    count: usize,
  ): usize {
    const masked = scratch + count * bytes;
    const masks = masked + count * bytes;
    const twoOffsets = masks + count * bytes;
    const aloneOffsets = twoOffsets + 4 * count;
    const maskedOffsets = aloneOffsets + 4 * count;
    let twos: usize = 0;
    let alones: usize = 0;
    let maskeds: usize = 0;
    // One that may find another to go with.
    let held: usize = 0;
    let heldOffset: usize = 0;
    for (let step = at; step < end; step += bytes) {
      let offset: usize;
      if (step < extras) {
        offset = load<usize>(offsets);
        offsets += 4;
      } else {
        offset = load<usize>(step);
        step += 16;
      }
      if (Mix.complement(step, masks + bytes * maskeds, block + 16, bytes)) {
        memory.copy(masked + bytes * maskeds, step, bytes);
        store<usize>(maskedOffsets + 4 * maskeds, offset);
        maskeds++;
        continue;
      }
      if (held !== 0) {
        if (Mix.fit(held, step, bytes)) {
          // Both lie beyond: there are as many steps before them as have been read.
          memory.copy(at + bytes * twos, held, bytes);
          store<usize>(twoOffsets + 4 * twos, heldOffset);
          twos++;
          memory.copy(at + bytes * twos, step, bytes);
          store<usize>(twoOffsets + 4 * twos, offset);
          twos++;
          held = 0;
          continue;
        }
        memory.copy(scratch + bytes * alones, held, bytes);
        store<usize>(aloneOffsets + 4 * alones, heldOffset);
        alones++;
      }
      held = step;
      heldOffset = offset;
    }
    if (held !== 0) {
      memory.copy(scratch + bytes * alones, held, bytes);
      store<usize>(aloneOffsets + 4 * alones, heldOffset);
      alones++;
    }
    store<usize>(block, twos, 4);
    store<usize>(block, twos + alones, 8);
    store<usize>(block, twos + alones + maskeds, 12);
    let to = at + bytes * twos;
    to = Mix.append(to, scratch, bytes * alones);
    to = Mix.append(to, masked, bytes * maskeds);
    to = Mix.append(to, masks, bytes * maskeds);
    to = Mix.append(to, twoOffsets, 4 * twos);
    to = Mix.append(to, aloneOffsets, 4 * alones);
    to = Mix.append(to, maskedOffsets, 4 * maskeds);
    const last = (to + 15) & ~15;
    memory.fill(to, 0, last - to);
    return last;
  }

  static append(to: usize, from: usize, bytes: usize): usize {
    memory.copy(to, from, bytes);
    return to + bytes;
  }
}
