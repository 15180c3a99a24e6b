import { expect, test } from 'vitest';
import type { DynamicQuantizeWork } from '../../../src/graph/work.ts';
import { dynamicQuantize } from '../../../src/kernels/dynamicQuantize.ts';
import { quantizeOne, roundHalfToEven } from '../../reference/quantize.ts';
import { around, product, random } from '../../vocabulary.ts';
import { binaryNames, runKernel } from '../harness.ts';

/** Every step rounded to float32, as the ONNX function's body is evaluated. */
function reference(input: Float32Array) {
  const numbers = input.filter((x) => !Number.isNaN(x));
  const max = numbers.reduce((a, b) => Math.max(a, b), 0);
  const min = numbers.reduce((a, b) => Math.min(a, b), 0);
  const range = Math.fround(max - min);
  const scale = range === 0 ? 1 : Math.fround(range / 255);
  const origin = roundHalfToEven(Math.fround(-min / scale));
  const zeroPoint = Math.min(255, Math.max(0, origin));
  return [
    Uint8Array.from(input, (x) => quantizeOne(x, scale, zeroPoint)),
    Float32Array.of(scale),
    Uint8Array.of(zeroPoint),
  ];
}

function check(values: Iterable<number>, misalign = 0): void {
  const input = Float32Array.from(values);
  const work: DynamicQuantizeWork = { family: 'dynamicQuantize', count: input.length };
  for (const binary of binaryNames) {
    const outputs = [new Uint8Array(input.length), new Float32Array(1), new Uint8Array(1)];
    const actual = runKernel(dynamicQuantize, work, [input], outputs, { binary, misalign });
    expect(actual, JSON.stringify([...input])).toEqual(reference(input));
  }
}

test.each(
  product({
    count: [0, ...around(16)],
    range: [
      [-1, 1],
      [0, 6],
      [2, 5],
      [-7, -3],
      [-1e-30, 1e-30],
      [-1e30, 2e30],
    ] as const,
    misalign: [0, 1],
  }),
)('%o', ({ count, range: [low, high], misalign }) => {
  const next = random(count);
  check(
    Array.from({ length: count }, () => low + next() * (high - low)),
    misalign,
  );
});

test('the examples of the ONNX specification', () => {
  check([0, 2, -3, -2.5, 1.34, 0.5]);
  check([-1, -2.1, -1.3, -2.5, -3.34, -4]);
  check([1, 2.1, 1.3, 2.5, 3.34, 4, 1.5, 2.6, 3.9, 4, 3, 2.345]);
});

test('zeros, halves, NaN', () => {
  check([0, -0, 0]);
  check(Array.from({ length: 511 }, (_, i) => i / 2));
  check(Array.from({ length: 511 }, (_, i) => i / 2 - 127));
  check([Number.NaN, -1, 3, Number.NaN, 2]);
});
