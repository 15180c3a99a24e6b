/** 'env', 'memory', and that it is a memory: what stands before its limits in the import section. */
const importOfMemory = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];
const hasMaximum = 1;
const isShared = 2;

/**
 * The binary with its memory import declared shared: one bit of one byte. An import takes memories of
 * one kind only, and the instructions are the same for both.
 */
export function withSharedMemory(binary: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = binary.findIndex((_, i) => importOfMemory.every((byte, j) => binary[i + j] === byte));
  const flags = at + importOfMemory.length;
  if (at < 0 || binary[flags] !== hasMaximum) throw new Error('no memory import with a maximum');
  const shared = binary.slice();
  shared[flags] = hasMaximum | isShared;
  return shared;
}
