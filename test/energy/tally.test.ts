import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/formats/table.ts';
import type { Graph } from '../../src/graph/graph.ts';
import type { Node } from '../../src/graph/node.ts';
import { load } from '../../src/index.ts';
import { operatorOf, opNames } from '../../src/ops/table.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { countedBytes } from '../../src/run/count.ts';
import { everyOperator as everyOnnx } from '../formats/onnx/write/everyOperator.ts';
import { everyOperator as everyTflite } from '../formats/tflite/everyOperator.ts';
import { writeModel } from '../formats/tflite/writeModel.ts';
import { builder, bytes, plainWindow } from '../passes/graphs.ts';
import { hasShared, ownModels, readShared, sharedPath } from '../shared.ts';
import { networks } from './networkLayers.ts';

/** Operators that do nothing. */
const idle = ['Reshape'];

function countOf(node: Node): number {
  const counts = operatorOf(node.op).count(node);
  return Object.values(counts).reduce((sum: number, n: number) => sum + n, 0);
}

const files = (hasShared ? ['onnx', 'tflite'] : []).flatMap((format) =>
  readdirSync(sharedPath(`models/${format}`))
    .filter((file) => /\.(onnx|tflite)$/.test(file))
    .map((file) => `models/${format}/${file}`),
);
const readable = files.filter((file) => !/keras_lstm|unsupported/.test(file));

/** As read and as it runs: the passes make operators that no file has. */
function nodesOf(graph: Graph): readonly Node[] {
  return [...graph.nodes, ...optimize(graph).nodes];
}

function expectCounts(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (idle.includes(node.op)) expect(countOf(node)).toBe(0);
    else expect(countOf(node), `${node.name} (${node.op})`).toBeGreaterThan(0);
  }
}

/** Products of integers that are scaled later, and what makes bytes of real numbers for them. */
function integerProducts(): Graph {
  const b = builder();
  const shape = [1, 3, 3, 2];
  const made = ['uint8', 'float32', 'uint8'] as const;
  const x = b.input('x', 'float32', shape);
  const [q, , zero] = b.node(
    'DynamicQuantize',
    'q',
    [x],
    {},
    made.map((dtype, i) => ({ id: `q${i}`, dtype })),
  );
  const weights = (of: number[]) => b.constant(`w${of.length}`, 'uint8', of, bytes(of));
  const window = { ...plainWindow, groups: 1 };
  const conv = [q!, weights([4, 2, 2, 2]), zero!] as const;
  const [y] = b.node('ConvInteger', 'conv', conv, window, [{ id: 'y', dtype: 'int32' }]);
  const product = [q!, weights([5, 2]), zero!] as const;
  const [z] = b.node('MatMulInteger', 'product', product, {}, [{ id: 'z', dtype: 'int32' }]);
  return b.build([y!, z!]);
}

describe('no operator is counted as nothing', () => {
  test('none of all that there are', async () => {
    const tflite = await readModel(writeModel(everyTflite), 'every operator of TFLite');
    const graphs = [tflite, integerProducts(), ...everyOnnx.map(({ graph }) => graph)];
    const nodes = graphs.flatMap(nodesOf);
    expect(new Set(nodes.map(({ op }) => op))).toEqual(new Set(opNames));
    expectCounts(nodes);
  });

  test.each(readable)('%s', async (file) => {
    expectCounts(nodesOf(await readModel(readShared(file), file)));
  });
});

describe('operations beside the MACs', () => {
  test('a quantized pool: each cell is added, each result requantized', async () => {
    const bytes = new Uint8Array(readFileSync('models/mote-l.onnx'));
    const { layers } = (await countedBytes(bytes))();
    const pool = layers.find(({ name }) => name === 'pool')!;
    expect(pool.operations).toEqual({ additions: 16 * 80, requantizations: 80 });
    const sum = layers.find(({ name }) => name === 'block4.add')!;
    expect(sum.operations).toEqual({ additions: 2048, requantizations: 2048 });
    const gate = layers.find(({ name }) => name === 'block4.excite.scale')!;
    expect(gate.operations).toEqual({ multiplications: 2048, requantizations: 2048 });
    // A gate is read beside the map, a sum's second operand instead of it.
    expect(gate.bytes.inputs.home).toBe(2048 + 32);
    expect(sum.bytes.inputs.home).toBe(2048);
    expect(sum.bytes.outputs.home).toBe(0);
  });

  test('run by itself, a sum reads and writes all of its maps', async () => {
    const bytes = new Uint8Array(readFileSync('models/mote-l.onnx'));
    const { layers } = (await countedBytes(bytes))({ reuse: 'tiled' });
    const sum = layers.find(({ name }) => name === 'block4.add')!;
    expect([sum.bytes.inputs.home, sum.bytes.outputs.home]).toEqual([4096, 2048]);
  });
});

