import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConvF32Work } from '../../../src/graph/work.ts';
import { convF32 } from '../../../src/kernels/convF32.ts';
import { depthwiseF32 } from '../../../src/kernels/depthwiseF32.ts';
import { referenceConvF32 } from '../../reference/convF32.ts';
import { around, maps, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSameBytes, expectWithin } from './within.ts';

/** The largest takes most of the time, and has a test of its own. */
const smallMaps = maps.filter(([height]) => height < 32);

interface Geometry {
  readonly batch?: number;
  readonly map?: readonly [height: number, width: number];
  readonly kernel?: readonly [height: number, width: number];
  readonly stride?: readonly [y: number, x: number];
  readonly dilation?: readonly [y: number, x: number];
  readonly pads?: readonly [top: number, left: number, bottom: number, right: number];
  readonly input: number;
  readonly output: number;
  readonly groups?: number;
  readonly min?: number;
  readonly max?: number;
}

function convCase(geometry: Geometry, seed = 1): { work: ConvF32Work; input: Float32Array } {
  const { batch = 1, map = [5, 7], kernel = [1, 1], stride = [1, 1] } = geometry;
  const { dilation = [1, 1], pads = [0, 0, 0, 0], groups = 1 } = geometry;
  const next = random(seed);
  const values = (length: number) => Float32Array.from({ length }, () => next() * 2 - 1);
  const cells = (axis: 0 | 1) => {
    const padded = map[axis] + pads[axis] + pads[axis + 2]!;
    return Math.floor((padded - dilation[axis] * (kernel[axis] - 1) - 1) / stride[axis]) + 1;
  };
  const work: ConvF32Work = {
    family: 'convF32',
    batch,
    inputHeight: map[0],
    inputWidth: map[1],
    inputChannels: geometry.input,
    outputHeight: Math.max(0, cells(0)),
    outputWidth: Math.max(0, cells(1)),
    outputChannels: geometry.output,
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    padTop: pads[0],
    padLeft: pads[1],
    groups,
    weights: values((geometry.output * kernel[0] * kernel[1] * geometry.input) / groups),
    bias: values(geometry.output),
    min: geometry.min ?? Number.NEGATIVE_INFINITY,
    max: geometry.max ?? Number.POSITIVE_INFINITY,
  };
  return { work, input: values(batch * map[0] * map[1] * geometry.input) };
}

function check(geometry: Geometry, seed = 1, misalign = 0): void {
  const { work, input } = convCase(geometry, seed);
  const { values, bounds } = referenceConvF32(work, input);
  for (const kernel of [depthwiseF32, convF32]) {
    if (kernel.fits(work) === undefined) continue;
    const results = binaryNames.map((binary) => {
      const output = new Float32Array(values.length);
      const [actual] = runKernel(kernel, work, [input], [output], { binary, misalign });
      return actual as Float32Array;
    });
    const message = `${kernel.name} ${JSON.stringify({ ...geometry, seed })}`;
    expectWithin(results[0]!, values, (i) => bounds[i]!, message);
    expectSameBytes(results, message);
  }
}

test.each(product({ width: around(4), input: around(4), output: around(8), misalign: [0, 1] }))(
  'pointwise %o',
  ({ width, input, output, misalign }) => check({ map: [1, width], input, output }, 1, misalign),
);

test.each(
  product({
    map: smallMaps,
    kernel: [
      [1, 1],
      [2, 2],
      [3, 3],
      [4, 4],
      [5, 5],
      [7, 7],
      [1, 3],
      [3, 1],
    ] as const,
    stride: [
      [1, 1],
      [2, 2],
      [5, 6],
    ] as const,
    dilation: [
      [1, 1],
      [2, 1],
      [1, 2],
    ] as const,
  }),
)('window %o', (geometry) => {
  const { kernel } = geometry;
  const [top, left] = [kernel[0] >> 1, kernel[1] >> 1];
  check({ ...geometry, input: 3, output: 5 });
  check({ ...geometry, pads: [top, left, top, left], input: 3, output: 5 });
  check({ ...geometry, pads: [top, left, top, left], input: 9, output: 9, groups: 9 });
});

