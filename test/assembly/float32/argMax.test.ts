import { expect, test } from 'vitest';
import type { ArgMaxWork } from '../../../src/graph/work.ts';
import { argMaxF32, argMaxI32, argMaxU8 } from '../../../src/kernels/argMax.ts';
import { referenceArgMax } from '../../reference/select.ts';
import { product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';

const kernels = [argMaxU8, argMaxF32, argMaxI32];
const arrays = { u8: Uint8Array, f32: Float32Array, i32: Int32Array };

function check(work: ArgMaxWork, values: readonly number[], misalign = 0): void {
  const input = arrays[work.type].from(values);
  const count = work.outer * work.inner;
  const expected = referenceArgMax(work, input);
  const [kernel] = kernels.filter((k) => k.fits(work) !== undefined);
  for (const binary of binaryNames) {
    const output = work.outputType === 'i64' ? new BigInt64Array(count) : new Int32Array(count);
    const [actual] = runKernel(kernel!, work, [input], [output], { binary, misalign });
    expect(Array.from(actual!, Number), JSON.stringify(work)).toEqual(expected);
  }
}

test.each(
  product({
    type: ['u8', 'f32', 'i32'] as const,
    outputType: ['i32', 'i64'] as const,
    outer: [1, 3],
    length: [1, 2, 10, 1001],
    inner: [1, 4, 5],
    selectLast: [false, true],
  }),
)('%o', (shape) => {
  const next = random(shape.length);
  const count = shape.outer * shape.length * shape.inner;
  const low = shape.type === 'u8' ? 0 : -300;
  for (const range of [2, 255]) {
    const values = Array.from({ length: count }, () => low + Math.floor(next() * range));
    check({ family: 'argMax', ...shape }, values, range % 2);
  }
});

test.each([false, true])('zeros, infinities and NaN, the last of equals: %s', (selectLast) => {
  const work: ArgMaxWork = {
    family: 'argMax',
    type: 'f32',
    outputType: 'i32',
    outer: 1,
    length: 4,
    inner: 1,
    selectLast,
  };
  const { NaN: nan, POSITIVE_INFINITY: most, NEGATIVE_INFINITY: least } = Number;
  check(work, [0, -0, 0, -0]);
  check(work, [least, least, least, least]);
  check(work, [1, most, most, 3]);
  check(work, [1, nan, 2, nan]);
  check(work, [nan, 1, 2, 3]);
});
