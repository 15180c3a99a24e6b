import { expect, test } from 'vitest';
import { load } from '../../src/index.ts';

// In a file of its own: what other tests pass to `run` would shape what the engine makes of it.
test('a run of one input allocates nothing, once the engine has compiled it', async () => {
  const model = await load('models/fashion-mnist.onnx');
  const input = new Uint8Array(28 * 28).fill(60);
  const runs = 500;
  let clean = 0;
  for (let window = 0; window < 400 && clean < 3; window++) {
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < runs; i++) model.run(input);
    const bytes = process.memoryUsage().heapUsed - before;
    // An empty array a run would be 16 bytes; asking for the memory in use takes some itself.
    clean = bytes >= 0 && bytes < runs * 12 ? clean + 1 : 0;
  }
  expect(clean).toBe(3);
});
