// Writes src/bench/shapes/*.json: the distinct layer shapes of networks, for the command bench.
// npm run bench:shapes   (needs the folder of models beside the checkout, see test/shared.ts)
import { readFileSync, writeFileSync } from 'node:fs';
import { describeWork } from '../src/bench/describe.ts';
import type { EncodedArray, EncodedShape, ShapeFile } from '../src/bench/shapeFile.ts';
import type { TypedArray } from '../src/graph/tensor.ts';
import { load } from '../src/index.ts';

const shared = '../shared/models';
const networks: readonly [file: string, network: string, source: string][] = [
  [
    'mobilenetV1',
    'MobileNetV1',
    `${shared}/tflite/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite`,
  ],
  ['mobilenetV2', 'MobileNetV2', `${shared}/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite`],
  ['vww', 'VWW', `${shared}/tflite/vww_96_int8.tflite`],
  ['resnet8', 'ResNet8', `${shared}/tflite/pretrainedResnet_quant.tflite`],
  ['kws', 'KWS', `${shared}/tflite/kws_ref_model.tflite`],
  ['ad', 'AD', `${shared}/tflite/ad01_int8.tflite`],
  ['fashionMnist', 'Fashion-MNIST', 'models/fashion-mnist.onnx'],
  ['moteL', 'Mote-L', 'models/mote-l.onnx'],
];

/**
 * Arrays that are kept whole: those that say where to read, since random ones would lead outside,
 * and tables, since kernels are chosen by what they hold.
 */
const whole = new Set(['low', 'high', 'fraction', 'x', 'y', 'table']);
/** Digits that a statistic keeps. */
const digits = 4;

for (const [file, network, source] of networks) {
  const { plan } = await load(readFileSync(source), { name: network });
  const shapes = new Map<string, { name: string; count: number; work: unknown }>();
  for (const { work } of plan.steps) {
    const shapeName = describeWork(work);
    const shape = shapes.get(shapeName);
    if (shape === undefined)
      shapes.set(shapeName, { name: shapeName, count: 1, work: encode('', work) });
    else shape.count++;
  }
  const name = source.replace(/^.*\//, '');
  write(file, { network, source: name, shapes: [...shapes.values()] });
}

/** A line for each shape. */
function write(file: string, { network, source, shapes }: ShapeFile): void {
  const lines = shapes.map((shape: EncodedShape) => `    ${JSON.stringify(shape)}`);
  const head = `{\n  "network": ${JSON.stringify(network)},\n  "source": ${JSON.stringify(source)},\n`;
  const path = `src/bench/shapes/${file}.json`;
  writeFileSync(path, `${head}  "shapes": [\n${lines.join(',\n')}\n  ]\n}\n`);
  console.log(`${path}: ${shapes.length} shapes`);
}

function encode(key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return encodeArray(key, value as TypedArray);
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, encode(name, item)]);
    return Object.fromEntries(entries);
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function encodeArray(key: string, array: TypedArray): EncodedArray {
  const type = array.constructor.name as EncodedArray['type'];
  const values = Array.from(array, Number);
  const { length } = values;
  if (length <= 4 || whole.has(key)) return { type, length, values };
  if (key === 'weights') {
    const mean = values.reduce((sum, x) => sum + x, 0) / length;
    const square = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length;
    return { type, length, mean: short(mean), deviation: short(Math.sqrt(square)) };
  }
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return { type, length, low: short(low), high: short(high) };
}

function short(value: number): number {
  return Number(value.toPrecision(digits));
}
