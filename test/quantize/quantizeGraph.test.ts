import { describe, expect, test } from 'vitest';
import { ModelError, RunError } from '../../src/errors.ts';
import { writeOnnx } from '../../src/formats/onnx/write/write.ts';
import { readModel } from '../../src/formats/table.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { type Conv, type Node, noClamp } from '../../src/graph/node.ts';
import type { Quantization, Tensor } from '../../src/graph/tensor.ts';
import type { GraphBuilder } from '../../src/ops/builder.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { quantizeGraph } from '../../src/quantize/quantizeGraph.ts';
import { addConv, builder, constant, floats, opsOf, scale } from '../passes/graphs.ts';
import { runGraph } from '../run/runGraph.ts';

const shape = [1, 6, 5, 8];
const float = (id: string) => [{ id, dtype: 'float32' }] as const;
const samples = Array.from({ length: 20 }, (_, seed) => floats(shape, seed + 1));

/** How far the quantized network's answers lie from the real one's, over their spread. */
async function distance(graph: Graph, quantized: Graph): Promise<number> {
  let [square, spread] = [0, 0];
  for (let seed = 101; seed < 111; seed++) {
    const input = floats(shape, seed);
    const [expected] = (await runGraph(optimize(graph), input)) as [Float32Array];
    const [got] = (await runGraph(optimize(quantized), input)) as [Float32Array];
    expected.forEach((x, i) => {
      square += (x - got[i]!) ** 2;
      spread += x ** 2;
    });
  }
  return Math.sqrt(square / spread);
}

function unary(b: GraphBuilder, op: 'Relu' | 'HardSwish' | 'Sigmoid', x: Tensor, id: string) {
  return b.node(op, id, [x], { alpha: 0, beta: 0 }, float(id))[0]!;
}

function norm(b: GraphBuilder, x: Tensor, id: string): Tensor {
  const channels = x.shape.at(-1)!;
  const variance = b.constant(
    `${id}/var`,
    'float32',
    [channels],
    floats([channels], 7).map((v) => v + 1.5),
  );
  const [factor, offset, mean] = [3, 4, 5].map((seed) =>
    constant(b, `${id}/${seed}`, [channels], seed),
  );
  const inputs = [x, factor!, offset!, mean!, variance] as const;
  return b.node('BatchNorm', id, inputs, { epsilon: 1e-5 }, float(id))[0]!;
}

/** A network with what the quantizer has to see to: gates, sums, concatenations, norms in front. */
function network(): Graph {
  const b = builder();
  const x = b.input('x', 'float32', shape);
  const first = unary(b, 'HardSwish', addConv(b, x, 12, 3, 'c1', [1, 1, 1, 1]), 'hs');
  const normed = unary(b, 'Relu', norm(b, first, 'n1'), 'r1');
  const left = addConv(b, normed, 6, 1, 'c2');
  const right = addConv(b, normed, 6, 3, 'c3', [1, 1, 1, 1]);
  const [joined] = b.node('Concat', 'cat', [left, right], { axis: 3 }, float('cat'));
  const [sum] = b.node('Add', 'sum', [joined!, first], noClamp, float('sum'));
  const gate = unary(b, 'Sigmoid', addConv(b, sum!, 12, 1, 'c4'), 'gate');
  const [gated] = b.node('Mul', 'gated', [sum!, gate], noClamp, float('gated'));
  return b.build([addConv(b, gated!, 10, 1, 'last')]);
}

test('a network becomes one of integers, with real scores, and close to what it was', async () => {
  const graph = network();
  const quantized = await quantizeGraph(graph, samples);
  const optimized = optimize(quantized);
  const real = (node: Node): boolean => node.outputs.some(({ dtype }) => dtype === 'float32');
  expect(optimized.nodes.filter(real).map(({ name }) => name)).toEqual(['last']);
  expect(opsOf(optimized)).not.toContain('Dequantize');
  expect(await distance(graph, quantized)).toBeLessThan(0.04);
});

test('the same samples give the same file', async () => {
  const files = [];
  for (let i = 0; i < 2; i++) files.push(writeOnnx(await quantizeGraph(network(), samples)));
  expect(files[0]).toEqual(files[1]);
});

test('parts of a concatenation have its scale; a gate holds 0 to 1; HardSwish loses no steps', async () => {
  const quantized = await quantizeGraph(network(), samples, { method: 'minmax' });
  const quantizationOf = (id: string): Quantization => {
    const tensors = quantized.nodes.flatMap(({ outputs }) => outputs);
    return tensors.find((tensor) => tensor.id === `${id}/u8`)!.quantization!;
  };
  expect(quantizationOf('c2')).toEqual(quantizationOf('cat'));
  expect(quantizationOf('c3')).toEqual(quantizationOf('cat'));
  expect(quantizationOf('gate')).toEqual(scale(Math.fround(1 / 255), 0));
  const { scale: steps, zeroPoint } = quantizationOf('c1');
  expect(-steps[0]! * zeroPoint[0]!).toBeGreaterThan(-3 - steps[0]!);
  expect(quantizationOf('r1').zeroPoint[0]).toBe(0);
});