test.each(ownModels())('$file: what the scripts that made it counted', async (own) => {
  const count = await countedBytes(new Uint8Array(readFileSync(`models/${own.file}`)));
  expect(count().macs.nominal).toBe(own.macs);
  expect(count().energyPj.total / 1000).toBeCloseTo(own.energyNj.ideal, 0);
  expect(count({ reuse: 'tiled' }).energyPj.total / 1000).toBeCloseTo(own.energyNj.tiled, 0);
});

describe('a loaded model and its bytes cost the same', () => {
  const models: [string, () => Uint8Array][] = [
    ['fashion-mnist.onnx', () => readFileSync('models/fashion-mnist.onnx')],
    ...readable.map((file): [string, () => Uint8Array] => [file, () => readShared(file)]),
  ];
  test.each(models)('%s', async (name, read) => {
    const bytes = read();
    const options = { reuse: 'tiled', memory: 'sram:64KB' } as const;
    const model = await load(bytes, { name });
    const report = model.energy(options);
    expect((await countedBytes(bytes, { name }))(options)).toEqual(report);
    expect(report.macs.nominal).toBe(model.plan.macs);
    model.dispose();
    expect(model.energy(options)).toEqual(report);
  });
});

describe.skipIf(!hasShared)('files of known networks', () => {
  async function reportOn(path: string) {
    return (await countedBytes(readShared(path), { name: path }))();
  }

  test('KWS DS-CNN: the row of the worked table, from the file', async () => {
    const { energyPj, bytes, macs } = await reportOn('models/tflite/kws_ref_model.tflite');
    const nanojoules = Object.values(energyPj).map((pj) => (pj / 1000).toFixed(1));
    expect(nanojoules.slice(0, 7)).toEqual([
      ...['797.0', '231.4', '66.8', '128.3', '0.0', '127.4', '1350.9'],
    ]);
    expect(bytes.parameterBytes).toBe(26_720);
    expect(macs).toMatchObject({ nominal: 2_656_768, int8: 2_656_768 });
  });

  test('MobileNetV2: the row of the summary, with its 1001st class', async () => {
    const { energyPj } = await reportOn('models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite');
    expect((energyPj.total / 1e6).toFixed(0)).toBe('1308');
  });

  /** Nominal, not zero, of ternary weights: as the manifest of the files has them. */
  test.each([
    ['microbotnet_x0_50_ttq_cifar10', 1_616_512, 892_191, 761_472],
    ['microbotnet_x0_32_ttq_conv_fc_cifar10', 782_368, 383_596, 476_160],
    ['squeezenet_bn_ttq_tinyimagenet', 76_769_280, 30_065_175, 66_332_672],
    ['squeezenet_bn_ttq_cifar10', 23_511_040, 11_686_592, 21_659_648],
    ['resnet20_ec2t_z45_cifar10', 40_551_040, 19_647_360, 40_108_032],
    ['resnet20_ec2t_z64_cifar10', 40_551_040, 14_691_392, 40_108_032],
    ['resnet20_ec2t_z73_cifar10', 40_551_040, 11_215_680, 40_108_032],
  ])('%s: ternary weights beside real maps', async (name, nominal, nonZero, ternary) => {
    const { macs } = await reportOn(`models/onnx/${name}.onnx`);
    expect(macs).toMatchObject({ nominal, nonZero, ternary, float: nominal - ternary });
  });

  /** All at hand that networks.json has. Those of 1001 classes have a class more than it. */
  const known: readonly [network: string, files: readonly string[], classes?: 1001][] = [
    ['microbotnet_x0_25', ['onnx/microbotnet_x0_25_cifar10.onnx']],
    [
      'microbotnet_x0_32',
      ['onnx/microbotnet_x0_32_cifar10.onnx', 'onnx/microbotnet_x0_32_ttq_conv_fc_cifar10.onnx'],
    ],
    [
      'microbotnet_x0_50',
      ['onnx/microbotnet_x0_50_cifar10.onnx', 'onnx/microbotnet_x0_50_ttq_cifar10.onnx'],
    ],
    [
      'mobilenetv3_small_x0_25_cifar10',
      [
        'onnx/mobilenetv3_small_x0_25_cifar10.onnx',
        'tflite/mobilenetv3_small_x0_25_cifar10_dynamic_range.tflite',
      ],
    ],
    ['squeezenet_bn_cifar10_32', ['onnx/squeezenet_bn_ttq_cifar10.onnx']],
    ['squeezenet_bn_tinyimagenet_56', ['onnx/squeezenet_bn_ttq_tinyimagenet.onnx']],
    ['squeezenet1_0_224', ['onnx/squeezenet1_0_deepcomp_224_pad0.onnx']],
    ['squeezenet1_1_224', ['onnx/squeezenet1_1_fp16w_224.onnx']],
    ['fd_mobilenet_0_25_224', ['onnx/fd_mobilenet_0_25_224.onnx']],
    ['fd_mobilenet_0_5_224', ['onnx/fd_mobilenet_0_5_224.onnx']],
    ['resnet20_cifar', [45, 64, 73].map((z) => `onnx/resnet20_ec2t_z${z}_cifar10.onnx`)],
    [
      'mobilenet_v1_0_25_128',
      ['onnx/mobilenet_v1_0_25_128_qlinear.onnx', 'tflite/mobilenet_v1_0.25_128_quant.tflite'],
      1001,
    ],
    ['mobilenet_v1_0_25_224', ['onnx/mobilenet_v1_0_25_224.onnx']],
    ['mobilenet_v1_1_0_224', ['onnx/mobilenet_v1_1_0_224_qlinear.onnx'], 1001],
    ['mobilenet_v2_1_0_224', ['onnx/mobilenetv2-12-int8.onnx']],
    [
      'mobilenet_v2_1_0_224',
      [
        'onnx/mobilenet_v2_1_0_224_qdq.onnx',
        'tflite/mobilenet_v2_1.0_224_quant.tflite',
        'tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite',
      ],
      1001,
    ],
    [
      'mobilenet_v3_large_minimalistic_224',
      ['onnx/mobilenet_v3_large_minimalistic_224_w8qat.onnx'],
      1001,
    ],
    ['mlperf_kws_dscnn', ['tflite/kws_ref_model.tflite', 'tflite/kws_ref_model_float32.tflite']],
    ['mlperf_resnet8', ['tflite/pretrainedResnet.tflite', 'tflite/pretrainedResnet_quant.tflite']],
    [
      'mlperf_vww_mobilenet_v1_0_25_96',
      ['tflite/vww_96_float.tflite', 'tflite/vww_96_int8.tflite'],
    ],
    [
      'mlperf_ad_autoencoder',
      ['fp32', 'int8', 'int8_float_io', 'dynamic_range'].map(
        (kind) => `tflite/ad01_${kind}.tflite`,
      ),
    ],
  ];
  const files = known.flatMap(([name, paths, classes]) =>
    paths.map((path) => [path, name, classes] as const),
  );
  test.each(files)('%s: MACs by layer, to the unit', async (path, name, classes) => {
    const { layers, macs } = await reportOn(`models/${path}`);
    const network = networks().nets[name]!;
    const expected = network.layers.filter((row) => row[8] > 0).map((row) => row[8]);
    // The last layer's MACs are its inputs times the classes.
    if (classes !== undefined) expected.push((expected.pop()! * classes) / 1000);
    expect(macs.nominal).toBe(expected.reduce((sum, n) => sum + n, 0));
    if (classes === undefined) expect(macs.nominal).toBe(network.totals.macs);
    const got = layers.map((layer) => layer.macs.nominal).filter((n) => n > 0);
    expect(got.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
  });

  test('a classifier without its last layer', async () => {
    const extractor = 'models/tflite/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite';
    const { totals } = networks().nets.mobilenet_v1_1_0_224!;
    expect((await reportOn(extractor)).macs.nominal).toBe(totals.macs - 1024 * 1000);
  });
});

describe.skipIf(!hasShared)('models that cannot run here', () => {
  test('TFLite: what is not known is listed, the rest counted', async () => {
    const bytes = readShared('models/tflite/keras_lstm_mnist_ptq.tflite');
    await expect(load(bytes)).rejects.toThrow('UNIDIRECTIONAL_SEQUENCE_LSTM');
    const report = (await countedBytes(bytes))();
    expect(report.macs).toMatchObject({ nominal: 5600, int8: 5600 });
    expect(report.uncounted.map(({ op }) => op)).toEqual(['UNIDIRECTIONAL_SEQUENCE_LSTM']);
    expect(report.notes.at(-1)).toBe('1 node could not be counted and is not in the sums.');
  });

  test('ONNX: shapes behind an unknown node come from the file', async () => {
    const bytes = readShared('models/onnx/unsupported_qonnx_quant.onnx');
    await expect(load(bytes)).rejects.toThrow('Quant');
    const report = (await countedBytes(bytes))();
    expect(report.uncounted).toEqual([expect.objectContaining({ name: 'Quant_29', op: 'Quant' })]);
    expect(report.macs.nominal).toBe(10_645_344);
    expect(report.layers.map(({ name }) => name)).toContain('Mul_30');
  });

  test('bytes that are no model stay an error', async () => {
    await expect(countedBytes(Uint8Array.of(1, 2, 3))).rejects.toThrow('a TFLite or an ONNX model');
  });
});
