import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile, supports } from '../../src/kernels/binaries.ts';
import { type Dots, isExactWith, noDots } from '../../src/kernels/kernel.ts';
import { confirmDots, dotsOf, probeDots } from '../../src/kernels/probe.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { convCase } from '../assembly/int8/convCase.ts';

const saturate = (sum: number) => Math.max(-32768, Math.min(32767, sum));
const wrap = (sum: number) => (sum << 16) >> 16;
const exactly = (sum: number) => sum;

const unsigned = (a: number, b: number) => a * b;
const signed = (a: number, b: number) => a * ((b << 24) >> 24);
/** Of the first one's absolute value, the sign given to the second: to -128 too, whose is lost. */
const bySign = (a: number, b: number) => Math.abs(a) * (((b * Math.sign(a)) << 24) >> 24);

/** A machine by its products, what becomes of sums of two, and of these in sums of four. */
function machine(product: typeof signed, ofPairs = wrap, inQuads = exactly, ofQuads = exactly) {
  return (a: readonly number[], b: readonly number[]) => {
    const products = a.map((x, i) => product(x, b[i]!));
    const sums = Array.from({ length: 8 }, (_, i) => products[2 * i]! + products[2 * i + 1]!);
    const four = (lane: number) => inQuads(sums[2 * lane]!) + inQuads(sums[2 * lane + 1]!);
    return {
      quads: Array.from({ length: 4 }, (_, lane) => ofQuads(four(lane))),
      pairs: sums.map(ofPairs),
    };
  };
}

test.each([
  ['AVX-VNNI', machine(unsigned, saturate), 'unsigned', 'unsigned'],
  ['SSSE3', machine(unsigned, saturate, saturate), 'none', 'unsigned'],
  ['unsigned pairs that wrap', machine(unsigned, wrap, wrap), 'none', 'unsigned'],
  ['Arm with DOTPROD', machine(signed), 'signed', 'signed'],
  ['Arm without', machine(signed, wrap, wrap), 'signed', 'signed'],
  ['signs apart from products', machine(bySign), 'none', 'none'],
  ['quads of 16 bits', machine(signed, wrap, exactly, wrap), 'none', 'signed'],
  ['pairs of 15 bits', machine(signed, (sum) => (sum << 17) >> 17), 'signed', 'none'],
] as const)('%s', (_, machine, quads, pairs) => {
  expect(dotsOf(machine)).toEqual({ quads, pairs });
});

test('quads signed, pairs unsigned: AVX-VNNI-INT8', () => {
  const mixed = (a: readonly number[], b: readonly number[]) => ({
    quads: machine(signed)(a, b).quads,
    pairs: machine(unsigned, saturate)(a, b).pairs,
  });
  expect(dotsOf(mixed)).toEqual({ quads: 'signed', pairs: 'unsigned' });
});

test.each(['unsigned', 'signed'] as const)('finds %s bytes where they are emulated', (reading) => {
  const module = new WebAssembly.Module(readFileSync(`build/kernels.${reading}.wasm`));
  expect(probeDots(module)).toEqual({ quads: reading, pairs: reading });
});

test('finds nothing in the baseline binary', async () => {
  expect(probeDots(await compile('baseline'))).toEqual(noDots);
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
  const chosen = (quads: Dots['quads'], pairs: Dots['pairs']) =>
    chooseKernel(work, 'conv', { quads, pairs }).kernel.name;
  expect(chosen('unsigned', 'unsigned')).toBe('conv_u8_6x8c4');
  expect(chosen('signed', 'unsigned')).toBe('conv_u8_6x8c4s');
  expect(chosen('none', 'unsigned')).toBe('conv_u8_2x16c4');
  expect(chosen('none', 'none')).toBe('conv_u8_2x16');
});
