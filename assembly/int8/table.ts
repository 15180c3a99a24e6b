import { TableArgs } from '../arguments';

/**
 * output[i] = table[input[i]], 256 entries.
 *
 *   input   u8 [count]
 *   table   u8 [256]
 *   output  u8 [count], may be the input
 */
export function table_u8(args: usize): void {
  let input = load<usize>(args, TableArgs.input);
  let output = load<usize>(args, TableArgs.output);
  const table = load<usize>(args, TableArgs.table);
  const end = input + load<usize>(args, TableArgs.count);
  while (input < end) {
    store<u8>(output, load<u8>(table + load<u8>(input)));
    input++;
    output++;
  }
}
