import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MeanF32Work, PoolWork } from '../../../src/graph/work.ts';
import { meanF32, meanRowsF32 } from '../../../src/kernels/meanF32.ts';
import { averagePoolF32, maxPoolF32 } from '../../../src/kernels/poolF32.ts';
import { referenceMean, referencePoolF32 } from '../../reference/float32.ts';
import { around, maps, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSameBytes, expectWithin } from './within.ts';

/** The largest takes most of the time, and has a test of its own. */
const smallMaps = maps.filter(([height]) => height < 32);

interface Geometry {
  readonly batch?: number;
  readonly map: readonly [height: number, width: number];
  readonly kernel: readonly [height: number, width: number];
  readonly stride?: readonly [y: number, x: number];
  readonly dilation?: readonly [y: number, x: number];
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
  readonly channels: number;
  /** Output cells beyond those that fit wholly, as with ceil_mode. */
  readonly extra?: number;
  readonly min?: number;
  readonly max?: number;
}

function check(geometry: Geometry, seed = 1, misalign = 0): void {
  const { batch = 1, map, kernel, stride = [1, 1], dilation = [1, 1], channels } = geometry;
  const { pads = [0, 0, 0, 0], extra = 0 } = geometry;
  const cells = (axis: 0 | 1) => {
    const padded = map[axis] + pads[axis] + pads[axis + 2]!;
    const fitting = Math.floor((padded - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]);
    return Math.max(0, fitting + 1 + extra);
  };
  const next = random(seed);
  const input = Float32Array.from(
    { length: batch * map[0] * map[1] * channels },
    () => next() * 2 - 1,
  );
  const result = {
    scale: 1,
    zeroPoint: 0,
    min: geometry.min ?? Number.NEGATIVE_INFINITY,
    max: geometry.max ?? Number.POSITIVE_INFINITY,
  };
  for (const [op, countIncludePad] of [
    ['max', false],
    ['average', false],
    ['average', true],
  ] as const) {
    const work: PoolWork = {
      family: 'pool',
      op,
      type: 'f32',
      batch,
      inputHeight: map[0],
      inputWidth: map[1],
      inputChannels: channels,
      outputHeight: cells(0),
      outputWidth: cells(1),
      outputChannels: channels,
      kernelHeight: kernel[0],
      kernelWidth: kernel[1],
      strideY: stride[0],
      strideX: stride[1],
      dilationY: dilation[0],
      dilationX: dilation[1],
      padTop: pads[0],
      padLeft: pads[1],
      padBottom: pads[2],
      padRight: pads[3],
      countIncludePad,
      rounding: 'onnxruntime',
      signed: false,
      input: { scale: 1, zeroPoint: 0 },
      result,
    };
    const pool = [maxPoolF32, averagePoolF32].find((k) => k.fits(work) !== undefined)!;
    const expected = referencePoolF32(work, input);
    const results = binaryNames.map((binary) => {
      const output = new Float32Array(expected.length);
      return runKernel(pool, work, [input], [output], { binary, misalign })[0] as Float32Array;
    });
    const message = JSON.stringify({ ...geometry, op, countIncludePad, seed });
    const terms = kernel[0] * kernel[1] + 1;
    expectWithin(results[0]!, expected, () => (op === 'max' ? 0 : terms * 2 ** -24), message);
    expectSameBytes(results, message);
  }
}

test.each(
  product({
    map: smallMaps,
    kernel: [
      [1, 1],
      [2, 2],
      [3, 3],
      [1, 3],
      [5, 5],
    ] as const,
    stride: [
      [1, 1],
      [2, 2],
      [6, 7],
    ] as const,
    dilation: [
      [1, 1],
      [2, 3],
    ] as const,
  }),
)('%o', (geometry) => {
  const [top, left] = [geometry.kernel[0] >> 1, geometry.kernel[1] >> 1];
  check({ ...geometry, channels: 3 });
  check({ ...geometry, channels: 5, pads: [top, left, top, left] });
  check({ ...geometry, channels: 2, pads: [0, 0, top, left], extra: 1 });
});

