import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from './paths.mjs';

/** What bench.mjs makes: ONNX twins of TFLite files, and a network of one layer. */
export const madeFolder = fromRoot('build/peers/made');

/**
 * The networks. Files lie in the folder of models; `made:` ones are made by twins.mjs, `own:` ones
 * are this repository's.
 * `input` is that of the first file: shapes are NHWC in TFLite, NCHW in ONNX. The ONNX twin of a
 * TFLite file takes and gives uint8 in NCHW, whatever its original takes.
 * `pixel` maps a byte to a number of a float input: (byte - mean) / std.
 */
export const models = [
  {
    key: 'mobilenet_v2_ptq',
    title: 'MobileNetV2 1.0 224, int8 per channel',
    tflite: 'tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite',
    onnx: 'made:mobilenet_v2_ptq.onnx',
    input: { dtype: 'uint8', shape: [1, 224, 224, 3] },
  },
  {
    key: 'mobilenet_v1_u8',
    title: 'MobileNetV1 1.0 224 embedding extractor, uint8',
    tflite: 'tflite/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite',
    onnx: 'made:mobilenet_v1_u8.onnx',
    input: { dtype: 'uint8', shape: [1, 224, 224, 3] },
  },
  {
    key: 'mobilenet_v1_025_128',
    title: 'MobileNetV1 0.25 128, uint8',
    tflite: 'tflite/mobilenet_v1_0.25_128_quant.tflite',
    onnx: 'made:mobilenet_v1_025_128.onnx',
    input: { dtype: 'uint8', shape: [1, 128, 128, 3] },
  },
  {
    key: 'vww',
    title: 'MLPerf Tiny visual wake words, int8',
    tflite: 'tflite/vww_96_int8.tflite',
    onnx: 'made:vww.onnx',
    input: { dtype: 'int8', shape: [1, 96, 96, 3] },
  },
  {
    key: 'resnet8',
    title: 'MLPerf Tiny ResNet8, int8',
    tflite: 'tflite/pretrainedResnet_quant.tflite',
    onnx: 'made:resnet8.onnx',
    input: { dtype: 'int8', shape: [1, 32, 32, 3] },
  },
  {
    key: 'kws',
    title: 'MLPerf Tiny keyword spotting, int8',
    tflite: 'tflite/kws_ref_model.tflite',
    onnx: 'made:kws.onnx',
    input: { dtype: 'int8', shape: [1, 49, 10, 1] },
  },
  {
    key: 'ad',
    title: 'MLPerf Tiny anomaly detection, int8',
    tflite: 'tflite/ad01_int8.tflite',
    onnx: 'made:ad.onnx',
    input: { dtype: 'int8', shape: [1, 640] },
  },
  {
    key: 'mobilenet_v1_qlinear',
    title: 'MobileNetV1 1.0 224, QLinearConv',
    onnx: 'onnx/mobilenet_v1_1_0_224_qlinear.onnx',
    input: { dtype: 'uint8', shape: [1, 3, 224, 224] },
  },
  {
    key: 'mobilenet_v2_qdq',
    title: 'MobileNetV2 1.0 224, QDQ',
    onnx: 'onnx/mobilenet_v2_1_0_224_qdq.onnx',
    input: { dtype: 'float32', shape: [1, 3, 224, 224], pixel: { mean: 127, std: 127.5 } },
  },
  {
    key: 'mote_l',
    title: 'Mote-L, under a million MACs, QDQ',
    onnx: 'own:mote-l.onnx',
    input: { dtype: 'uint8', shape: [1, 3, 32, 32] },
  },
  {
    key: 'one_layer',
    title: 'one 1x1 convolution, 8x8x8 to 8, int8',
    tflite: 'made:one_layer.tflite',
    onnx: 'made:one_layer.onnx',
    input: { dtype: 'int8', shape: [1, 8, 8, 8] },
    /** Where the output is a map, its twin gives it in another order. */
    outputMap: [1, 8, 8, 8],
  },
];

/** Where a model's file of that format lies, made or found; undefined where it has none. */
export function pathOf(model, format, modelFolder) {
  const file = model[format];
  return file === undefined ? undefined : locate(file, modelFolder);
}

function locate(file, modelFolder) {
  if (file.startsWith('made:')) return join(madeFolder, file.slice(5));
  return file.startsWith('own:') ? fromRoot(`models/${file.slice(4)}`) : join(modelFolder, file);
}

/** What the file of that format takes. */
export function inputOf(model, format) {
  if (format === 'tflite' || model.tflite === undefined) return model.input;
  const [batch, height, width, channels] = model.input.shape;
  const shape = height === undefined || width === undefined ? model.input.shape : undefined;
  return { dtype: 'uint8', shape: shape ?? [batch, channels, height, width] };
}

/** @throws Error that names the files which are not there */
export function checkFiles(chosen, modelFolder) {
  const files = chosen.flatMap(({ tflite, onnx }) => [tflite, onnx]);
  const needed = files.filter((file) => file !== undefined && !file.startsWith('made:'));
  const missing = needed.filter((file) => !existsSync(locate(file, modelFolder)));
  if (missing.length === 0) return;
  throw new Error(
    `${modelFolder} lacks ${missing.join(', ')}. Name the folder that holds these files by --models, or take other models by --model.`,
  );
}
