import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { capabilities, load } from '../../src/index.ts';
import { findCapabilities } from '../../src/run/capabilities.ts';
import { nodeWorkers } from '../../src/run/workersNode.ts';

test('capabilities are what models run on, as plain data', async () => {
  const found = await capabilities();
  const model = await load('models/fashion-mnist.onnx');
  expect(found.binary).toBe(model.binary);
  expect(found.why).toContain('relaxed SIMD');
  expect(found.threads).toEqual({ available: true, max: availableParallelism() });
  expect(found.isolated).toBe(true);
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

test('what stands against threads is told', async () => {
  const workers = { ...nodeWorkers, whyNot: () => 'no sharing' };
  const { threads, isolated } = await findCapabilities(workers, false);
  expect(threads).toEqual({ available: false, max: 1, why: 'no sharing' });
  expect(isolated).toBe(false);
});