test('a norm in front of an activation is a depthwise convolution that loses nothing', async () => {
  const quantized = await quantizeGraph(network(), samples);
  const layers = quantized.nodes.filter((node): node is Conv => node.op === 'Conv');
  const depthwise = layers.find(({ attributes }) => attributes.groups === 12)!;
  const behind = quantized.nodes.find(({ outputs }) => outputs[0] === depthwise.inputs[1])!;
  const [weights] = behind.inputs;
  expect((weights!.data as Int8Array).every((w) => Math.abs(w) === 127)).toBe(true);
});

/** A Conv of weights -minus, 0 and plus. */
function ternaryGraph(plus: number, minus: number, normed = false): Graph {
  const b = builder();
  const x = b.input('x', 'float32', shape);
  const data = floats([10, 3, 3, 8], 9).map((w) => (w > 0.3 ? plus : w < -0.3 ? -minus : 0));
  const weights = b.constant('w', 'float32', [10, 3, 3, 8], data);
  const bias = constant(b, 'b', [10], 3);
  const attributes = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    groups: 1,
    ...noClamp,
  } as const;
  const [y] = b.node('Conv', 'c', [x, weights, bias], attributes, float('c'));
  const z = normed ? norm(b, y!, 'n') : y!;
  return b.build([addConv(b, unary(b, 'Relu', z, 'r'), 4, 1, 'last')]);
}

test.each([
  [0.25, 0.25],
  [0.25, 0.3],
  [0.25, 0],
])('ternary weights %d and -%d stay what they are', async (plus, minus) => {
  const graph = ternaryGraph(plus, minus);
  const quantized = await quantizeGraph(graph, samples);
  expect(await distance(graph, quantized)).toBeLessThan(0.02);
  const layers = optimize(quantized).nodes.filter((node): node is Conv => node.op === 'Conv');
  const { data, quantization } = layers[0]!.inputs[1];
  expect(new Set(data as Int8Array)).toEqual(new Set(minus === 0 ? [0, 1] : [-1, 0, 1]));
  expect(quantization!.scale.every((s) => s === Math.fround(plus))).toBe(true);
  const negative = plus === minus || minus === 0 ? undefined : Math.fround(minus);
  expect(quantization!.negativeScale?.[0]).toBe(negative);
});

test('a channel of tiny weights keeps its bias', async () => {
  const b = builder();
  const x = b.input('x', 'float32', shape);
  const data = floats([4, 1, 1, 8], 5).map((w, i) => (i < 8 ? w * 1e-38 : w));
  const weights = b.constant('w', 'float32', [4, 1, 1, 8], data);
  const bias = b.constant('b', 'float32', [4], Float32Array.of(0.7, 0.1, 0.2, -0.3));
  const attributes = {
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
    groups: 1,
    ...noClamp,
  } as const;
  const [y] = b.node('Conv', 'c', [x, weights, bias], attributes, float('c'));
  const graph = b.build([addConv(b, unary(b, 'Relu', y!, 'r'), 4, 1, 'last')]);
  expect(await distance(graph, await quantizeGraph(graph, samples))).toBeLessThan(0.02);
});

describe('what it refuses', () => {
  test('no samples', async () => {
    await expect(quantizeGraph(network(), [])).rejects.toThrow(RunError);
  });

  test('samples that overflow', async () => {
    const infinite = [floats(shape).fill(3e38)];
    await expect(quantizeGraph(network(), infinite)).rejects.toThrow(/tensor .* finite/);
  });

  test('inputs of another size', async () => {
    await expect(quantizeGraph(network(), [new Float32Array(3)])).rejects.toThrow(RunError);
  });

  test('a graph that is quantized already', async () => {
    const quantized = await quantizeGraph(network(), samples);
    await expect(quantizeGraph(quantized, samples)).rejects.toThrow(ModelError);
  });

  test.each([0, 101, Number.NaN])('percentile %d', async (percentile) => {
    await expect(quantizeGraph(network(), samples, { percentile })).rejects.toThrow(/percentile/);
  });
});

test('written and read again, the network computes the same', async () => {
  for (const graph of [
    network(),
    ternaryGraph(0.25, 0.25),
    ternaryGraph(0.25, 0.3),
    ternaryGraph(0.25, 0.3, true),
  ]) {
    const quantized = await quantizeGraph(graph, samples);
    for (const ternary of ['int2', 'int8'] as const) {
      const read = await readModel(writeOnnx(quantized, { ternary }), 'test');
      const input = floats(shape, 50);
      expect(await runGraph(optimize(read), input)).toEqual(
        await runGraph(optimize(quantized), input),
      );
    }
  }
});
