import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PlanError } from '../../../src/errors.ts';
import { broadcastShape, broadcastStrides, elementCount } from '../../../src/graph/shape.ts';
import type { BinaryU8Work } from '../../../src/graph/work.ts';
import { binaryU8 } from '../../../src/kernels/binaryU8.ts';
import { referenceBinaryU8 } from '../../reference/binaryU8.ts';
import { around, fillIntegers, fills, product } from '../../vocabulary.ts';
import { binaryNames, type RunOptions, runKernel } from '../harness.ts';
import { expectSame } from './expectSame.ts';

const f = Math.fround;
const ops = ['Add', 'Mul'] as const;
const roundings = ['xnnpack', 'onnxruntime'] as const;

interface Options extends Partial<Pick<BinaryU8Work, 'op' | 'rounding' | 'signed'>> {
  aShape?: readonly number[];
  bShape?: readonly number[];
  a?: readonly [scale: number, zeroPoint: number];
  b?: readonly [scale: number, zeroPoint: number];
  result?: readonly [scale: number, zeroPoint: number, min?: number, max?: number];
  fill?: (typeof fills)[number];
  seed?: number;
  /** Multiplies the second operand's numbers. */
  factor?: number;
}

function check(options: Options, run: RunOptions = {}): void {
  const { aShape = [256], bShape = aShape, op = 'Add', rounding = 'xnnpack', seed = 1 } = options;
  const { a = [0.02, 120], b = [0.03, 130], result = [0.04, 125], fill = 'random' } = options;
  const shape = broadcastShape(aShape, bShape)!;
  const [scale, zeroPoint, min = 0, max = 255] = result;
  const work: BinaryU8Work = {
    family: 'binaryU8',
    op,
    rounding,
    signed: options.signed ?? false,
    a: { scale: f(a[0]), zeroPoint: a[1] },
    b: { scale: f(b[0]), zeroPoint: b[1] },
    result: { scale: f(scale), zeroPoint, min, max },
    shape,
    aStrides: broadcastStrides(aShape, shape),
    bStrides: broadcastStrides(bShape, shape),
  };
  const left = new Uint8Array(elementCount(aShape));
  const right = new Uint8Array(elementCount(bShape));
  fillIntegers(left, fill, seed, 0, 255);
  fillIntegers(right, fill, seed + 1, 0, 255);
  right.set(right.map((value) => value * (options.factor ?? 1)));
  const kernel = binaryU8.find((candidate) => candidate.fits(work) !== undefined)!;
  const inPlace = run.inPlace === true && kernel.inPlace!(work);
  const output = new Uint8Array(elementCount(shape));
  const [got] = runKernel(kernel, work, [left, right], [output], { ...run, inPlace });
  expectSame(got, referenceBinaryU8(work, left, right), JSON.stringify(options));
}

/** All bytes of a with every fifth of b. */
const every = (seed: number) =>
  ({ aShape: [256, 1], bShape: [1, 51], fill: 'ramp', factor: 5, seed }) as const;

test.each(binaryNames)('%s: sizes around a vector of 8', (binary) => {
  for (const { op, rounding, n, signed } of product({
    op: ops,
    rounding: roundings,
    n: around(8),
    signed: [false, true],
  })) {
    check({ op, rounding, signed, aShape: [n] }, { binary });
    check({ op, rounding, signed, aShape: [n] }, { binary, inPlace: true, misalign: 1 });
  }
});

test('all pairs of bytes, over scales and zero points', () => {
  for (const { op, rounding, signed, scale, zeroPoint } of product({
    op: ops,
    rounding: roundings,
    signed: [false, true],
    scale: [2 ** -20, 2 ** -8, 1 / 3, 1, 3],
    zeroPoint: [0, 5, 128, 255],
  })) {
    const common = { ...every(1), op, rounding, signed };
    check({ ...common, a: [scale, zeroPoint], b: [0.7, 5], result: [1.1, 255 - zeroPoint] });
    check({ ...common, a: [0.01, 3], b: [scale, zeroPoint], result: [0.013, zeroPoint] });
  }
});

test('halves: sums and products of ones at scale one half', () => {
  for (const { op, rounding, signed, zeroPoint } of product({
    op: ops,
    rounding: roundings,
    signed: [false, true],
    zeroPoint: [0, 1, 127, 128],
  })) {
    const common = { ...every(1), op, rounding, signed };
    check({ ...common, a: [1, 128], b: [1, 128], result: [2, zeroPoint] });
    check({ ...common, a: [0.5, 128], b: [0.25, 3], result: [2, zeroPoint] });
  }
});

test.each(binaryNames)('%s: scales that are powers of two', (binary) => {
  const scales = [1, 2 ** -1, 2 ** -2, 2 ** -3, 2 ** -4, 2 ** -5, 2];
  for (const { signed, first, second, zeroPoint } of product({
    signed: [false, true],
    first: scales,
    second: scales,
    zeroPoint: [0, 1, 14, 128, 255],
  })) {
    const common = { ...every(1), rounding: 'onnxruntime', signed } as const;
    const operands = { a: [first, 128 - (zeroPoint >> 1)], b: [second, zeroPoint] } as const;
    check({ ...common, ...operands, result: [1, 255 - zeroPoint] }, { binary });
    check({ ...common, bShape: [256, 1], ...operands, result: [1, zeroPoint] }, { binary });
  }
  for (const { signed, zeroPoint, gate, n } of product({
    signed: [false, true],
    zeroPoint: [0, 1, 15, 128, 254, 255],
    gate: [0, 1, 128, 255],
    n: around(8),
  })) {
    const common = {
      op: 'Mul',
      rounding: 'onnxruntime',
      signed,
      result: [0.1, zeroPoint],
    } as const;
    const operands = { a: [0.1, zeroPoint], b: [1 / 256, gate] } as const;
    check({ ...common, ...every(1), ...operands }, { binary });
    check({ ...common, aShape: [9, 1, n], bShape: [9, n], ...operands }, { binary });
    check({ ...common, aShape: [3, n], bShape: [n], ...operands }, { binary, inPlace: true });
    check({ ...common, aShape: [300], ...operands }, { binary });
  }
});

