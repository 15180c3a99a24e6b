/**
 * The argument blocks of the kernels, one definition for both sides of the wasm border: byte
 * offsets from the pointer that a kernel gets. Every field is 4 bytes, an address or an integer.
 */

/** 256-entry table, int8/table.ts. */
export enum TableArgs {
  input = 0,
  output = 4,
  table = 8,
  count = 12,
}
