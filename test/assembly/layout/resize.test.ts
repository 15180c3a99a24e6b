import { expect, test } from 'vitest';
import type { AxisBlend, ResizeLinearWork, ResizeNearestWork } from '../../../src/graph/work.ts';
import { resizeLinearF32, resizeLinearU8, resizeNearest } from '../../../src/kernels/resize.ts';
import { referenceResizeLinear, referenceResizeNearest } from '../../reference/select.ts';
import { around, product, random } from '../../vocabulary.ts';
import { expectEqual } from '../float32/within.ts';
import { binaryNames, runKernel } from '../harness.ts';

/** Half-pixel coordinates from `from` cells to `to`. */
function blendOf(from: number, to: number): AxisBlend {
  const at = Array.from({ length: to }, (_, i) =>
    Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5)),
  );
  return {
    low: Int32Array.from(at, Math.floor),
    high: Int32Array.from(at, (x) => Math.min(from - 1, Math.floor(x) + 1)),
    fraction: Float32Array.from(at, (x) => x - Math.floor(x)),
  };
}

const sizes = {
  from: [
    [1, 1],
    [3, 2],
    [5, 7],
  ] as const,
  to: [
    [1, 1],
    [6, 4],
    [9, 13],
    [2, 3],
  ] as const,
};

test.each(
  product({ ...sizes, type: ['u8', 'f32'] as const, channels: around(8), misalign: [0, 1] }),
)('linear %o', ({ from, to, type, channels, misalign }) => {
  const work: ResizeLinearWork = {
    family: 'resizeLinear',
    type,
    batch: 2,
    inputHeight: from[0],
    inputWidth: from[1],
    channels,
    y: blendOf(from[0], to[0]),
    x: blendOf(from[1], to[1]),
  };
  const next = random(channels);
  const count = 2 * from[0] * from[1] * channels;
  const values = Array.from({ length: count }, () => next() * 256);
  const expected = referenceResizeLinear(
    work,
    type === 'u8' ? Uint8Array.from(values) : Float32Array.from(values),
  );
  for (const binary of binaryNames) {
    if (type === 'u8') {
      const input = Uint8Array.from(values);
      const output = new Uint8Array(expected.length);
      const [actual] = runKernel(resizeLinearU8, work, [input], [output], { binary, misalign });
      expectEqual(actual!, Uint8Array.from(expected));
    } else {
      const input = Float32Array.from(values);
      const output = new Float32Array(expected.length);
      const [actual] = runKernel(resizeLinearF32, work, [input], [output], { binary, misalign });
      expectEqual(actual!, Float32Array.from(expected));
    }
  }
});

test('linear rounds halves up', () => {
  const half = { low: Int32Array.of(0), high: Int32Array.of(1), fraction: Float32Array.of(0.5) };
  const one = { low: Int32Array.of(0), high: Int32Array.of(0), fraction: Float32Array.of(0) };
  const pairs = Array.from({ length: 255 }, (_, i) => i);
  const work: ResizeLinearWork = {
    family: 'resizeLinear',
    type: 'u8',
    batch: 1,
    inputHeight: 1,
    inputWidth: 2,
    channels: 255,
    y: one,
    x: half,
  };
  const input = Uint8Array.from([...pairs, ...pairs.map((i) => i + 1)]);
  const [actual] = runKernel(resizeLinearU8, work, [input], [new Uint8Array(255)]);
  expect(actual).toEqual(Uint8Array.from(pairs, (i) => i + 1));
});

test.each(product({ ...sizes, pixelBytes: [...around(4), ...around(16), 127, 128, 300] }))(
  'nearest %o',
  ({ from, to, pixelBytes }) => {
    const axis = (source: number, target: number) =>
      Int32Array.from({ length: target }, (_, i) => Math.floor((i * source) / target));
    const work: ResizeNearestWork = {
      family: 'resizeNearest',
      pixelBytes,
      batch: 2,
      inputHeight: from[0],
      inputWidth: from[1],
      y: axis(from[0], to[0]),
      x: axis(from[1], to[1]),
    };
    const next = random(pixelBytes);
    const count = 2 * from[0] * from[1] * pixelBytes;
    const input = Uint8Array.from({ length: count }, () => next() * 256);
    const expected = referenceResizeNearest(work, input);
    for (const binary of binaryNames) {
      const output = new Uint8Array(expected.length);
      const [actual] = runKernel(resizeNearest, work, [input], [output], { binary });
      expectEqual(actual!, expected);
    }
  },
);
