import { describe, expect, test } from 'vitest';
import { describeWork } from '../../src/bench/describe.ts';
import { operandsOf } from '../../src/bench/operands.ts';
import { difference, type Expected, expectedOf } from '../../src/bench/oracle.ts';
import { reviveWork } from '../../src/bench/shapeFile.ts';
import { allShapes } from '../../src/bench/shapes.ts';
import type { ConvU8Work } from '../../src/graph/work.ts';
import { catalogue } from '../../src/kernels/catalogue.ts';
import { random } from '../vocabulary.ts';

const shapes = allShapes();
const works = shapes.map(({ name, work }) => ({ name, work: work() }));

test('a shape is called what it is, and stands there once', () => {
  for (const { name, work } of works) expect(describeWork(work)).toBe(name);
  expect(new Set(shapes.map(({ name }) => name)).size).toBe(shapes.length);
});

test.each(catalogue.map((kernel) => [kernel.name, kernel] as const))(
  '%s has a shape to be measured on',
  (_, kernel) => {
    const fitting = works.filter(
      ({ work }) => work.family === kernel.family && kernel.fits(work) !== undefined,
    );
    expect(fitting.length).toBeGreaterThan(0);
  },
);

test('shapes know the networks that have them', () => {
  const networks = new Set(shapes.flatMap((shape) => shape.networks));
  expect([...networks].sort()).toEqual([
    'AD',
    'Fashion-MNIST',
    'KWS',
    'MobileNetV1',
    'MobileNetV2',
    'Mote-L',
    'ResNet8',
    'VWW',
    'operators',
    'ternary',
  ]);
  const shared = shapes.find(({ name }) => name === 'table 32')!;
  expect(shared.networks).toEqual(['Fashion-MNIST', 'Mote-L']);
});

test('arrays come back as they were described', () => {
  const work = reviveWork(
    {
      weights: { type: 'Int8Array', length: 10_000, mean: 3, deviation: 40 },
      bias: { type: 'Int32Array', length: 1000, low: -7, high: 9 },
      scale: { type: 'Float32Array', length: 1000, low: 0.5, high: 1.5 },
      zeroPoint: { type: 'Uint8Array', length: 2, values: [5, 250] },
      result: { min: '-Infinity', max: 'Infinity', type: 'f32' },
      shape: [1, 2, 3],
    },
    random(1),
  ) as unknown as Record<'weights' | 'bias' | 'scale' | 'zeroPoint', Float32Array>;
  const { weights, bias, scale } = work;
  const mean = weights.reduce((sum, x) => sum + x, 0) / weights.length;
  const square = weights.reduce((sum, x) => sum + (x - mean) ** 2, 0) / weights.length;
  expect(weights).toBeInstanceOf(Int8Array);
  expect(mean).toBeCloseTo(3, -1);
  expect(Math.sqrt(square)).toBeGreaterThan(38);
  expect(Math.sqrt(square)).toBeLessThan(42);
  expect([Math.min(...bias), Math.max(...bias)]).toEqual([-7, 9]);
  expect(Math.min(...scale)).toBeGreaterThanOrEqual(0.5);
  expect(Math.max(...scale)).toBeLessThan(1.5);
  expect(work).toMatchObject({
    zeroPoint: Uint8Array.of(5, 250),
    result: { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, type: 'f32' },
    shape: [1, 2, 3],
  });
});

describe('oracles', () => {
  /** One of each family that is small enough for the slow loops. */
  const small = new Map(
    works
      .filter(({ work }) => !work.family.startsWith('conv') || work.family === 'convF32')
      .concat(works.filter(({ name }) => name === 'conv 1x1 s1 25x5x64 to 64'))
      .map(({ name, work }) => [work.family, { name, work }]),
  );

  test.each([...small])(
    '%s: expected outputs have the outputs\u2019 sizes, and vary',
    (_, { work }) => {
      const operands = operandsOf(work, random(2));
      const expected = expectedOf(work, operands);
      expect(expected.map(({ values }) => values.length)).toEqual(
        operands.outputs.map(({ length }) => length),
      );
      if (work.family !== 'fill') expect(variety(expected[0]!)).toBeGreaterThan(2);
    },
  );

  test('8-bit convolutions are not saturated', () => {
    for (const { name, work } of works) {
      if (work.family !== 'convU8' || work.result.type !== 'u8') continue;
      const onePixel = onePixelOf(work);
      const [expected] = expectedOf(onePixel, operandsOf(onePixel, random(2)));
      expect(variety(expected!), name).toBeGreaterThan(Math.min(3, work.outputChannels - 1));
    }
  });

  /** A comparison of constants would say little. */
  function variety({ values }: Expected): number {
    return new Set(Array.from(values).slice(0, 1000)).size;
  }

  /** The layer on a map that is as large as its window. */
  function onePixelOf(work: ConvU8Work): ConvU8Work {
    const { kernelHeight: inputHeight, kernelWidth: inputWidth } = work;
    const input = { batch: 1, inputHeight, inputWidth, padTop: 0, padLeft: 0 };
    return { ...work, ...input, outputHeight: 1, outputWidth: 1 };
  }

  test('a difference is found wherever it is', () => {
    const got = Uint8Array.of(1, 2, 3);
    expect(difference(got, { values: [1, 2, 3] })).toBeUndefined();
    expect(difference(got, { values: [1, 2, 4] })).toBe('element 2 is 3, expected 4');
    expect(difference(got, { values: [1, 2] })).toBe('3 elements, expected 2');
    expect(difference(BigInt64Array.of(7n), { values: [7] })).toBeUndefined();
    expect(difference(BigInt64Array.of(7n), { values: [8] })).toBe('element 0 is 7, expected 8');
    const bound = () => 0.1;
    expect(difference(Float32Array.of(1.05), { values: [1], bound })).toBeUndefined();
    expect(difference(Float32Array.of(1.5), { values: [1], bound })).toContain('element 0');
    expect(difference(Float32Array.of(Number.NaN), { values: [1], bound })).toContain('NaN');
  });
});
