import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readTflite, tfliteTensorIds } from '../../../src/formats/tflite/read.ts';
import { isConstant } from '../../../src/graph/tensor.ts';
import { operatorOf } from '../../../src/ops/table.ts';

const folder = new URL('../../../../shared/models/tflite/', import.meta.url);

/** Multiply-accumulates and operators, as the files' manifest counts them. */
const models = {
  'tf2_mobilenet_v2_1.0_224_ptq': [300_775_552, 68],
  'mobilenet_v2_1.0_224_quant': [300_775_552, 66],
  'mobilenet_v1_1.0_224_quant_embedding_extractor': [567_716_352, 28],
  mobilenet_quant_v1_224_head_layers: [1_025_024, 3],
  'mobilenet_v1_0.25_128_quant': [13_570_304, 31],
  mcunet_imagenet_best: [64_861_552, 129],
  vww_96_int8: [7_489_664, 31],
  vww_96_float: [7_489_664, 31],
  pretrainedResnet_quant: [12_501_632, 16],
  pretrainedResnet: [12_501_632, 16],
  kws_ref_model: [2_656_768, 13],
  kws_ref_model_float32: [2_656_768, 13],
  ad01_int8: [264_192, 10],
  ad01_fp32: [264_192, 10],
  ad01_dynamic_range: [264_192, 10],
  ad01_int8_float_io: [264_192, 12],
  str_ww_ref_model: [826_368, 11],
  person_detect: [7_157_888, 31],
  micro_speech_quantized: [336_000, 4],
  mobilenetv3_small_x0_25_cifar10_dynamic_range: [2_219_008, 122],
  deeplabv3_mnv2_dm05_pascal_quant: [867_496_704, 72],
  split_concat: [0, 3],
} as const;

const read = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`${name}.tflite`, folder)));

// The files belong to others and are not in the repository.
describe.skipIf(!existsSync(folder))('the published models of ../shared/models/tflite', () => {
  test.each(Object.entries(models))('%s', (name, [macs, operators]) => {
    const graph = readTflite(read(name));
    const counts = graph.nodes.map((node) => operatorOf(node.op).count(node).macs ?? 0);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(macs);
    expect(graph.nodes.length).toBe(operators);
    expect(graph.rounding).toBe('xnnpack');
  });

  test('keras_lstm_mnist_ptq is refused for its one operator that is missing', () => {
    expect(() => readTflite(read('keras_lstm_mnist_ptq'))).toThrow(
      'node 1: got operator UNIDIRECTIONAL_SEQUENCE_LSTM, expected an operator in docs/operators.md',
    );
  });

  test('a byte for a byte: the 8-bit inputs of pictures take pixels as they are', () => {
    const { metadata, inputs } = readTflite(read('tf2_mobilenet_v2_1.0_224_ptq'));
    const { scale, zeroPoint } = inputs[0]!.quantization!;
    const { order, mean, std } = metadata.input!;
    expect(order).toBe('rgb');
    for (let pixel = 0; pixel < 256; pixel++) {
      const real = (pixel - mean![0]!) / std![0]!;
      expect(Math.round(real / scale[0]!) + zeroPoint[0]!).toBe(pixel);
    }
  });

  test('labels come from the zip behind the model', () => {
    const { labels } = readTflite(read('mobilenet_v1_0.25_128_quant')).metadata;
    expect(labels).toHaveLength(1001);
    expect(labels?.slice(0, 2)).toEqual(['background', 'tench, Tinca tinca']);
  });

  test('dynamic-range weights are real numbers, and remember their 8 bits', () => {
    const { nodes } = readTflite(read('mobilenetv3_small_x0_25_cifar10_dynamic_range'));
    const weights = nodes.flatMap(({ op, inputs }) =>
      op === 'Conv' || op === 'FullyConnected' ? [inputs[1]!] : [],
    );
    expect(weights.every((tensor) => tensor.dtype === 'float32' && isConstant(tensor))).toBe(true);
    expect(weights.filter(({ storedBits }) => storedBits === 8)).toHaveLength(27);
  });

  test('ids of computed tensors are those that tfliteTensorIds tells', () => {
    const bytes = read('pretrainedResnet_quant');
    const ids = tfliteTensorIds(bytes);
    const { nodes } = readTflite(bytes);
    for (const id of nodes.flatMap(({ outputs }) => outputs.map((output) => output.id))) {
      expect(ids).toContain(id);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });
});