test.each([
  [
    [0, 0, 1, 1],
    [3, 3],
    [2, 2],
  ],
  [
    [1, 1, 0, 0],
    [3, 3],
    [1, 1],
  ],
  [
    [4, 5, 4, 5],
    [3, 3],
    [1, 1],
  ],
  [
    [9, 9, 9, 9],
    [3, 3],
    [2, 2],
  ],
  [
    [1, 1, 1, 1],
    [1, 1],
    [1, 1],
  ],
  [
    [1, 1, 1, 1],
    [1, 1],
    [2, 2],
  ],
] as const)('pads %j, kernel %j, stride %j', (pads, kernel, stride) => {
  for (const map of smallMaps) {
    check({ map, pads, kernel, stride, input: 4, output: 6, batch: 2 });
    check({ map, pads, kernel, stride, input: 6, output: 6, groups: 6, batch: 2 });
  }
});

test.each(product({ groups: [1, 2, 4, 8], multiplier: [1, 2, 3], batch: [1, 2, 3] }))(
  'groups %o',
  ({ groups, multiplier, batch }) => {
    const pads = [1, 1, 1, 1] as const;
    check({ batch, groups, input: 8, output: 8 * multiplier, kernel: [3, 3], pads });
    check({ batch, groups, input: 8, output: 8 * multiplier });
  },
);

test.each(around(8))('depthwise with %i channels', (channels) => {
  const shape = { input: channels, output: channels, groups: channels };
  check({ ...shape, kernel: [3, 3], pads: [1, 1, 1, 1] });
  check({ ...shape, kernel: [3, 3], pads: [1, 1, 1, 1] }, 2, 1);
});

test('a larger map', () => {
  const pads = [1, 1, 1, 1] as const;
  check({ map: [32, 32], kernel: [3, 3], stride: [2, 2], pads, input: 5, output: 9 });
  check({ map: [32, 32], kernel: [3, 3], pads, input: 9, output: 9, groups: 9 });
});

test('more pixels than a block holds', () => {
  check({ map: [40, 40], kernel: [3, 3], pads: [1, 1, 1, 1], input: 16, output: 9 });
  check({ map: [70, 70], kernel: [1, 1], stride: [1, 1], input: 32, output: 5 });
});

test('a fully connected layer', () => check({ map: [1, 1], input: 1280, output: 101 }));

describe('activation', () => {
  test.each([
    [0, Number.POSITIVE_INFINITY],
    [0, 0.5],
    [0.25, 0.25],
  ])('clamp to %d, %d', (min, max) => {
    check({ kernel: [3, 3], input: 4, output: 8, min, max });
    check({ kernel: [3, 3], input: 8, output: 8, groups: 8, min, max });
  });

  test('NaN and infinities stay what they are', () => {
    const { work, input } = convCase({ map: [1, 4], input: 3, output: 9, max: 6 });
    input[0] = Number.NaN;
    input[3] = Number.POSITIVE_INFINITY;
    const [actual] = runKernel(convF32, work, [input], [new Float32Array(36)]);
    const weights = work.weights;
    for (let out = 0; out < 9; out++) {
      expect(actual![out]).toBeNaN();
      expect(actual![9 + out]).toBe(weights[3 * out]! > 0 ? 6 : Number.NEGATIVE_INFINITY);
    }
  });
});

test('random geometries', () => {
  const small = fc.integer({ min: 1, max: 4 });
  const pad = fc.integer({ min: 0, max: 3 });
  const property = fc.property(
    fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      map: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
      kernel: fc.tuple(small, small),
      stride: fc.tuple(small, small),
      dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      pads: fc.tuple(pad, pad, pad, pad),
      groups: small,
      input: small,
      output: fc.integer({ min: 1, max: 6 }),
    }),
    fc.nat(),
    (geometry, seed) => {
      const { groups, input, output } = geometry;
      check({ ...geometry, input: input * groups, output: output * groups }, seed);
    },
  );
  fc.assert(property, { numRuns: 300 });
});
