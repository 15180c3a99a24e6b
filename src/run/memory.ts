import type { Layout } from '../plan/plan.ts';

const pageBytes = 65536;

/** A memory that holds what the plan says, of just the size that it needs. */
export function makeMemory({ plan, initial }: Layout, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(plan.memoryBytes / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  const bytes = new Uint8Array(memory.buffer);
  for (const { address, bytes: content } of initial) bytes.set(content, address);
  return memory;
}
