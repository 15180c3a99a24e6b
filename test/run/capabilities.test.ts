import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { capabilities, load } from '../../src/index.ts';
import type { Dots } from '../../src/kernels/kernel.ts';
import { findCapabilities } from '../../src/run/capabilities.ts';
import { kernelClassOf } from '../../src/run/machine.ts';
import { nodeWorkers } from '../../src/run/workersNode.ts';

test('capabilities are what models run on, as plain data', async () => {
  const found = await capabilities();
  const model = await load('models/fashion-mnist.onnx');
  expect(found.binary).toBe(model.binary);
  expect(found.why).toMatch(/relaxed (SIMD|dot products)/);
  if (found.binary === 'baseline') expect(found.kernelClass).toBe('baseline');
  else expect(found.kernelClass).toMatch(/^(baseline|saturating|unsigned|signed)$/);
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

test('the class follows from what the dots compute', () => {
  const classOf = (quads: Dots['quads'], pairs: Dots['pairs']) =>
    kernelClassOf({ binary: 'relaxed', dots: { quads, pairs } });
  expect(classOf('none', 'none')).toBe('baseline');
  expect(classOf('none', 'signed')).toBe('baseline');
  expect(classOf('none', 'unsigned')).toBe('saturating');
  expect(classOf('unsigned', 'unsigned')).toBe('unsigned');
  expect(classOf('signed', 'unsigned')).toBe('signed');
});
