import { expect, test } from 'vitest';
import { allocate, type DType, type TypedArray } from '../../../src/graph/tensor.ts';
import type { CastWork } from '../../../src/graph/work.ts';
import { cast } from '../../../src/kernels/cast.ts';
import { referenceCast } from '../../reference/cast.ts';
import { product } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';

const dtypes: readonly DType[] = ['float32', 'int8', 'uint8', 'int32', 'int64', 'bool'];
const powers = Array.from({ length: 64 }, (_, i) => i);

const values: Readonly<Record<DType, TypedArray>> = {
  float32: Float32Array.from([
    ...[0, -0, 0.5, -0.5, 0.999, -0.999, 1.5, -1.5, 127.9, 128, -128.5, -129, 255.9, 256, 1e10],
    ...[1e-45, -1e-45, 1e30, -1e30, Number.NaN],
    ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ...powers.flatMap((i) => [2 ** i, -(2 ** i), 2 ** i * (1 - 2 ** -24), 2 ** i * 1.5]),
  ]),
  int8: Int8Array.from({ length: 256 }, (_, i) => i - 128),
  uint8: Uint8Array.from({ length: 256 }, (_, i) => i),
  int32: Int32Array.from(powers.flatMap((i) => [-1, 0, 1].map((d) => 2 ** (i % 32) + d))),
  int64: BigInt64Array.from([
    ...powers.flatMap((i) => [-1n, 0n, 1n].map((d) => 2n ** BigInt(i) + d)),
    ...powers.flatMap((i) => [-1n, 0n, 1n].map((d) => -(2n ** BigInt(i)) + d)),
    // By way of a double these would round to the even neighbour twice.
    ...[2n ** 60n + 2n ** 36n + 1n, -(2n ** 60n) - 2n ** 36n - 1n, 2n ** 60n + 3n * 2n ** 36n],
  ]),
  bool: Uint8Array.of(0, 1, 1, 0),
};

test.each(product({ from: dtypes, to: dtypes, misalign: [0, 1], binary: binaryNames }))(
  '%o',
  ({ from, to, misalign, binary }) => {
    const input = values[from];
    const work: CastWork = { family: 'cast', from, to, count: input.length };
    const output = allocate(to, input.length);
    const [actual] = runKernel(cast, work, [input], [output], { binary, misalign });
    expect(actual).toEqual(referenceCast(to, input));
  },
);
