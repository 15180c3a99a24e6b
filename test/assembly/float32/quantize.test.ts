import { test } from 'vitest';
import type { DequantizeWork, QuantizeWork } from '../../../src/graph/work.ts';
import {
  dequantizeI32,
  dequantizeI32Channels,
  dequantizeU8,
  dequantizeU8Channels,
  quantize,
  quantizeChannels,
  quantizeMul,
  quantizeMulChannels,
} from '../../../src/kernels/quantize.ts';
import { referenceDequantize, referenceQuantize } from '../../reference/quantize.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectEqual } from './within.ts';

const scales = [2 ** -20, 2 ** -8, 1 / 3, 1, 3].map(Math.fround);
const zeroPoints = [0, 5, 128, 255];

/** Both ways: the quotient, and the product with the reciprocal. */
function checkQuantize(
  ways: Omit<QuantizeWork, 'reciprocal'>,
  input: Float32Array,
  misalign: number,
): void {
  const kernels = [quantizeChannels, quantize, quantizeMulChannels, quantizeMul];
  for (const work of [false, true].map((reciprocal) => ({ ...ways, reciprocal }))) {
    for (const binary of binaryNames) {
      for (const kernel of kernels) {
        if (kernel.fits(work) === undefined) continue;
        const output = new Uint8Array(input.length);
        const [actual] = runKernel(kernel, work, [input], [output], { binary, misalign });
        expectEqual(actual!, referenceQuantize(work, input), kernel.name);
      }
    }
  }
}

function checkDequantize(
  work: DequantizeWork,
  input: Uint8Array | Int32Array,
  misalign: number,
): void {
  const kernels = [dequantizeU8Channels, dequantizeU8, dequantizeI32Channels, dequantizeI32];
  for (const binary of binaryNames) {
    for (const kernel of kernels) {
      if (kernel.fits(work) === undefined) continue;
      const output = new Float32Array(input.length);
      const [actual] = runKernel(kernel, work, [input], [output], { binary, misalign });
      expectEqual(actual!, referenceDequantize(work, input), kernel.name);
    }
  }
}

/** One scale for all, or one of each for the channels in turn. */
function parameters(channels: number, perChannel: boolean, first: number) {
  const count = perChannel ? channels : 1;
  return {
    scale: Float32Array.from({ length: count }, (_, i) => scales[(i + first) % scales.length]!),
    zeroPoint: Int32Array.from(
      { length: count },
      (_, i) => zeroPoints[(i + first) % zeroPoints.length]!,
    ),
  };
}

const sizes = {
  outer: [1, 3],
  channels: around(4),
  inner: [...around(16), 50],
  perChannel: [false, true],
  misalign: [0, 1],
};

test.each(product(sizes))('quantize %o', ({ outer, channels, inner, perChannel, misalign }) => {
  const next = random(outer + 7 * channels + 31 * inner);
  const work = {
    family: 'quantize' as const,
    outer,
    channels,
    inner,
    ...parameters(channels, perChannel, inner),
  };
  const input = Float32Array.from({ length: outer * channels * inner }, (_, i) => {
    const scale = work.scale[Math.floor(i / inner) % work.scale.length]!;
    return (next() - 0.5) * 600 * scale;
  });
  checkQuantize(work, input, misalign);
});

test.each(product({ scale: scales, zeroPoint: zeroPoints }))(
  'quantize rounds halves to even, saturates and has no NaN: %o',
  ({ scale, zeroPoint }) => {
    const halves = Array.from({ length: 1200 }, (_, i) => (i / 2 - 300) * scale);
    const special = [0, -0, 1e-45, -1e-45, 2 ** 31, -(2 ** 31), 3e9, 1e38, -1e38, 3.4e38];
    const input = Float32Array.from([...halves, ...special, Infinity, -Infinity, NaN, 1]);
    const work = {
      family: 'quantize' as const,
      outer: 1,
      channels: 1,
      inner: input.length,
      scale: Float32Array.of(scale),
      zeroPoint: Int32Array.of(zeroPoint),
    };
    checkQuantize(work, input, 0);
    const channels = input.length;
    const perChannel = {
      ...work,
      channels,
      inner: 1,
      scale: new Float32Array(channels).fill(scale),
      zeroPoint: new Int32Array(channels).fill(zeroPoint),
    };
    checkQuantize(perChannel, input, 0);
  },
);

test('quotient and product differ near ties, and each is right', () => {
  const scale = Math.fround(0.1);
  const input = Float32Array.from({ length: 5000 }, (_, i) => (i / 20 - 125 + 0.5) * scale);
  const work = {
    family: 'quantize' as const,
    outer: 1,
    channels: 1,
    inner: input.length,
    scale: Float32Array.of(scale),
    zeroPoint: Int32Array.of(127),
  };
  checkQuantize(work, input, 0);
});

test.each(product(sizes))('dequantize %o', ({ outer, channels, inner, perChannel, misalign }) => {
  const next = random(outer + 7 * channels + 31 * inner);
  const rest = { outer, channels, inner, ...parameters(channels, perChannel, inner) };
  const count = outer * channels * inner;
  const bytes = Uint8Array.from({ length: count }, () => next() * 256);
  checkDequantize({ family: 'dequantize', type: 'u8', ...rest }, bytes, misalign);
  const words = Int32Array.from({ length: count }, () => (next() - 0.5) * 2 ** 32);
  checkDequantize({ family: 'dequantize', type: 'i32', ...rest }, words, misalign);
});
