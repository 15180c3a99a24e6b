import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noClamp } from '../../src/graph/node.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { codedWeights, ternaryCodes } from '../../src/graph/ternary.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { roundHalfToEven } from '../reference/requantize.ts';
import { runGraph } from '../run/runGraph.ts';
import { random } from '../vocabulary.ts';
import { builder, bytes, floats, opsOf, plainWindow, scale } from './graphs.ts';

const f32 = Math.fround;

test('codes of three values; anything else is refused', () => {
  const found = ternaryCodes([0.5, 0, -0.25, 0.5, 3, 3, 0, 0], 2);
  expect(found?.codes).toEqual(Int8Array.of(1, 0, -1, 1, 1, 1, 0, 0));
  expect(found?.plus).toEqual(Float64Array.of(0.5, 3));
  expect(found?.minus).toEqual(Float64Array.of(0.25, 3));
  expect(ternaryCodes([0, 0, -2, 0], 2)?.plus).toEqual(Float64Array.of(1, 2));
  expect(ternaryCodes([0.5, 0, 0.5000001, 0], 1)).toBeUndefined();
  expect(ternaryCodes([1, 2, 3, 2], 2, [2, 2])?.codes).toEqual(Int8Array.of(-1, 0, 1, 0));
  expect(ternaryCodes([1, Number.NaN], 1)).toBeUndefined();
  expect(ternaryCodes([1, Number.POSITIVE_INFINITY], 1)).toBeUndefined();
});

interface Layer {
  readonly pixels: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly isEven: boolean;
  /** Weights as real numbers, or behind a Dequantize as a file with 2-bit weights has them. */
  readonly isReal: boolean;
  /** A batch norm behind the layer, or the bias in an Add, or as the layer's own. */
  readonly after: 'norm' | 'add' | 'bias';
  readonly toReal: boolean;
  readonly zeros: number;
  readonly seed: number;
}

/** Quantize, Dequantize, Conv of ternary weights, Quantize; and what comes out by the formula. */
function layer(l: Layer) {
  const { pixels, inputs, outputs, kernel, isEven, isReal, after, toReal, zeros, seed } = l;
  const next = random(seed);
  const b = builder();
  const x = b.input('x', 'uint8', [1, pixels, kernel, inputs], scale(0.02, 7));
  const [real] = b.node('Dequantize', 'dx', [x], {}, [{ id: 'dx', dtype: 'float32' }]);
  const shape = [outputs, 1, kernel, inputs];
  const codes = Int8Array.from({ length: outputs * kernel * inputs }, () =>
    next() < zeros ? 0 : next() < 0.5 ? -1 : 1,
  );
  const isOne = !isReal;
  const plus = Float32Array.from({ length: outputs }, () => 0.1 + next());
  const minus = isEven || isOne ? plus : plus.map((p) => p * (0.6 + next()));
  const each = kernel * inputs;
  let weights: Tensor;
  if (isReal) {
    const data = Float32Array.from(codes, (code, i) => {
      const c = Math.floor(i / each);
      return code * (code < 0 ? minus : plus)[c]!;
    });
    weights = b.constant('w', 'float32', shape, data);
  } else {
    const quantization = { scale: plus, zeroPoint: new Int32Array(outputs), axis: 0 };
    const coded = b.constant('w', 'int8', shape, codes, { quantization });
    weights = b.node('Dequantize', 'dw', [coded], {}, [{ id: 'dw', dtype: 'float32' }])[0]!;
  }
  const bias = floats([outputs], seed + 1);
  const biasOf = b.constant('b', 'float32', after === 'add' ? [1, 1, 1, outputs] : [outputs], bias);
  const window = { ...plainWindow, groups: 1, ...noClamp };
  const operands =
    after === 'bias' ? ([real!, weights, biasOf] as const) : ([real!, weights] as const);
  let [y] = b.node('Conv', 'conv', operands as never, window, [{ id: 'conv', dtype: 'float32' }]);
  const factor = floats([outputs], seed + 2).map((v) => v || 1);
  if (after === 'add') {
    [y] = b.node('Add', 'add', [y!, biasOf], noClamp, [{ id: 'add', dtype: 'float32' }]);
  } else if (after === 'norm') {
    const vector = (id: string, data: Float32Array) => b.constant(id, 'float32', [outputs], data);
    const [zero, one] = [new Float32Array(outputs), new Float32Array(outputs).fill(1)];
    const rest = [vector('factor', factor), biasOf, vector('mean', zero), vector('variance', one)];
    [y] = b.node('BatchNorm', 'norm', [y!, ...rest] as never, { epsilon: 0 }, [
      { id: 'norm', dtype: 'float32' },
    ]);
  }
  const out = { scale: 0.05, zeroPoint: 100 };
  if (!toReal) {
    const spec = {
      id: 'y',
      dtype: 'uint8',
      quantization: scale(out.scale, out.zeroPoint),
    } as const;
    [y] = b.node('Quantize', 'q', [y!], {}, [spec]);
  }
  const expected = (input: Uint8Array): number[] => {
    const result: number[] = [];
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let c = 0; c < outputs; c++) {
        const sums = { plus: 0, minus: 0 };
        for (let i = 0; i < each; i++) {
          const code = codes[c * each + i]!;
          if (code > 0) sums.plus += input[pixel * each + i]! - 7;
          if (code < 0) sums.minus += input[pixel * each + i]! - 7;
        }
        const by = after === 'norm' ? factor[c]! : 1;
        let [up, down] = [f32(plus[c]! * by), f32(minus[c]! * by)];
        if (by < 0) {
          [sums.plus, sums.minus] = [sums.minus, sums.plus];
          [up, down] = [-down, -up];
        }
        // A channel without weights of one sign has one scale.
        const some = (sign: number) => codes.subarray(c * each, (c + 1) * each).includes(sign);
        const [hasUp, hasDown] = by < 0 ? [some(-1), some(1)] : [some(1), some(-1)];
        if (!hasUp) up = hasDown ? down : 1;
        if (!hasDown) down = up;
        result.push(...[resultOf(sums.plus, sums.minus, up, down, c)]);
      }
    }
    return result;
  };
  const unit = toReal ? 1 : f32(out.scale);
  const inputScale = f32(0.02);
  const isApart = expectedScales();
  function expectedScales(): boolean {
    return Array.from({ length: outputs }, (_, c) => {
      const own = codes.subarray(c * each, (c + 1) * each);
      const by = after === 'norm' ? factor[c]! : 1;
      return own.includes(1) && own.includes(-1) && f32(plus[c]! * by) !== f32(minus[c]! * by);
    }).includes(true);
  }
  function resultOf(p: number, n: number, up: number, down: number, c: number): number {
    const [s, t] = [up, down].map((w) => f32(f32(inputScale * w) / unit)) as [number, number];
    const scaled = isApart ? f32(f32(p * s) - f32(n * t)) : f32((p - n) * s);
    const sum = f32(scaled + f32(bias[c]! / unit));
    if (toReal) return sum;
    return Math.min(Math.max(roundHalfToEven(sum) + out.zeroPoint, 0), 255);
  }
  return { graph: b.build([y!]), expected, isApart };
}

