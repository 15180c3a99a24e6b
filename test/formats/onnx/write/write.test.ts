import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../../../src/errors.ts';
import { decodeModel } from '../../../../src/formats/onnx/decode.ts';
import { writeOnnx } from '../../../../src/formats/onnx/write/write.ts';
import { readModel } from '../../../../src/formats/table.ts';
import type { Graph } from '../../../../src/graph/graph.ts';
import { elementCount } from '../../../../src/graph/shape.ts';
import { allocate, type TypedArray } from '../../../../src/graph/tensor.ts';
import { optimize } from '../../../../src/passes/pipeline.ts';
import { loadBytes } from '../../../../src/run/load.ts';
import { Model } from '../../../../src/run/model.ts';
import { builder, opsOf } from '../../../passes/graphs.ts';
import { runGraph } from '../../../run/runGraph.ts';
import { hasShared, readShared } from '../../../shared.ts';
import { random } from '../../../vocabulary.ts';
import { everyOperator } from './everyOperator.ts';

const ternary = ['int2', 'int8'] as const;

function randomInput({ dtype, shape }: Model['inputs'][number], seed: number): TypedArray {
  const next = random(seed);
  const data = allocate(dtype, elementCount(shape));
  for (let i = 0; i < data.length; i++) {
    data[i] =
      dtype === 'float32'
        ? 4 * next() - 2
        : Math.floor(256 * next()) - (dtype === 'int8' ? 128 : 0);
  }
  return data;
}

/** A file computes, after it was read and written, what it did before, and says the same of itself. */
async function expectSame(bytes: Uint8Array, name: string): Promise<void> {
  using before = await loadBytes(bytes, { name }, Model);
  for (const storage of ternary) {
    const written = writeOnnx(await readModel(bytes, name), { ternary: storage });
    using after = await loadBytes(written, { name }, Model);
    const facts = ({ inputs, outputs, metadata, plan: { macs, params } }: Model) => {
      return { inputs, outputs, metadata, macs, params };
    };
    expect(facts(after)).toEqual(facts(before));
    for (const seed of [1, 2]) {
      const inputs = before.inputs.map((input) => randomInput(input, seed));
      expect(after.run(...inputs)).toEqual(before.run(...inputs));
    }
  }
}

describe('files at hand', () => {
  const own = readdirSync('models').filter((name) => name.endsWith('.onnx'));

  test.each(own)('%s', async (name) => {
    await expectSame(new Uint8Array(readFileSync(`models/${name}`)), name);
  });

  const shared = [
    ...['tiny_float_opset21', 'tiny_pytorch_qat_qdq', 'tiny_qdq_mixed_ops'],
    ...['tiny_qop_int8_opset10', 'tiny_qop_microsoft', 'tiny_ternary_int2', 'tiny_ternary_int8'],
    ...[
      'tiny_ternary_uint2',
      'tract_qrelu',
      'tract_qsigmoid',
      'tract_qtanh',
      'mlperftiny_ic_qop_b16',
    ],
    ...['mlperftiny_kws_qop', 'mobilenet_v1_0_25_128_qlinear', 'mobilenetv3_small_x0_25_cifar10'],
    ...['microbotnet_x0_50_ttq_cifar10', 'microbotnet_x0_32_ttq_conv_fc_cifar10'],
    ...['squeezenet_bn_ttq_cifar10', 'resnet20_ec2t_z64_cifar10'],
  ];

  test.skipIf(!hasShared).each(shared)('%s', async (name) => {
    await expectSame(readShared(`models/onnx/${name}.onnx`), name);
  });
});

describe('every operator', () => {
  test.each(everyOperator)('$name', async ({ graph, input }) => {
    const read = await readModel(writeOnnx(graph), 'test');
    expect(read.inputs.map(({ id, shape }) => ({ id, shape }))).toEqual(
      graph.inputs.map(({ id, shape }) => ({ id, shape })),
    );
    expect(await runGraph(optimize(read), input)).toEqual(await runGraph(optimize(graph), input));
  });
});

