import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elementCount, stridesOf } from '../../../src/graph/shape.ts';
import type { CopyWork } from '../../../src/graph/work.ts';
import {
  copyPixelsX8,
  copyRuns,
  copyStrided,
  copyTransposeX8,
  copyTransposeX32,
} from '../../../src/kernels/copy.ts';
import { referenceCopy } from '../../reference/copy.ts';
import { around, product, random } from '../../vocabulary.ts';
import { expectEqual } from '../float32/within.ts';
import { binaryNames, runKernel } from '../harness.ts';

const kernels = [copyRuns, copyPixelsX8, copyTransposeX8, copyTransposeX32, copyStrided];
const elementSizes = [1, 2, 4, 8] as const;

/** Every kernel that fits copies just like the oracle, and leaves the rest of the output alone. */
function check(work: CopyWork, inputElements: number, outputElements: number, misalign = 0): void {
  const next = random(inputElements * 31 + outputElements);
  const bytes = work.elementBytes;
  const input = Uint8Array.from({ length: inputElements * bytes }, () => next() * 256);
  for (const binary of binaryNames) {
    for (const kernel of kernels) {
      if (kernel.fits(work) === undefined) continue;
      const output = new Uint8Array(outputElements * bytes).fill(0xa5);
      const expected = referenceCopy(work, input, output.slice());
      const [actual] = runKernel(kernel, work, [input], [output], { binary, misalign });
      expectEqual(actual!, expected, `${kernel.name} ${binary} ${JSON.stringify(work)}`);
    }
  }
}

function transposition(
  elementBytes: CopyWork['elementBytes'],
  shape: readonly number[],
  permutation: readonly number[],
): CopyWork {
  const strides = stridesOf(shape);
  const outputShape = permutation.map((axis) => shape[axis]!);
  return {
    family: 'copy',
    elementBytes,
    shape: outputShape,
    inputStrides: permutation.map((axis) => strides[axis]!),
    inputOffset: 0,
    outputStrides: stridesOf(outputShape),
    outputOffset: 0,
  };
}

describe('transpositions', () => {
  test.each(around(16))('three planes of %d bytes', (rows) => {
    const work = transposition(1, [3, rows], [1, 0]);
    expect(copyPixelsX8.fits(work) !== undefined).toBe(rows >= 16);
    check(work, 3 * rows, 3 * rows);
    check(work, 3 * rows, 3 * rows, 1);
    check(transposition(1, [2, 3, 4, rows], [0, 2, 3, 1]), 24 * rows, 24 * rows);
  });

  test.each(product({ rows: around(16), columns: around(8), elementBytes: elementSizes }))(
    '2-D %o',
    ({ rows, columns, elementBytes }) => {
      const work = transposition(elementBytes, [columns, rows], [1, 0]);
      check(work, rows * columns, rows * columns);
      check(work, rows * columns, rows * columns, 1);
    },
  );

  test.each([
    [
      [1, 3, 32, 32],
      [0, 2, 3, 1],
    ],
    [
      [2, 24, 5, 7],
      [0, 2, 3, 1],
    ],
    [
      [2, 5, 7, 24],
      [0, 3, 1, 2],
    ],
    [
      [3, 32, 32, 1],
      [0, 3, 1, 2],
    ],
    [
      [4, 3, 2, 5, 2],
      [4, 2, 0, 3, 1],
    ],
    [
      [2, 3, 4, 5, 2, 3],
      [5, 4, 3, 2, 1, 0],
    ],
    [
      [17, 9, 33],
      [2, 0, 1],
    ],
    [
      [17, 9, 33],
      [1, 0, 2],
    ],
    [
      [17, 9, 33],
      [2, 1, 0],
    ],
  ])('%j by %j', (shape, permutation) => {
    for (const elementBytes of elementSizes) {
      check(
        transposition(elementBytes, shape, permutation),
        elementCount(shape),
        elementCount(shape),
      );
    }
  });

  test('a byte transposition of NCHW goes to the tiled kernel', () => {
    expect(copyTransposeX8.fits(transposition(1, [1, 24, 5, 7], [0, 2, 3, 1]))).toBeDefined();
    expect(copyTransposeX32.fits(transposition(4, [1, 24, 5, 7], [0, 2, 3, 1]))).toBeDefined();
    expect(copyRuns.fits(transposition(4, [1, 24, 1, 1], [0, 2, 3, 1]))).toBeDefined();
  });
});

test('one element, of a scalar', () => {
  for (const elementBytes of elementSizes) check(transposition(elementBytes, [], []), 1, 1);
});

test('nothing at all', () => {
  for (const elementBytes of elementSizes) {
    check(transposition(elementBytes, [2, 0, 3], [2, 0, 1]), 6, 6);
  }
});

test.each(product({ length: [...around(16), 127, 128, 129, 1000], rows: [1, 3] }))(
  'runs of %o in wider rows',
  ({ length, rows }) => {
    for (const elementBytes of elementSizes) {
      const work: CopyWork = {
        family: 'copy',
        elementBytes,
        shape: [rows, length],
        inputStrides: [length + 3, 1],
        inputOffset: 2,
        outputStrides: [length + 1, 1],
        outputOffset: 1,
      };
      check(work, rows * (length + 3) + 2, rows * (length + 1) + 1);
    }
  },
);

test.each([0, -1, 2, -3])('input stride %i', (stride) => {
  for (const elementBytes of elementSizes) {
    const work: CopyWork = {
      family: 'copy',
      elementBytes,
      shape: [3, 19],
      inputStrides: [60, stride],
      inputOffset: stride < 0 ? -stride * 18 : 0,
      outputStrides: [19, 1],
      outputOffset: 0,
    };
    check(work, 200, 57);
  }
});

test('output strides that go down', () => {
  const work: CopyWork = {
    family: 'copy',
    elementBytes: 4,
    shape: [5, 9],
    inputStrides: [9, 1],
    inputOffset: 0,
    outputStrides: [-9, -1],
    outputOffset: 44,
  };
  check(work, 45, 45);
});

test('random strided copies', () => {
  const axis = fc.record({
    size: fc.integer({ min: 1, max: 7 }),
    step: fc.integer({ min: -3, max: 3 }),
    gap: fc.integer({ min: 1, max: 2 }),
  });
  const property = fc.property(
    fc.array(axis, { maxLength: 5 }),
    fc.constantFrom(...elementSizes),
    fc.nat(),
    fc.nat({ max: 1 }),
    (axes, elementBytes, seed, misalign) => {
      // The output's axes lie in memory in a random order, each with room to spare.
      const next = random(seed);
      const order = axes.map((_, i) => [next(), i] as const).sort((a, b) => a[0] - b[0]);
      const outputStrides = axes.map(() => 1);
      let stride = 1;
      for (const [, i] of order) {
        outputStrides[i] = stride * axes[i]!.gap;
        stride *= axes[i]!.size * axes[i]!.gap;
      }
      const inputStrides = axes.map(({ step }) => step * (1 + Math.floor(next() * 4)));
      const reach = (sign: number) =>
        axes.reduce((sum, { size }, i) => {
          const along = inputStrides[i]! * (size - 1);
          return along * sign > 0 ? sum + Math.abs(along) : sum;
        }, 0);
      const work: CopyWork = {
        family: 'copy',
        elementBytes,
        shape: axes.map(({ size }) => size),
        inputStrides,
        inputOffset: reach(-1),
        outputStrides,
        outputOffset: 1,
      };
      check(work, reach(-1) + reach(1) + 1, stride + 1, misalign);
    },
  );
  fc.assert(property, { numRuns: 400 }); // a failure prints the seed and the smallest case
});
