import { describe, expect, test } from 'vitest';
import { type Dots, noDots } from '../../src/kernels/kernel.ts';
import { sumsLayout } from '../../src/kernels/sumsLayout.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { type TernaryOptions, ternaryCase } from '../assembly/ternary/ternaryCase.ts';

const saturating: Dots = { quads: 'none', pairs: 'unsigned' };
const unsigned: Dots = { quads: 'unsigned', pairs: 'unsigned' };
const signed: Dots = { quads: 'signed', pairs: 'signed' };

function chosen(dots: Dots, options: TernaryOptions): string {
  return chooseKernel(ternaryCase(options).work, 'test', dots).kernel.name;
}

const wide = { map: [14, 14], channels: 256, outputs: 256 } as const;
const pixel = { map: [1, 1], channels: 256, outputs: 256 } as const;
const window = { kernel: [3, 3], pads: [1, 1, 1, 1], map: [28, 28] } as const;
const direct = { ...window, channels: 64, outputs: 64 } as const;

describe('of ternary weights a layer takes', () => {
  test('lists on maps, whatever the machine has of dots, if there are zeros enough', () => {
    expect(chosen(saturating, wide)).toBe('conv_u8t2_sums_32p');
    expect(chosen(noDots, wide)).toBe('conv_u8t2_sums_32');
    for (const [dots, name] of [
      [unsigned, 'conv_u8t2_sums_32q'],
      [signed, 'conv_u8t2_sums_32s'],
    ] as const) {
      expect(chosen(dots, { ...wide, zeros: 0.9 })).toBe(name);
      expect(chosen(dots, { ...wide, channels: 64, outputs: 64 })).not.toContain('t2');
    }
  });

  test('products where there are few pixels', () => {
    expect(chosen(saturating, pixel)).toBe('conv_u8t2_2x16c4');
    expect(chosen(noDots, pixel)).toBe('conv_u8t2_2x32');
    expect(chosen(unsigned, pixel)).toBe('conv_u8_6x8c4');
    expect(chosen(signed, pixel)).toBe('conv_u8_6x8c4s');
  });

  test('a quarter of the products by Winograd, unless most are with zeros', () => {
    for (const dots of [saturating, noDots]) {
      expect(chosen(dots, direct)).toBe('conv_u8_winograd_4x4');
      expect(chosen(dots, { ...direct, zeros: 0.9 })).toContain('conv_u8t2_sums_32');
      expect(chosen(dots, { ...direct, stride: [2, 2] })).toContain('u8t2');
    }
  });

  test('a kernel for any weights where its numbers are no single one, and large', () => {
    for (const dots of [saturating, noDots]) {
      expect(chosen(dots, { ...wide, plus: 9, minus: 9 })).toContain('conv_u8t2_sums_32');
      expect(chosen(dots, { ...wide, plus: 127, minus: 90 })).not.toContain('t2');
    }
    expect(chosen(saturating, { ...wide, plus: 2, minus: 1 })).toBe('conv_u8t2_2x16c4');
    expect(chosen(noDots, { ...wide, plus: 2, minus: 1 })).toBe('conv_u8_2x16');
    expect(chosen(saturating, { ...wide, type: 'f32' })).toBe('conv_u8t2_2x16c4');
    expect(chosen(noDots, { ...wide, type: 'f32' })).toBe('conv_u8t2_2x32');
    expect(chosen(noDots, { ...wide, isOpen: true })).toBe('conv_u8_2x16');
  });
});

test('chunks hold as many weights as 16 bits hold the sum of', () => {
  const layout = (channels: number, zeros: number, tupleSize: 1 | 2 | 3) => {
    const { work } = ternaryCase({ map: [1, 1], channels, outputs: 16, zeros });
    const { chunkTuples, chunkCount } = sumsLayout(work, tupleSize);
    return [chunkTuples, chunkCount];
  };
  expect(layout(255, 0, 1)).toEqual([255, 1]);
  expect(layout(256, 0, 1)).toEqual([128, 2]);
  expect(layout(256, 0.5, 1)).toEqual([256, 1]);
  expect(layout(256, 0.5, 3)).toEqual([86, 1]);
  expect(layout(256, 0, 3)).toEqual([43, 2]);
  expect(layout(1024, 0.5, 2)).toEqual([128, 4]);
  expect(layout(1, 0, 2)).toEqual([1, 1]);
});
