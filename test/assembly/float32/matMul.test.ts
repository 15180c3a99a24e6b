import { test } from 'vitest';
import { elementCount, stridesOf } from '../../../src/graph/shape.ts';
import type { MatMulF32Work } from '../../../src/graph/work.ts';
import { matMulF32 } from '../../../src/kernels/matMulF32.ts';
import { referenceMatMulF32 } from '../../reference/convF32.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSameBytes, expectWithin } from './within.ts';

/** `shape` are the batch axes; `aOnes` and `bOnes` name those along which an operand has size 1. */
function check(
  [m, n, k]: readonly [number, number, number],
  shape: readonly number[] = [],
  aOnes: readonly number[] = [],
  bOnes: readonly number[] = [],
  misalign = 0,
): void {
  const stridesBut = (ones: readonly number[], matrix: number) => {
    const own = shape.map((size, axis) => (ones.includes(axis) ? 1 : size));
    const strides = stridesOf(own).map((s, axis) => (own[axis] === 1 ? 0 : s * matrix));
    return { strides, count: elementCount(own) * matrix };
  };
  const next = random(m * 31 + n * 7 + k);
  const a = stridesBut(aOnes, m * k);
  const b = stridesBut(bOnes, k * n);
  const work: MatMulF32Work = {
    family: 'matMulF32',
    m,
    n,
    k,
    shape,
    aStrides: a.strides,
    bStrides: b.strides,
  };
  const inputs = [a, b].map(({ count }) =>
    Float32Array.from({ length: count }, () => next() * 2 - 1),
  );
  const { values, bounds } = referenceMatMulF32(work, inputs[0]!, inputs[1]!);
  const results = binaryNames.map((binary) => {
    const output = new Float32Array(values.length);
    return runKernel(matMulF32, work, inputs, [output], { binary, misalign })[0] as Float32Array;
  });
  const message = JSON.stringify(work);
  expectWithin(results[0]!, values, (i) => bounds[i]!, message);
  expectSameBytes(results, message);
}

test.each(product({ m: around(4), n: around(8), k: [1, 3, 8, 100] }))('%o', ({ m, n, k }) => {
  check([m, n, k]);
  check([m, n, k], [2], [], [], 1);
});

test.each([
  [[3, 2], [], []],
  [[3, 2], [0], []],
  [[3, 2], [], [0, 1]],
  [[3, 2], [1], [0]],
  [[2, 3, 4], [1], [0, 2]],
  [[0], [], []],
])('batches %j, a is 1 along %j, b along %j', (shape, aOnes, bOnes) => {
  check([5, 9, 7], shape, aOnes, bOnes);
  check([1, 9, 7], shape, aOnes, bOnes);
});
