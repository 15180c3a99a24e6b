import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { FitPlan, PictureSize } from '../../src/image/fit.ts';
import { fitPixels } from '../../src/image/fitPixels.ts';
import type { Pixels } from '../../src/image/pixels.ts';
import { resample } from '../../src/image/resample.ts';

/** Noise by xorshift32 from seed 20240601, its upper byte. */
function noise(width: number, height: number, channels: 1 | 3 = 3): Pixels {
  const data = new Uint8Array(width * height * channels);
  let state = 20240601;
  for (let i = 0; i < data.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = state >>> 24;
  }
  return { data, width, height, channels };
}

function whole(size: PictureSize): FitPlan {
  return { ...size, resample: true, left: 0, top: 0 };
}

test.each([
  [227, 227, 144, 144, '73c2f182bb458f531d11900d77926f7abad6cb5a32fef27b2a10c2e812688738'],
  [64, 48, 17, 31, 'ebc03a9b3e4392cf44a64ee68376c34ee8be9546c19074cae79524b647c68129'],
  [10, 10, 25, 33, '9f42b3a0ab5cd2ff6d4bf63f0c2258b31003f3e637fed980c6b417e5b95a4fef'],
  [300, 20, 30, 7, '240968981e3cb6bf3bc03346e09d64d3554de5e56ac98a892e75575846b6e88f'],
  [33, 97, 64, 64, '0d9ff76487cf0caae83053e1bffe402846d3d245f2a1c08433877bb7979f90a4'],
  [5, 5, 1, 1, '197c49aefc98fa35a02ec918506c7bd380044c4221fd7fec04f635a5435b032d'],
  [1, 1, 4, 4, '0eae2467a1194338d17bb75d3f1e43bc8bfe41bca9f9f0224c2c8eb0a54cc07c'],
])(
  'noise of %dx%d scaled to %dx%d has the bytes of Pillow 12.3.0',
  (w, h, width, height, sha256) => {
    const target = { width, height };
    const { data } = resample(noise(w, h), whole(target), target);
    expect(createHash('sha256').update(data).digest('hex')).toBe(sha256);
  },
);

test('equal pixels stay equal at any scale', () => {
  for (const [from, to] of [
    [1, 7],
    [7, 1],
    [100, 99],
    [99, 100],
    [400, 3],
  ] as const) {
    const source: Pixels = {
      data: new Uint8Array(from * from).fill(255),
      width: from,
      height: from,
      channels: 1,
    };
    const target = { width: to, height: to };
    expect(resample(source, whole(target), target).data).toEqual(new Uint8Array(to * to).fill(255));
  }
});

test('a part of the scaled picture equals the same part of the whole', () => {
  const source = noise(50, 40);
  const scaled = { width: 30, height: 24 };
  const { data } = resample(source, whole(scaled), scaled);
  const part = { width: 8, height: 5 };
  const cut = resample(source, { ...scaled, resample: true, left: 11, top: 7 }, part);
  const expected = [];
  for (let y = 7; y < 12; y++)
    expected.push(...data.subarray((y * 30 + 11) * 3, (y * 30 + 19) * 3));
  expect([...cut.data]).toEqual(expected);
});

test('fitting: what need not be scaled keeps its bytes, alpha too', () => {
  const rgba: Pixels = { data: noise(6, 6, 1).data, width: 3, height: 3, channels: 4 };
  const exact = fitPixels(rgba, { width: 3, height: 3 }, {});
  expect(exact).toBe(rgba);
  const source = noise(11, 12);
  const { data } = fitPixels(source, { width: 10, height: 11 }, {});
  expect([...data.subarray(0, 30)]).toEqual([...source.data.subarray(0, 30)]);
});

test('fitting: what is scaled lies over white before', () => {
  const data = Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 0);
  const squashed = fitPixels(
    { data, width: 2, height: 2, channels: 4 },
    { width: 1, height: 1 },
    { fit: 'squash' },
  );
  expect(squashed).toEqual({
    data: Uint8Array.of(128, 128, 128),
    width: 1,
    height: 1,
    channels: 3,
  });
});
