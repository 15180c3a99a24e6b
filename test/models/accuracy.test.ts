import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { hasShared, ownModels, sharedPath } from '../shared.ts';

/** What the reference engines get right; bench/accuracy.mjs has every model at hand. */
const rows = [
  ['tflite/kws_ref_model.tflite', 'kws01-a.zip', { n: 300, top1: 276 }],
  ['tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite', 'imagenet-val-20.zip', { n: 20, top1: 19 }],
  ['tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite', 'imagenet-val-200.zip', { n: 200, top1: 159 }],
  ['tflite/vww_96_int8.tflite', 'vww01-a.zip', { n: 64, top1: 54 }],
  ['tflite/pretrainedResnet_quant.tflite', 'ic01.zip', { n: 200, top1: 143 }],
] as const;

describe.skipIf(!hasShared)('accuracy through the command line', () => {
  test.each(rows)('%s on %s', (model, data, expected) => {
    const files = [sharedPath(`models/${model}`), sharedPath(`data/${data}`)];
    const output = execFileSync(process.execPath, ['dist/cli.js', 'eval', ...files, '--json']);
    expect(JSON.parse(output.toString())).toMatchObject(expected);
  });

  const measured = ownModels().filter(({ accuracy }) => accuracy.int8.dataSet.endsWith('.zip'));
  test.each(measured)('$file keeps the accuracy of its manifest', ({ file, accuracy }) => {
    const { right, n, dataSet } = accuracy.int8;
    const files = [`models/${file}`, sharedPath(`data/${dataSet}`)];
    const output = execFileSync(process.execPath, ['dist/cli.js', 'eval', ...files, '--json']);
    expect(JSON.parse(output.toString())).toMatchObject({ n, top1: right });
  });
});
