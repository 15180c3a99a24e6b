/** Copies of contiguous bytes that do not overlap. */
export class Run {
  /** Short runs on the spot: the call behind memory.copy would cost more than the bytes. */
  @inline
  static copy(output: usize, input: usize, bytes: usize): void {
    if (bytes >= 128) {
      memory.copy(output, input, bytes);
    } else if (bytes >= 16) {
      const last = bytes - 16;
      for (let i: usize = 0; i < last; i += 16) v128.store(output + i, v128.load(input + i));
      v128.store(output + last, v128.load(input + last));
    } else if (bytes >= 8) {
      store<u64>(output, load<u64>(input));
      store<u64>(output + bytes - 8, load<u64>(input + bytes - 8));
    } else if (bytes >= 4) {
      store<u32>(output, load<u32>(input));
      store<u32>(output + bytes - 4, load<u32>(input + bytes - 4));
    } else {
      for (let i: usize = 0; i < bytes; i++) store<u8>(output + i, load<u8>(input + i));
    }
  }
}