const layers: fc.Arbitrary<Layer> = fc.record({
  pixels: fc.integer({ min: 1, max: 40 }),
  inputs: fc.integer({ min: 1, max: 20 }),
  outputs: fc.integer({ min: 1, max: 20 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  isEven: fc.boolean(),
  isReal: fc.boolean(),
  after: fc.constantFrom('norm', 'add', 'bias'),
  toReal: fc.boolean(),
  zeros: fc.constantFrom(0, 0.3, 0.6, 0.95, 1),
  seed: fc.nat(),
});

test('a layer of ternary weights, whatever their scales, keeps its real bias', async () => {
  await fc.assert(
    fc.asyncProperty(layers, async (l) => {
      // Quantized files round the layer's own bias to the weights' scale: fuseQdq.test.ts.
      fc.pre(l.isReal || l.after !== 'bias');
      const { graph, expected } = layer(l);
      const optimized = optimize(graph);
      expect(opsOf(optimized)).toEqual(['Conv']);
      const input = bytes([1, l.pixels, l.kernel, l.inputs], l.seed + 3);
      const [actual] = await runGraph(optimized, input);
      expect([...actual!].map(Number), JSON.stringify(l)).toEqual(expected(input));
    }),
    { numRuns: 200 },
  );
});

test('steps of one layer say which weights are theirs', () => {
  const { graph } = layer({
    ...{ pixels: 4, inputs: 12, outputs: 9, kernel: 1, isEven: false, isReal: true },
    ...{ after: 'bias', toReal: true, zeros: 0.3, seed: 1 },
  });
  const { steps } = makePlan(optimize(graph)).plan;
  expect(steps.map(({ why }) => why.split(':')[0])).toEqual([
    'positive weights',
    'negative weights',
    'scales for sums of either sign',
  ]);
});

test('weights of other values stay as they are', () => {
  const b = builder();
  const weights = b.constant('w', 'float32', [2, 1, 1, 3], floats([2, 1, 1, 3]));
  expect(codedWeights(weights)).toBeUndefined();
});
