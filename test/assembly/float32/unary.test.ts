import { describe, expect, test } from 'vitest';
import type { UnaryOp } from '../../../src/graph/node.ts';
import type { UnaryF32Work } from '../../../src/graph/work.ts';
import {
  clipF32,
  hardSigmoidF32,
  hardSwishF32,
  leakyReluF32,
  sigmoidF32,
  tanhF32,
} from '../../../src/kernels/unaryF32.ts';
import { referenceUnary } from '../../reference/float32.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';
import { expectSameBytes, expectWithin } from './within.ts';

const kernels = [clipF32, leakyReluF32, hardSigmoidF32, hardSwishF32, sigmoidF32, tanhF32];

/** Ulps that each function may be off, and what it may be off in absolute terms. */
const bounds: Record<UnaryOp, readonly [ulps: number, absolute: number]> = {
  Relu: [0, 0],
  Clip: [0, 0],
  LeakyRelu: [0.5, 0],
  // A cancellation around x = -beta / alpha leaves the rounding of the product.
  HardSigmoid: [1.5, 2 ** -24],
  HardSwish: [2, 2 ** -22],
  Sigmoid: [3, 0],
  Tanh: [2, 0],
};

/** The distance between the float32 numbers around x. */
function ulp(x: number): number {
  return 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);
}

function work(op: UnaryOp, count: number): UnaryF32Work {
  const parameters = { Clip: [-1.5, 6], LeakyRelu: [0.1, 0], HardSigmoid: [0.2, 0.5] } as const;
  const [alpha, beta] = op in parameters ? parameters[op as keyof typeof parameters] : [0, 0];
  return { family: 'unaryF32', op, alpha, beta, count };
}

function check(op: UnaryOp, input: Float32Array, misalign = 0, inPlace = false): void {
  const w = work(op, input.length);
  const kernel = kernels.find((k) => k.fits(w) !== undefined)!;
  const expected = Float64Array.from(input, (x) => referenceUnary(w, x));
  const results = binaryNames.map((binary) => {
    const output = new Float32Array(input.length);
    const options = { binary, misalign, inPlace };
    return runKernel(kernel, w, [input], [output], options)[0] as Float32Array;
  });
  const [ulps, absolute] = bounds[op];
  const rounded = Float64Array.from(expected, Math.fround);
  expectWithin(
    results[0]!,
    ulps === 0 ? rounded : expected,
    (i) => Math.max(absolute, ulps * ulp(expected[i]!)),
    `${op} of ${input.length}`,
  );
  expectSameBytes(results, op);
}

const ops = Object.keys(bounds) as UnaryOp[];

describe.each(ops)('%s', (op) => {
  test.each(product({ count: [0, ...around(4)], misalign: [0, 1], inPlace: [false, true] }))(
    '%o',
    ({ count, misalign, inPlace }) => {
      const next = random(count);
      const input = Float32Array.from({ length: count }, () => next() * 20 - 10);
      check(op, input, misalign, inPlace);
    },
  );

  test('the whole range of float32', () => {
    const bits = Uint32Array.from({ length: 200_000 }, (_, i) => i * 21475);
    const input = new Float32Array(bits.buffer);
    // -Infinity times 0, and products beyond the largest float.
    check(op, op === 'HardSwish' ? input.filter((x) => x > -1e38 && x < 1e38) : input);
  });

  test('numbers of ordinary size', () => {
    check(
      op,
      Float32Array.from({ length: 100_000 }, (_, i) => (i - 50_000) / 400),
    );
    check(
      op,
      Float32Array.from({ length: 100_000 }, (_, i) => (i - 50_000) / 50_000),
    );
  });

  test('zeros, infinities, NaN, subnormal numbers', () => {
    const input = [0, -0, Number.NaN, 1e-45, -1e-45, 1e-40, -1e-40, 3.4e38, -3.4e38];
    if (op !== 'HardSwish') input.push(Number.NEGATIVE_INFINITY);
    check(op, Float32Array.from([...input, Number.POSITIVE_INFINITY]));
  });
});

test('tanh keeps the sign of zero', () => {
  const [actual] = runKernel(
    tanhF32,
    work('Tanh', 2),
    [Float32Array.of(0, -0)],
    [new Float32Array(2)],
  );
  expect(actual).toEqual(Float32Array.of(0, -0));
});

test('sigmoid reaches the subnormal numbers', () => {
  const input = Float32Array.from({ length: 2000 }, (_, i) => -105 + i / 80);
  check('Sigmoid', input);
});
