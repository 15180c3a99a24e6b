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
