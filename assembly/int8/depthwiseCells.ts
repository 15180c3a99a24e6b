import { DepthwiseCellsArgs } from '../arguments';

/**
 * Input maps as cells: one column of one group of rows, for 16 channels, each channel's rows side
 * by side. A dot over them is a dot down a kernel's column, whatever its width, stride or padding.
 *
 *   cells   T [band][groups][paddedWidth][16][rows], 64 bytes a cell
 *
 * T is u8 and the rows are 4, in the order 0, 2, 1, 3; or i16 and 2. Group g of band j holds the
 * padded input's rows j * phases * strideY + (g * rows + i) * dilationY.
 */
export class Cells {
  /** Writes `bands` bands from the output row `y` on, 16 channels of them; `from` is the image's first. */
  static fill<T>(args: usize, from: usize, y: usize, bands: usize): void {
    const inputHeight = load<i32>(args, DepthwiseCellsArgs.inputHeight);
    const inputWidth = load<i32>(args, DepthwiseCellsArgs.inputWidth);
    const channels = load<usize>(args, DepthwiseCellsArgs.channels);
    const padLeft = load<i32>(args, DepthwiseCellsArgs.padLeft);
    const paddedWidth = load<i32>(args, DepthwiseCellsArgs.paddedWidth);
    const groups = load<i32>(args, DepthwiseCellsArgs.groups);
    const dilationY = load<i32>(args, DepthwiseCellsArgs.dilationY);
    const strideY = load<i32>(args, DepthwiseCellsArgs.strideY);
    const parameters = load<usize>(args, DepthwiseCellsArgs.parameters);
    const bandStep = load<i32>(args, DepthwiseCellsArgs.phases) * strideY;
    const flip = v128.load(parameters, 80);
    let to = load<usize>(args, DepthwiseCellsArgs.scratch);

    const before = max(0, min(padLeft, paddedWidth));
    const until = max(before, min(paddedWidth, padLeft + inputWidth));
    const skipped = <usize>max(0, -padLeft) * channels;
    let bandRow = <i32>y * strideY - load<i32>(args, DepthwiseCellsArgs.padTop);
    for (; bands > 0; bands--, bandRow += bandStep) {
      for (let group = 0; group < groups; group++) {
        const zero = parameters + 64;
        const row0 = bandRow + group * (sizeof<T>() === 2 ? 2 : 4) * dilationY;
        const input = from + skipped;
        const rowBytes = <usize>inputWidth * channels;
        const zeros = Cells.padding<T>(v128.load(zero), flip);
        for (const end = to + ((<usize>before) << 6); to < end; to += 64) Cells.repeat(to, zeros);
        const end = to + ((<usize>(until - before)) << 6);
        // Rows outside the input stand still on one cell of zero points.
        let has = <u32>row0 < <u32>inputHeight;
        let a = has ? input + <usize>row0 * rowBytes : zero;
        const aStep = has ? channels : 0;
        const row1 = row0 + dilationY;
        has = <u32>row1 < <u32>inputHeight;
        let b = has ? input + <usize>row1 * rowBytes : zero;
        const bStep = has ? channels : 0;
        if (sizeof<T>() === 2) {
          for (; to < end; to += 64, a += aStep, b += bStep) {
            const x0 = v128.load(a);
            const x1 = v128.load(b);
            const low = i8x16.shuffle(
              x0,
              x1,
              0,
              16,
              1,
              17,
              2,
              18,
              3,
              19,
              4,
              20,
              5,
              21,
              6,
              22,
              7,
              23,
            );
            const high = i8x16.shuffle(
              x0,
              x1,
              8,
              24,
              9,
              25,
              10,
              26,
              11,
              27,
              12,
              28,
              13,
              29,
              14,
              30,
              15,
              31,
            );
            v128.store(to, i16x8.extend_low_i8x16_u(low));
            v128.store(to, i16x8.extend_high_i8x16_u(low), 16);
            v128.store(to, i16x8.extend_low_i8x16_u(high), 32);
            v128.store(to, i16x8.extend_high_i8x16_u(high), 48);
          }
        } else {
          const row2 = row1 + dilationY;
          has = <u32>row2 < <u32>inputHeight;
          let c = has ? input + <usize>row2 * rowBytes : zero;
          const cStep = has ? channels : 0;
          const row3 = row2 + dilationY;
          has = <u32>row3 < <u32>inputHeight;
          let d = has ? input + <usize>row3 * rowBytes : zero;
          const dStep = has ? channels : 0;
          for (; to < end; to += 64, a += aStep, b += bStep, c += cStep, d += dStep) {
            const x0 = v128.xor(v128.load(a), flip);
            const x1 = v128.xor(v128.load(b), flip);
            const x2 = v128.xor(v128.load(c), flip);
            const x3 = v128.xor(v128.load(d), flip);
            const low02 = i8x16.shuffle(
              x0,
              x2,
              0,
              16,
              1,
              17,
              2,
              18,
              3,
              19,
              4,
              20,
              5,
              21,
              6,
              22,
              7,
              23,
            );
            const low13 = i8x16.shuffle(
              x1,
              x3,
              0,
              16,
              1,
              17,
              2,
              18,
              3,
              19,
              4,
              20,
              5,
              21,
              6,
              22,
              7,
              23,
            );
            v128.store(to, i16x8.shuffle(low02, low13, 0, 8, 1, 9, 2, 10, 3, 11));
            v128.store(to, i16x8.shuffle(low02, low13, 4, 12, 5, 13, 6, 14, 7, 15), 16);
            const high02 = i8x16.shuffle(
              x0,
              x2,
              8,
              24,
              9,
              25,
              10,
              26,
              11,
              27,
              12,
              28,
              13,
              29,
              14,
              30,
              15,
              31,
            );
            const high13 = i8x16.shuffle(
              x1,
              x3,
              8,
              24,
              9,
              25,
              10,
              26,
              11,
              27,
              12,
              28,
              13,
              29,
              14,
              30,
              15,
              31,
            );
            v128.store(to, i16x8.shuffle(high02, high13, 0, 8, 1, 9, 2, 10, 3, 11), 32);
            v128.store(to, i16x8.shuffle(high02, high13, 4, 12, 5, 13, 6, 14, 7, 15), 48);
          }
        }
        for (const last = to + ((<usize>(paddedWidth - until)) << 6); to < last; to += 64)
          Cells.repeat(to, zeros);
      }
    }
  }

  @inline
  static padding<T>(zeroPoints: v128, flip: v128): v128 {
    return sizeof<T>() === 2 ? i16x8.extend_low_i8x16_u(zeroPoints) : v128.xor(zeroPoints, flip);
  }

  @inline
  static repeat(to: usize, value: v128): void {
    v128.store(to, value);
    v128.store(to, value, 16);
    v128.store(to, value, 32);
    v128.store(to, value, 48);
  }
}
