import { CopyArgs } from '../arguments';
import { Bytes } from '../simd/bytes';
import { Run } from './run';
import { Walk } from './walk';

/*
 * output[...][row][column] = input[...][row][column], each side with strides of its own, in bytes.
 *
 *   axes    the outer axes for Walk, steps of the input and of the output
 *   state   scratch of Walk
 *   count   combinations of the outer axes
 *
 * The output lies nowhere in the input.
 */

/**
 * Contiguous columns on both sides: `columns` counts bytes.
 */
export function copy_runs(args: usize): void {
  const axes = load<usize>(args, CopyArgs.axes);
  const state = load<usize>(args, CopyArgs.state);
  const axisCount = load<usize>(args, CopyArgs.axisCount);
  const rows = load<usize>(args, CopyArgs.rows);
  const bytes = load<usize>(args, CopyArgs.columns);
  const inputRow = load<usize>(args, CopyArgs.inputRow);
  const outputRow = load<usize>(args, CopyArgs.outputRow);

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, CopyArgs.count); i > 0; i--) {
    let input = load<usize>(args, CopyArgs.input) + Walk.first(state);
    let output = load<usize>(args, CopyArgs.output) + Walk.second(state);
    for (let row: usize = 0; row < rows; row++) {
      Run.copy(output, input, bytes);
      input += inputRow;
      output += outputRow;
    }
    Walk.next(state, axes, axisCount);
  }
}

/**
 * Transposition of bytes: the input is contiguous along the rows' axis, the output along the
 * columns'. Tile: 16 rows by 8 columns.
 */
export function copy_x8_16x8(args: usize): void {
  const axes = load<usize>(args, CopyArgs.axes);
  const state = load<usize>(args, CopyArgs.state);
  const axisCount = load<usize>(args, CopyArgs.axisCount);
  const rows = load<usize>(args, CopyArgs.rows);
  const columns = load<usize>(args, CopyArgs.columns);
  const stride = load<usize>(args, CopyArgs.inputColumn);
  const outputRow = load<usize>(args, CopyArgs.outputRow);

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, CopyArgs.count); i > 0; i--) {
    const input = load<usize>(args, CopyArgs.input) + Walk.first(state);
    let output = load<usize>(args, CopyArgs.output) + Walk.second(state);
    let row: usize = 0;
    for (; row + 16 <= rows; row += 16) {
      let from = input + row;
      let to = output;
      let column = columns & ~7;
      Bytes.store16(to, outputRow, from, stride, column);
      from += column * stride;
      to += column;
      for (; column < columns; column++) {
        let target = to;
        for (let j: usize = 0; j < 16; j++) {
          store<u8>(target, load<u8>(from + j));
          target += outputRow;
        }
        from += stride;
        to++;
      }
      output += outputRow << 4;
    }
    for (; row < rows; row++) {
      Strided.row<u8>(input + row, output, columns, stride, 1);
      output += outputRow;
    }
    Walk.next(state, axes, axisCount);
  }
}

/**
 * Transposition of three planes of bytes to pixels that lie together: 16 rows or more of 3 columns.
 * Tile: 16 rows.
 */
