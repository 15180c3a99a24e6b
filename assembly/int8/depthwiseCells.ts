import { DepthwiseCellsArgs } from '../arguments';

/**
 * Input maps as cells: one column of one group of rows, for 16 channels, each channel's rows side
 * by side. A dot over them is a dot down a kernel's column, whatever its width, stride or padding.
 *
 *   cells   T [groups in all][paddedWidth][16][rows], 64 bytes a cell; band j begins at group
 *           j * groupStep: less than `groups` where bands share groups
 *   pixels  i32 [phase][band][outputWidth][2]: an output's first cell, its place in the output
 *
 * T is u8 and the rows are 4, in the order 0, 2, 1, 3; or i16 and 2. Group g of band j holds the
 * padded input's rows j * phases * strideY + (g * rows + i) * dilationY, zero points in padding.
 */
export class Cells {
  /**
   * Writes `bands` bands from the output row `y` on, 16 channels of them; `from` is the image's first.
   * The columns of padding stay where they are from one time to the next: `hasPads`.
   */
  static fill<T>(args: usize, from: usize, y: usize, bands: usize, hasPads: bool): void {
    const inputHeight = load<i32>(args, DepthwiseCellsArgs.inputHeight);
    const inputWidth = load<i32>(args, DepthwiseCellsArgs.inputWidth);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const padLeft = load<i32>(args, DepthwiseCellsArgs.padLeft);
    const paddedWidth = load<i32>(args, DepthwiseCellsArgs.paddedWidth);
    const groups = load<i32>(args, DepthwiseCellsArgs.groups);
    const dilationY = load<i32>(args, DepthwiseCellsArgs.dilationY);
    const strideY = load<i32>(args, DepthwiseCellsArgs.strideY);
    const zero = load<usize>(args, DepthwiseCellsArgs.parameters) + 64;
    const bandStep = load<i32>(args, DepthwiseCellsArgs.phases) * strideY;
    const shared = groups - load<i32>(args, DepthwiseCellsArgs.groupStep);
    let made = 0;
    const rowBytes = <usize>inputWidth * channels;
    const rowStep = <usize>dilationY * rowBytes;
    const isSigned = sizeof<T>() === 1 && load<i32>(args, DepthwiseCellsArgs.isSigned) !== 0;
    const needsPads = isSigned || !hasPads;
    const zeros = sizeof<T>() === 2 ? v128.load_ext<u8>(zero) : v128.load(zero);
    let to = load<usize>(args, DepthwiseCellsArgs.scratch);

    const before = max(0, min(padLeft, paddedWidth));
    const until = max(before, min(paddedWidth, padLeft + inputWidth));
    const input = from + <usize>max(0, -padLeft) * channels;
    let bandRow = <i32>y * strideY - load<i32>(args, DepthwiseCellsArgs.padTop);
    for (; bands > 0; bands--, bandRow += bandStep, made = shared) {
      for (let group = made; group < groups; group++) {
        if (needsPads) Cells.repeat(to, before, zeros);
        to += (<usize>before) << 6;
        const end = to + ((<usize>(until - before)) << 6);
        // Rows outside the input stand still on one cell of zero points.
        const row0 = bandRow + group * (sizeof<T>() === 2 ? 2 : 4) * dilationY;
        const row1 = row0 + dilationY;
        const has0 = <u32>row0 < <u32>inputHeight;
        const has1 = <u32>row1 < <u32>inputHeight;
        let at = input + <usize>row0 * rowBytes;
        let a = has0 ? at : zero;
        at += rowStep;
        let b = has1 ? at : zero;
        const aStep = has0 ? channels : 0;
        const bStep = has1 ? channels : 0;
        if (sizeof<T>() === 2) {
          for (; to < end; to += 64, a += aStep, b += bStep) {
            const x0 = v128.load(a);
            const x1 = v128.load(b);
            const low = Cells.zipLow8(x0, x1);
            const high = Cells.zipHigh8(x0, x1);
            v128.store(to, i16x8.extend_low_i8x16_u(low));
            v128.store(to, i16x8.extend_high_i8x16_u(low), 16);
            v128.store(to, i16x8.extend_low_i8x16_u(high), 32);
            v128.store(to, i16x8.extend_high_i8x16_u(high), 48);
          }
        } else {
          const row2 = row1 + dilationY;
          const row3 = row2 + dilationY;
          const has2 = <u32>row2 < <u32>inputHeight;
          const has3 = <u32>row3 < <u32>inputHeight;
          at += rowStep;
          let c = has2 ? at : zero;
          at += rowStep;
          let d = has3 ? at : zero;
          const cStep = has2 ? channels : 0;
          const dStep = has3 ? channels : 0;
          for (; to < end; to += 64, a += aStep, b += bStep, c += cStep, d += dStep) {
            const x0 = v128.load(a);
            const x1 = v128.load(b);
            const x2 = v128.load(c);
            const x3 = v128.load(d);
            const low02 = Cells.zipLow8(x0, x2);
            const low13 = Cells.zipLow8(x1, x3);
            v128.store(to, Cells.zipLow16(low02, low13));
            v128.store(to, Cells.zipHigh16(low02, low13), 16);
            const high02 = Cells.zipHigh8(x0, x2);
            const high13 = Cells.zipHigh8(x1, x3);
            v128.store(to, Cells.zipLow16(high02, high13), 32);
            v128.store(to, Cells.zipHigh16(high02, high13), 48);
          }
        }
        if (needsPads) Cells.repeat(to, paddedWidth - until, zeros);
        to += (<usize>(paddedWidth - until)) << 6;
      }
    }
    if (isSigned) {
      // A pass of its own: machines that take the bytes as unsigned shall not pay for it.
      const flip = i8x16.splat(-128);
      for (let cell = load<usize>(args, DepthwiseCellsArgs.scratch); cell < to; cell += 16) {
        v128.store(cell, v128.xor(v128.load(cell), flip));
      }
    }
  }