test.each(product({ channels: around(8), misalign: [0, 1] }))('%o', ({ channels, misalign }) => {
  check({ batch: 2, map: [5, 7], kernel: [3, 3], pads: [1, 1, 1, 1], channels }, 1, misalign);
});

test('windows wholly in the padding', () => {
  check({ map: [3, 3], kernel: [2, 2], pads: [4, 4, 4, 4], channels: 4 });
});

test('clamped', () => {
  check({ map: [7, 7], kernel: [2, 2], channels: 4, min: 0, max: 0.25 });
});

test('a larger map', () => {
  const pads = [1, 1, 1, 1] as const;
  check({ map: [32, 32], kernel: [3, 3], stride: [2, 2], pads, channels: 9 });
});

test('the whole map', () => check({ map: [56, 56], kernel: [56, 56], channels: 9 }));

test('a maximum with NaN is NaN', () => {
  const geometry = { batch: 1, inputHeight: 1, inputWidth: 2, inputChannels: 1 };
  const window = { outputHeight: 1, outputWidth: 1, outputChannels: 1 };
  const kernel = { kernelHeight: 1, kernelWidth: 2, strideY: 1, strideX: 1 };
  const rest = { dilationY: 1, dilationX: 1, padTop: 0, padLeft: 0, padBottom: 0, padRight: 0 };
  const work: PoolWork = {
    family: 'pool',
    op: 'max',
    type: 'f32',
    ...geometry,
    ...window,
    ...kernel,
    ...rest,
    countIncludePad: false,
    rounding: 'onnxruntime',
    signed: false,
    input: { scale: 1, zeroPoint: 0 },
    result: { scale: 1, zeroPoint: 0, min: 0, max: 6 },
  };
  for (const input of [
    [Number.NaN, 1],
    [1, Number.NaN],
  ]) {
    const output = new Float32Array(1);
    expect(runKernel(maxPoolF32, work, [Float32Array.from(input)], [output])[0]![0]).toBeNaN();
  }
});

test('random windows', () => {
  const small = fc.integer({ min: 1, max: 4 });
  const side = fc.integer({ min: 1, max: 12 });
  const pad = fc.integer({ min: 0, max: 3 });
  const property = fc.property(
    fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      map: fc.tuple(side, side),
      kernel: fc.tuple(small, small),
      stride: fc.tuple(small, small),
      dilation: fc.tuple(small, small),
      pads: fc.tuple(pad, pad, pad, pad),
      channels: fc.integer({ min: 1, max: 17 }),
      extra: fc.integer({ min: 0, max: 1 }),
    }),
    fc.nat(),
    (geometry, seed) => check(geometry, seed),
  );
  fc.assert(property, { numRuns: 200 });
});

test.each(
  product({ outer: [1, 3], count: [1, 2, 7, 49, 1000], inner: around(4), misalign: [0, 1] }),
)('mean %o', ({ outer, count, inner, misalign }) => {
  const next = random(outer + count + inner);
  const input = Float32Array.from({ length: outer * count * inner }, () => next() * 10 - 1);
  const work: MeanF32Work = { family: 'meanF32', outer, count, inner };
  const expected = referenceMean(work, input);
  for (const kernel of [meanRowsF32, meanF32]) {
    if (kernel.fits(work) === undefined) continue;
    const results = binaryNames.map((binary) => {
      const output = new Float32Array(expected.length);
      return runKernel(kernel, work, [input], [output], { binary, misalign })[0] as Float32Array;
    });
    const message = `${kernel.name} ${JSON.stringify(work)}`;
    // Double sums in another order may round to the float next to it.
    expectWithin(results[0]!, expected, (i) => Math.abs(expected[i]!) * 2 ** -23, message);
    expectSameBytes(results, message);
  }
});

test('a mean of a million keeps its digits', () => {
  const input = new Float32Array(1_000_000).fill(0.1);
  const work: MeanF32Work = { family: 'meanF32', outer: 1, count: input.length, inner: 1 };
  for (const kernel of [meanRowsF32, meanF32]) {
    const [actual] = runKernel(kernel, work, [input], [new Float32Array(1)]);
    expect(actual).toEqual(Float32Array.of(0.1));
  }
});
