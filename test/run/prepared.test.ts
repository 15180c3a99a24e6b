import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { countedBytes, load } from '../../src/index.ts';

/** As in pages of older browsers, which compile more than 4 kB only beside the page. */
const SmallModule = new Proxy(WebAssembly.Module, {
  construct(target, [bytes]: [BufferSource]) {
    if (bytes.byteLength > 4096)
      throw new RangeError(`${bytes.byteLength} bytes on the main thread`);
    return new target(bytes);
  },
});

beforeAll(() => void vi.stubGlobal('WebAssembly', { ...allOf(WebAssembly), Module: SmallModule }));
afterAll(() => void vi.unstubAllGlobals());

function allOf(namespace: typeof WebAssembly) {
  return Object.fromEntries(
    Object.getOwnPropertyNames(namespace).map((name) => [name, Reflect.get(namespace, name)]),
  );
}

const bytes = new Uint8Array(readFileSync('models/fashion-mnist.onnx'));

test('a page loads and counts without compiling a large binary on the spot', async () => {
  const energy = await countedBytes(bytes);
  using model = await load(bytes);
  expect(energy().macs).toEqual(model.energy().macs);
});