describe('layouts', () => {
  test('an NCHW file gets no Transpose', async () => {
    const graph = await readModel(new Uint8Array(readFileSync('models/mote-l.onnx')), 'mote-l');
    expect(graph.nodes.filter(({ op }) => op === 'Transpose').length).toBeGreaterThan(0);
    const { nodes } = decodeModel(writeOnnx(graph));
    expect(nodes.map(({ op }) => op)).not.toContain('Transpose');
  });

  test('names of inputs and outputs stay, and no name is there twice', () => {
    for (const { graph } of everyOperator) {
      const { nodes, initializers, inputs, outputs } = decodeModel(writeOnnx(graph));
      expect(inputs.map(({ name }) => name)).toEqual(graph.inputs.map(({ id }) => id));
      expect(outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ id }) => id));
      const made = [...nodes.flatMap((node) => node.outputs), ...initializers.keys()];
      expect(new Set(made).size).toBe(made.length);
      const names = nodes.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(made).toEqual(expect.arrayContaining(outputs.map(({ name }) => name)));
    }
  });
});

describe.skipIf(!hasShared)('ternary weights', () => {
  const files = ['squeezenet_bn_ttq_cifar10', 'resnet20_ec2t_z45_cifar10', 'tiny_ternary_int8'];

  test.each(files)('%s takes 2 bits for each', async (name) => {
    const graph = await readModel(readShared(`models/onnx/${name}.onnx`), name);
    const { initializers, opsets } = decodeModel(writeOnnx(graph));
    const narrow = [...initializers.values()].filter(({ type }) => /^u?int2$/.test(type));
    expect(opsets.get('')).toBe(25);
    expect(narrow.length).toBeGreaterThan(3);
    const compatible = decodeModel(writeOnnx(graph, { ternary: 'int8' }));
    expect(compatible.opsets.get('')).toBe(17);
    expect([...compatible.initializers.values()].map(({ type }) => type)).not.toContain('int2');
  });

  test('the three files of one network become one', async () => {
    const [int2, uint2, int8] = (await Promise.all(
      ['int2', 'uint2', 'int8'].map((type) =>
        readModel(readShared(`models/onnx/tiny_ternary_${type}.onnx`), type),
      ),
    )) as [Graph, Graph, Graph];
    expect(writeOnnx(int8)).toEqual(writeOnnx(int2));
    const again = await readModel(writeOnnx(uint2), 'uint2');
    expect(opsOf(optimize(again))).toEqual(opsOf(optimize(int2)));
  });
});

describe('what cannot be written', () => {
  test('8-bit maps of TensorFlow Lite', () => {
    const b = builder('xnnpack');
    const quantization = { scale: Float32Array.of(1), zeroPoint: Int32Array.of(3), axis: 0 };
    const x = b.input('x', 'float32', [1, 4]);
    const graph = b.build(
      b.node('Quantize', 'q', [x], {}, [{ id: 'q', dtype: 'uint8', quantization }]),
    );
    expect(() => writeOnnx(graph)).toThrow(/rounded as TensorFlow Lite does/);
  });

  test('scales that are not known', () => {
    const b = builder();
    const x = b.input('x', 'float32', [1, 4]);
    const outputs = (['uint8', 'float32', 'uint8'] as const).map((dtype, i) => ({
      id: `${i}`,
      dtype,
    }));
    const graph = b.build(b.node('DynamicQuantize', 'd', [x], {}, outputs));
    expect(() => writeOnnx(graph)).toThrow(ModelError);
  });
});

test('labels and preprocessing are kept', async () => {
  const b = builder();
  const metadata = {
    labels: ['cat', 'dög'],
    input: { size: [4, 5], order: 'bgr', mean: [1, 2.5, 3], std: [0.1, 1, 2], fit: 'crop' },
  } as const;
  const x = b.input('x', 'float32', [1, 2]);
  const graph = b.build(
    b.node('Relu', 'r', [x], { alpha: 0, beta: 0 }, [{ id: 'r', dtype: 'float32' }]),
  );
  const read = await readModel(writeOnnx({ ...graph, metadata }), 'test');
  expect(read.metadata).toEqual(metadata);
});
