import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { madeFolder, pathOf } from './models.mjs';
import { oneLayer } from './oneLayer.mjs';
import { onnxTwin } from './onnxTwin.mjs';

/** Makes the files that the models name and nobody else has; those already made stay. */
export async function makeTwins(models, modelFolder) {
  mkdirSync(madeFolder, { recursive: true });
  for (const model of models) {
    const tflite = pathOf(model, 'tflite', modelFolder);
    const onnx = pathOf(model, 'onnx', modelFolder);
    if (model.tflite === 'made:one_layer.tflite' && !existsSync(tflite))
      writeFileSync(tflite, oneLayer());
    if (model.onnx?.startsWith('made:') && !existsSync(onnx))
      writeFileSync(onnx, await onnxTwin(new Uint8Array(readFileSync(tflite))));
  }
}