test('kernels in 16 bits take what they are for', () => {
  const chosen = (work: Partial<BinaryU8Work>) => {
    const scale = { scale: 0.125, zeroPoint: 128 };
    const result = { ...scale, min: 0, max: 255 };
    const strides = { shape: [64, 40], aStrides: [40, 1], bStrides: [0, 1] };
    const whole = {
      family: 'binaryU8',
      op: 'Add',
      rounding: 'onnxruntime',
      signed: false,
    } as const;
    const all = { ...whole, a: scale, b: scale, result, ...strides, ...work };
    return binaryU8.find((candidate) => candidate.fits(all) !== undefined)!.name;
  };
  const gate = { scale: 1 / 256, zeroPoint: 0 };
  expect(chosen({})).toBe('add_u8_shift');
  expect(chosen({ rounding: 'xnnpack' })).toBe('add_u8_fixed');
  expect(chosen({ a: { scale: 0.1, zeroPoint: 128 } })).toBe('add_u8_fused');
  expect(chosen({ result: { scale: 0.125, zeroPoint: 128, min: 128, max: 255 } })).toBe(
    'add_u8_fused',
  );
  expect(chosen({ bStrides: [1, 0] })).toBe('add_u8_fused');
  expect(chosen({ op: 'Mul', b: gate })).toBe('mul_u8_shift');
  // A product of two negative numbers would leave 16 bits.
  expect(chosen({ op: 'Mul', b: { scale: 1 / 256, zeroPoint: 255 } })).toBe('mul_u8');
  expect(chosen({ op: 'Mul' })).toBe('mul_u8');
});

test('results beyond every width', () => {
  for (const { op, rounding, factor } of product({
    op: ops,
    rounding: roundings,
    factor: [2 ** -40, 2 ** -11, 2 ** -10, 200, 1000],
  })) {
    for (const zeroPoint of [0, 255]) {
      const operand = [factor, zeroPoint] as const;
      check({ ...every(1), op, rounding, a: operand, b: operand, result: [1, zeroPoint] });
    }
  }
  check({ ...every(1), op: 'Mul', a: [1e20, 0], b: [1e17, 255], result: [1, 7] });
  check({ ...every(1), rounding: 'onnxruntime', a: [1e9, 0], b: [1e9, 255], result: [1, 7] });
  // Sums in f32 that are no numbers on the way.
  check({ ...every(1), rounding: 'onnxruntime', a: [2e38, 255], b: [2e38, 3], result: [1, 7] });
});

test('clamps', () => {
  for (const { op, rounding, signed, bounds } of product({
    op: ops,
    rounding: roundings,
    signed: [false, true],
    bounds: [
      [125, 255],
      [125, 200],
      [77, 77],
      [0, 0],
      [255, 255],
    ] as const,
  })) {
    check({ ...every(1), op, rounding, signed, result: [0.01, 125, ...bounds] });
  }
});

test('broadcasting', () => {
  const shapes = [
    [
      [2, 5, 7, 19],
      [1, 1, 1, 19],
    ],
    [
      [2, 5, 7, 19],
      [2, 1, 1, 19],
    ],
    [
      [2, 5, 7, 19],
      [2, 5, 7, 1],
    ],
    [[2, 5, 7, 19], []],
    [
      [1, 1, 1, 19],
      [2, 5, 7, 19],
    ],
    [[], [3, 9]],
    [
      [3, 1, 4],
      [1, 5, 1],
    ],
    [
      [4, 1, 3, 1, 9],
      [1, 2, 1, 2, 9],
    ],
    [[1], [1]],
    [
      [0, 4],
      [1, 4],
    ],
  ] as const;
  for (const [aShape, bShape] of shapes) {
    for (const { op, rounding, inPlace } of product({
      op: ops,
      rounding: roundings,
      inPlace: [false, true],
    })) {
      check({ op, rounding, aShape, bShape }, { inPlace, misalign: 3 });
    }
  }
});

test('values at their extremes', () => {
  for (const { op, rounding, fill } of product({ op: ops, rounding: roundings, fill: fills })) {
    check({ op, rounding, fill, aShape: [100] });
  }
});

test('equals the oracle on random works', () => {
  const scale = fc.double({ min: -9, max: 0, noNaN: true }).map((exponent) => 2 ** exponent);
  const operand = fc.tuple(scale, fc.nat(255));
  const work = fc.record({
    op: fc.constantFrom(...ops),
    rounding: fc.constantFrom(...roundings),
    signed: fc.boolean(),
    aShape: fc.array(fc.constantFrom(1, 12), { maxLength: 2 }),
    bShape: fc.array(fc.constantFrom(1, 12), { maxLength: 2 }),
    a: operand,
    b: operand,
    result: operand,
    seed: fc.nat(),
  });
  const property = fc.property(work, fc.boolean(), (options, inPlace) =>
    check(options, { inPlace }),
  );
  fc.assert(property, { numRuns: 500 });
});

test('refuses operands a thousand times the output, takes scales of zero', () => {
  expect(() => check({ a: [2000, 0], result: [1, 0] })).toThrow(PlanError);
  check({ ...every(1), a: [0, 0], b: [0, 0] });
});
