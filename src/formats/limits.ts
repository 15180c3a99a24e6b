/**
 * Bounds on what a file may ask for before anything is built. Real networks stay far below; a
 * header that lies about a length meets them before it meets the machine's memory.
 */
export const limits = {
  tensors: 1 << 17,
  nodes: 1 << 16,
  /** Inputs or outputs of one node. */
  operands: 1 << 10,
  rank: 8,
  /** Of one tensor: addresses in a wasm memory and our counters hold signed 32 bits. */
  elements: 2 ** 31 - 1,
  /** Bytes of the constants that an importer writes anew, for a file of `fileBytes` bytes. */
  copiedBytes: (fileBytes: number): number => 16 * fileBytes + (1 << 24),
} as const;