  /** Lists the pixels behind the cells. */
  static list(args: usize): usize {
    const scratch = load<usize>(args, DepthwiseCellsArgs.scratch);
    const outputWidth = load<usize>(args, DepthwiseCellsArgs.outputWidth);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const phases = load<usize>(args, DepthwiseCellsArgs.phases);
    const bands = load<usize>(args, DepthwiseCellsArgs.bands);
    const step = load<usize>(args, DepthwiseCellsArgs.strideX) << 6;
    const groupBytes = load<usize>(args, DepthwiseCellsArgs.paddedWidth) << 6;
    const bandBytes = load<usize>(args, DepthwiseCellsArgs.groupStep) * groupBytes;
    const groups = load<usize>(args, DepthwiseCellsArgs.groups);
    const pixels = scratch + (bands - 1) * bandBytes + groups * groupBytes;
    let at = pixels;
    for (let phase: usize = 0; phase < phases; phase++) {
      for (let band: usize = 0; band < bands; band++) {
        let cell = scratch + band * bandBytes;
        let place = (band * phases + phase) * outputWidth * channels;
        for (let x: usize = 0; x < outputWidth; x++, cell += step, place += channels, at += 8) {
          store<usize>(at, cell);
          store<usize>(at, place, 4);
        }
      }
    }
    return pixels;
  }

  @inline
  static repeat(to: usize, cells: i32, value: v128): void {
    const end = to + ((<usize>cells) << 6);
    for (; to < end; to += 16) v128.store(to, value);
  }

  @inline
  static zipLow8(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  }

  @inline
  static zipHigh8(a: v128, b: v128): v128 {
    return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }

  @inline
  static zipLow16(a: v128, b: v128): v128 {
    return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  }

  @inline
  static zipHigh16(a: v128, b: v128): v128 {
    return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  }
}
