import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { attempt } from './attempt.ts';

/** Mutants that once hung or crashed, named for the cause, and a part of what refuses them now. */
const refusals: Readonly<Record<string, string>> = {
  'gemm-int64-bias.onnx': 'Gemm_19: got an operand of int64, expected float',
  'resize-to-millions-of-rows.onnx': 'Resize_15: got size 8388617x7',
};

const folder = 'test/fixtures/mutants';

test.each(readdirSync(folder))('%s is refused', async (file) => {
  const { kind, message } = await attempt(new Uint8Array(readFileSync(`${folder}/${file}`)));
  expect(kind, message).toBe('refused');
  expect(refusals[file]).toBeDefined();
  expect(message).toContain(refusals[file]);
});
