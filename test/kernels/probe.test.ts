import { expect, test } from 'vitest';
import { compile, supports } from '../../src/kernels/binaries.ts';
import { probeDots } from '../../src/kernels/probe.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { convCase } from '../assembly/int8/convCase.ts';

test('the baseline form of the dot is exact, so the probe would take it', async () => {
  expect(probeDots(await compile('baseline'))).toBe('unsigned');
});

test.runIf(supports('relaxed'))('the relaxed form gives one answer, however often', async () => {
  const module = await compile('relaxed');
  expect(probeDots(module)).toMatch(/^(unsigned|none)$/);
  expect(probeDots(module)).toBe(probeDots(module));
});

test('dots of bytes are chosen where the machine has them, and nowhere else', () => {
  const { work } = convCase({});
  expect(chooseKernel(work, 'conv', 'unsigned').kernel.name).toBe('conv_u8u8_6x8c4');
  expect(chooseKernel(work, 'conv', 'none').kernel.name).toBe('conv_u8u8_4x8');
});
