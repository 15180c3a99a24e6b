import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bytesOf, supports } from '../../src/kernels/binaries.ts';

const files = { baseline: 'kernels.wasm', relaxed: 'kernels.relaxed.wasm' } as const;

test.each(['baseline', 'relaxed'] as const)(
  '%s: a few bytes tell what the binary would',
  (name) => {
    expect(supports(name)).toBe(WebAssembly.validate(bytesOf(name)));
  },
);

test.each(['baseline', 'relaxed'] as const)('%s is decoded to the file', (name) => {
  const file = readFileSync(`build/${files[name]}`);
  expect(Buffer.compare(bytesOf(name), file)).toBe(0);
});