export function copy_x8_16x3(args: usize): void {
  const axes = load<usize>(args, CopyArgs.axes);
  const state = load<usize>(args, CopyArgs.state);
  const axisCount = load<usize>(args, CopyArgs.axisCount);
  const rows = load<usize>(args, CopyArgs.rows);
  const plane = load<usize>(args, CopyArgs.inputColumn);

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, CopyArgs.count); i > 0; i--) {
    const input = load<usize>(args, CopyArgs.input) + Walk.first(state);
    const output = load<usize>(args, CopyArgs.output) + Walk.second(state);
    for (let row: usize = 0; row < rows; row += 16) {
      // The last tile may cover rows of the one before: they come out the same.
      const at = min(row, rows - 16);
      const from = input + at;
      const a = v128.load(from);
      const b = v128.load(from + plane);
      const c = v128.load(from + (plane << 1));
      const to = output + at + (at << 1);
      const low = i8x16.shuffle(a, b, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
      v128.store(
        to,
        i8x16.shuffle(low, c, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15),
      );
      const middle = i8x16.shuffle(a, b, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
      v128.store(
        to,
        i8x16.shuffle(middle, c, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15),
        16,
      );
      const high = i8x16.shuffle(a, b, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
      v128.store(
        to,
        i8x16.shuffle(high, c, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31),
        32,
      );
    }
    Walk.next(state, axes, axisCount);
  }
}

/**
 * Transposition of 4-byte elements, as copy_x8_16x8. Tile: 4 rows by 4 columns.
 */
export function copy_x32_4x4(args: usize): void {
  const axes = load<usize>(args, CopyArgs.axes);
  const state = load<usize>(args, CopyArgs.state);
  const axisCount = load<usize>(args, CopyArgs.axisCount);
  const rows = load<usize>(args, CopyArgs.rows);
  const columns = load<usize>(args, CopyArgs.columns);
  const stride = load<usize>(args, CopyArgs.inputColumn);
  const outputRow = load<usize>(args, CopyArgs.outputRow);

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, CopyArgs.count); i > 0; i--) {
    let input = load<usize>(args, CopyArgs.input) + Walk.first(state);
    let output = load<usize>(args, CopyArgs.output) + Walk.second(state);
    let row: usize = 0;
    for (; row + 4 <= rows; row += 4) {
      let from = input;
      let to = output;
      let column: usize = 0;
      for (; column + 4 <= columns; column += 4) {
        const a = v128.load(from);
        const b = v128.load(from + stride);
        const c = v128.load(from + (stride << 1));
        const d = v128.load(from + (stride << 1) + stride);
        const ab01 = i32x4.shuffle(a, b, 0, 4, 1, 5);
        const ab23 = i32x4.shuffle(a, b, 2, 6, 3, 7);
        const cd01 = i32x4.shuffle(c, d, 0, 4, 1, 5);
        const cd23 = i32x4.shuffle(c, d, 2, 6, 3, 7);
        v128.store(to, i64x2.shuffle(ab01, cd01, 0, 2));
        v128.store(to + outputRow, i64x2.shuffle(ab01, cd01, 1, 3));
        v128.store(to + (outputRow << 1), i64x2.shuffle(ab23, cd23, 0, 2));
        v128.store(to + (outputRow << 1) + outputRow, i64x2.shuffle(ab23, cd23, 1, 3));
        from += stride << 2;
        to += 16;
      }
      for (; column < columns; column++) {
        store<u32>(to, load<u32>(from));
        store<u32>(to + outputRow, load<u32>(from, 4));
        store<u32>(to + (outputRow << 1), load<u32>(from, 8));
        store<u32>(to + (outputRow << 1) + outputRow, load<u32>(from, 12));
        from += stride;
        to += 4;
      }
      input += 16;
      output += outputRow << 2;
    }
    for (; row < rows; row++) {
      Strided.row<u32>(input, output, columns, stride, 4);
      input += 4;
      output += outputRow;
    }
    Walk.next(state, axes, axisCount);
  }
}

/**
 * Whatever comes, element by element.
 */
export function copy_strided(args: usize): void {
  const axes = load<usize>(args, CopyArgs.axes);
  const state = load<usize>(args, CopyArgs.state);
  const axisCount = load<usize>(args, CopyArgs.axisCount);
  const rows = load<usize>(args, CopyArgs.rows);
  const columns = load<usize>(args, CopyArgs.columns);
  const inputColumn = load<usize>(args, CopyArgs.inputColumn);
  const outputColumn = load<usize>(args, CopyArgs.outputColumn);
  const inputRow = load<usize>(args, CopyArgs.inputRow);
  const outputRow = load<usize>(args, CopyArgs.outputRow);
  const elementBytes = load<u32>(args, CopyArgs.elementBytes);

  Walk.start(state, axisCount);
  for (let i = load<usize>(args, CopyArgs.count); i > 0; i--) {
    let input = load<usize>(args, CopyArgs.input) + Walk.first(state);
    let output = load<usize>(args, CopyArgs.output) + Walk.second(state);
    for (let row: usize = 0; row < rows; row++) {
      if (elementBytes === 1) {
        Strided.row<u8>(input, output, columns, inputColumn, outputColumn);
      } else if (elementBytes === 2) {
        Strided.row<u16>(input, output, columns, inputColumn, outputColumn);
      } else if (elementBytes === 4) {
        Strided.row<u32>(input, output, columns, inputColumn, outputColumn);
      } else {
        Strided.row<u64>(input, output, columns, inputColumn, outputColumn);
      }
      input += inputRow;
      output += outputRow;
    }
    Walk.next(state, axes, axisCount);
  }
}

class Strided {
  @inline
  static row<T>(
    input: usize,
    output: usize,
    columns: usize,
    inputColumn: usize,
    outputColumn: usize,
  ): void {
    for (let column: usize = 0; column < columns; column++) {
      store<T>(output, load<T>(input));
      input += inputColumn;
      output += outputColumn;
    }
  }
}
