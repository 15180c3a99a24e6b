import { TableArgs } from '../arguments';

/**
 * output[i] = table[input[i]], 256 entries. Eight at a time, one by one: lookups by i8x16.swizzle,
 * 16 of them for each vector, are no faster than the plain loop.
 *
 *   input   u8 [count]
 *   table   u8 [256]
 *   output  u8 [count], may be the input
 */
export function table_u8(args: usize): void {
  let input = load<usize>(args, TableArgs.input);
  let output = load<usize>(args, TableArgs.output);
  const table = load<usize>(args, TableArgs.table);
  let left = load<usize>(args, TableArgs.count);
  for (; left >= 8; left -= 8) {
    store<u8>(output, load<u8>(table + load<u8>(input)));
    store<u8>(output, load<u8>(table + load<u8>(input, 1)), 1);
    store<u8>(output, load<u8>(table + load<u8>(input, 2)), 2);
    store<u8>(output, load<u8>(table + load<u8>(input, 3)), 3);
    store<u8>(output, load<u8>(table + load<u8>(input, 4)), 4);
    store<u8>(output, load<u8>(table + load<u8>(input, 5)), 5);
    store<u8>(output, load<u8>(table + load<u8>(input, 6)), 6);
    store<u8>(output, load<u8>(table + load<u8>(input, 7)), 7);
    input += 8;
    output += 8;
  }
  for (; left > 0; left--) {
    store<u8>(output, load<u8>(table + load<u8>(input)));
    input++;
    output++;
  }
}

/**
 * output[i] = input[i] xor 128, between int8 and uint8 numbers that stand 128 higher; the table is
 * not read.
 */
export function flip_u8(args: usize): void {
  let input = load<usize>(args, TableArgs.input);
  let output = load<usize>(args, TableArgs.output);
  const end = input + load<usize>(args, TableArgs.count);
  const flip = i8x16.splat(-128);
  for (; input + 16 <= end; input += 16, output += 16)
    v128.store(output, v128.xor(v128.load(input), flip));
  for (; input < end; input++, output++) store<u8>(output, load<u8>(input) ^ 128);
}

/**
 * A table that is a hard-swish of scales made for it: with a = input - zeroPoint,
 *
 *   output[i] = clamp(a * clamp(a + half, 0, 2 * half) + bias >> 7)
 *
 *   input   u8 [count], count a multiple of 16
 *   table   u8 zeroPoint - half, u8 2 * half, i16 zeroPoint, i16 bias
 *
 * bias = 128 * the result's zero point + 64. |a * clamp(...) + bias| stays below 2^15.
 */
export function hard_swish_u8(args: usize): void {
  let input = load<usize>(args, TableArgs.input);
  let output = load<usize>(args, TableArgs.output);
  const table = load<usize>(args, TableArgs.table);
  const start = v128.load8_splat(table);
  const whole = v128.load8_splat(table, 1);
  const zeroPoint = v128.load16_splat(table, 2);
  const bias = v128.load16_splat(table, 4);
  for (let left = load<usize>(args, TableArgs.count); left > 0; left -= 16) {
    const bytes = v128.load(input);
    const gate = i8x16.min_u(i8x16.sub_sat_u(bytes, start), whole);
    const low = i16x8.mul(
      i16x8.sub(i16x8.extend_low_i8x16_u(bytes), zeroPoint),
      i16x8.extend_low_i8x16_u(gate),
    );
    const high = i16x8.mul(
      i16x8.sub(i16x8.extend_high_i8x16_u(bytes), zeroPoint),
      i16x8.extend_high_i8x16_u(gate),
    );
    const low7 = i16x8.shr_s(i16x8.add(low, bias), 7);
    const high7 = i16x8.shr_s(i16x8.add(high, bias), 7);
    v128.store(output, i8x16.narrow_i16x8_u(low7, high7));
    input += 16;
    output += 16;
  }
}
