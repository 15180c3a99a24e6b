import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile, supports } from '../../src/kernels/binaries.ts';
import { type Dots, isExactWith } from '../../src/kernels/kernel.ts';
import { confirmDots, probeDots } from '../../src/kernels/probe.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { convCase } from '../assembly/int8/convCase.ts';

const dotsOf = { baseline: 'none', unsigned: 'unsigned', signed: 'signed' } as const;

test.each(['unsigned', 'signed'] as const)('finds %s bytes where they are emulated', (reading) => {
  const module = new WebAssembly.Module(readFileSync(`build/kernels.${reading}.wasm`));
  expect(probeDots(module)).toEqual({ quads: reading, pairs: reading });
});

test('finds nothing in the baseline binary', async () => {
  const none = dotsOf.baseline;
  expect(probeDots(await compile('baseline'))).toEqual({ quads: none, pairs: none });
});

test.runIf(supports('relaxed'))('the relaxed binary gives one answer, however often', async () => {
  const module = await compile('relaxed');
  const first = probeDots(module);
  expect(first.quads).toMatch(/^(unsigned|signed|none)$/);
  expect(first.pairs).toMatch(/^(unsigned|signed)$/);
  // More turns than it takes until the optimizing compiler has replaced the first form.
  for (let look = 0; look < 100; look++) expect(confirmDots(module)).toBe(true);
});

test('a kernel runs where every dot that it is made of is as it must be', () => {
  const saturating = { quads: 'none', pairs: 'unsigned' } as const;
  expect(isExactWith(saturating, {})).toBe(true);
  expect(isExactWith(saturating, { dots: { pairs: 'unsigned' } })).toBe(true);
  expect(isExactWith(saturating, { dots: { pairs: 'signed' } })).toBe(false);
  expect(isExactWith(saturating, { dots: { quads: 'unsigned' } })).toBe(false);
  const mixed = { quads: 'signed', pairs: 'unsigned' } as const;
  expect(isExactWith(mixed, { dots: { quads: 'signed', pairs: 'unsigned' } })).toBe(true);
  expect(isExactWith(mixed, { dots: { quads: 'signed', pairs: 'signed' } })).toBe(false);
});

test('dots of bytes are chosen where the machine has them, and nowhere else', () => {
  const { work } = convCase({});
  const small = { ...work, weights: work.weights.map((weight) => weight >> 1) };
  const chosen = (quads: Dots['quads'], pairs: Dots['pairs'], of = work) =>
    chooseKernel(of, 'conv', { quads, pairs }).kernel.name;
  expect(chosen('unsigned', 'unsigned')).toBe('conv_u8_6x8c4');
  expect(chosen('signed', 'unsigned')).toBe('conv_u8_6x8c4s');
  expect(chosen('none', 'unsigned', small)).toBe('conv_u8_2x16c4');
  // Too many pairs of weights whose products leave 16 bits.
  expect(chosen('none', 'unsigned')).toBe('conv_u8_2x16');
  expect(chosen('none', 'none', small)).toBe('conv_u8_2x16');
});
