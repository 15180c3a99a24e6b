import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withSharedMemory } from '../../src/kernels/sharedMemory.ts';
import { takeApart } from '../wasmFile.ts';

test.each(['kernels.wasm', 'kernels.relaxed.wasm'])('%s takes a shared memory', (file) => {
  const own = new Uint8Array(readFileSync(`build/${file}`));
  const shared = withSharedMemory(own);
  expect(takeApart(shared).memory).toEqual({ flags: 3, minimum: 1, maximum: 65536 });
  expect(Array.from(shared.filter((byte, i) => byte !== own[i]))).toEqual([3]);
  // Node 20 does not know the relaxed instructions.
  if (!WebAssembly.validate(own)) return;
  const memory = (shared: boolean) => new WebAssembly.Memory({ initial: 2, maximum: 2, shared });
  const run = (bytes: Uint8Array<ArrayBuffer>, shared: boolean): unknown =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: memory(shared) } });
  run(own, false);
  run(shared, true);
  expect(() => run(own, true)).toThrow(WebAssembly.LinkError);
  expect(() => run(shared, false)).toThrow(WebAssembly.LinkError);
});

test('a binary without such an import is refused', () => {
  const file = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  expect(() => withSharedMemory(file)).toThrow('no memory import');
});
