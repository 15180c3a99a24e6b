import fc from 'fast-check';
import { expect, test } from 'vitest';
import { broadcastShape, broadcastStrides, elementCount } from '../../../src/graph/shape.ts';
import type { AffineF32Work, BinaryF32Work } from '../../../src/graph/work.ts';
import { affineF32 } from '../../../src/kernels/affineF32.ts';
import { addF32, divF32, mulF32, preluF32, subF32 } from '../../../src/kernels/binaryF32.ts';
import { referenceAffine, referenceBinary } from '../../reference/float32.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectEqual } from './within.ts';

const kernels = [addF32, subF32, mulF32, divF32, preluF32];
const ops = ['Add', 'Sub', 'Mul', 'Div', 'PRelu'] as const;
const unbounded = { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };

function check(
  op: BinaryF32Work['op'],
  aShape: readonly number[],
  bShape: readonly number[],
  { min, max } = unbounded,
  misalign = 0,
  seed = 1,
): void {
  const shape = broadcastShape(aShape, bShape)!;
  const work: BinaryF32Work = {
    family: 'binaryF32',
    op,
    shape,
    aStrides: broadcastStrides(aShape, shape),
    bStrides: broadcastStrides(bShape, shape),
    min,
    max,
  };
  const next = random(seed);
  const [a, b] = [aShape, bShape].map((s) =>
    Float32Array.from({ length: elementCount(s) }, () => next() * 8 - 4),
  ) as [Float32Array, Float32Array];
  const kernel = kernels.find((k) => k.fits(work) !== undefined)!;
  const expected = referenceBinary(work, a, b);
  for (const binary of binaryNames) {
    for (const inPlace of kernel.inPlace!(work) ? [false, true] : [false]) {
      const output = new Float32Array(expected.length);
      const options = { binary, misalign, inPlace };
      const [actual] = runKernel(kernel, work, [a, b], [output], options);
      expectEqual(actual!, expected, JSON.stringify({ ...work, inPlace, seed }));
    }
  }
}

test.each(product({ op: ops, size: around(4), misalign: [0, 1] }))(
  '%o',
  ({ op, size, misalign }) => {
    for (const rows of [1, 3]) {
      check(op, [rows, size], [rows, size], unbounded, misalign);
      check(op, [rows, size], [size], unbounded, misalign);
      check(op, [size], [rows, size], unbounded, misalign);
      check(op, [rows, size], [rows, 1], unbounded, misalign);
      check(op, [rows, 1], [rows, size], unbounded, misalign);
      check(op, [rows, size], [], unbounded, misalign);
      check(op, [rows, size], [], { min: 0, max: 6 }, misalign);
    }
  },
);

test.each([
  [
    [2, 5, 7, 6],
    [2, 1, 1, 6],
  ],
  [
    [2, 5, 7, 6],
    [2, 5, 7, 1],
  ],
  [
    [2, 1, 7, 1],
    [1, 5, 1, 6],
  ],
  [
    [3, 1, 2, 1, 2],
    [1, 4, 1, 3, 1],
  ],
  [[3, 1], [4]],
  [[], []],
  [[0, 3], [3]],
])('broadcasts %j and %j', (a, b) => {
  for (const op of ops) check(op, a, b);
});

test('operands whose columns are not neighbours', () => {
  for (const op of ops) {
    const work: BinaryF32Work = {
      family: 'binaryF32',
      op,
      shape: [2, 3, 5],
      aStrides: [1, 10, 2],
      bStrides: [15, 5, 1],
      ...unbounded,
    };
    const a = Float32Array.from({ length: 30 }, (_, i) => i - 15);
    const b = Float32Array.from({ length: 30 }, (_, i) => i + 1);
    const kernel = kernels.find((k) => k.fits(work) !== undefined)!;
    for (const binary of binaryNames) {
      const [actual] = runKernel(kernel, work, [a, b], [new Float32Array(30)], { binary });
      expect(actual).toEqual(referenceBinary(work, a, b));
    }
  }
});

test('zeros, infinities and NaN', () => {
  const special = [0, -0, 1, -1, Number.NaN, 3e38, 1e-45];
  special.push(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  const pairs = special.flatMap((x) => special.map((y) => [x, y] as const));
  const a = Float32Array.from(pairs, ([x]) => x);
  const b = Float32Array.from(pairs, ([, y]) => y);
  for (const op of ops) {
    for (const bounds of [unbounded, { min: 0, max: 6 }]) {
      const strides = { shape: [a.length], aStrides: [1], bStrides: [1] };
      const work: BinaryF32Work = { family: 'binaryF32', op, ...strides, ...bounds };
      const kernel = kernels.find((k) => k.fits(work) !== undefined)!;
      const [actual] = runKernel(kernel, work, [a, b], [new Float32Array(a.length)]);
      expect(actual).toEqual(referenceBinary(work, a, b));
    }
  }
});

test('random broadcasts', () => {
  const axis = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom('both', 'a', 'b'));
  const property = fc.property(
    fc.array(axis, { maxLength: 5 }),
    fc.constantFrom(...ops),
    fc.nat(),
    (axes, op, seed) => {
      const only = (who: string) => axes.map(([n, of]) => (of === 'both' || of === who ? n : 1));
      check(op, only('a'), only('b'), unbounded, seed % 2, seed);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

test.each(product({ rows: [1, 3], channels: around(4), misalign: [0, 1] }))(
  'affine %o',
  ({ rows, channels, misalign }) => {
    const next = random(rows + channels);
    const values = (length: number) => Float32Array.from({ length }, () => next() * 4 - 2);
    const work: AffineF32Work = {
      family: 'affineF32',
      rows,
      channels,
      scale: values(channels),
      bias: values(channels),
    };
    const input = values(rows * channels);
    for (const binary of binaryNames) {
      for (const inPlace of [false, true]) {
        const output = new Float32Array(input.length);
        const options = { binary, misalign, inPlace };
        const [actual] = runKernel(affineF32, work, [input], [output], options);
        expect(actual).toEqual(referenceAffine(work, input));
      }
    }
  },
);
