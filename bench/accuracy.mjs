// npm run bench:accuracy [-- FILTER]: top-1 and top-5 of every model in ../shared on the data there,
// beside what the reference engines score (the manifests). Writes bench/results/accuracy.json.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';

const cropped = 'imagenet-val-200-224';

const cifar = ['--mean', '0.4914,0.4822,0.4465', '--std', '0.2023,0.1994,0.2010'];
const imagenet = ['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225'];
const resnet = ['--mean', '125.3,123.0,113.9', '--std', '63.0,62.1,66.7'];
const symmetric = ['--mean', '127.5', '--std', '127.5'];
const bgr = ['--order', 'bgr', '--mean', '104,117,123', '--std', '1'];

/** model, data set, n, top-1 and top-5 of the reference (top-5 where stated), options */
const rows = [
  ['tflite/kws_ref_model.tflite', 'kws01-a', 300, 276, null, []],
  ['tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite', 'imagenet-val-20', 20, 19, null, []],
  ['tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite', 'imagenet-val-200', 200, 159, null, []],
  ['tflite/mobilenet_v2_1.0_224_quant.tflite', 'imagenet-val-200', 200, 155, null, []],
  ['tflite/mobilenet_v1_0.25_128_quant.tflite', 'imagenet-val-200', 200, 100, null, []],
  // XNNPACK (tfjs-tflite 0.0.1-alpha.10) on the same bytes; TensorFlow Lite's built-in kernels: 139.
  ['tflite/mcunet_imagenet_best.tflite', 'imagenet-val-200', 200, 136, null, []],
  ['tflite/vww_96_int8.tflite', 'vww01-a', 64, 54, null, []],
  ['tflite/vww_96_float.tflite', 'vww01-a', 64, 54, null, ['--mean', '0', '--std', '255']],
  ['tflite/pretrainedResnet_quant.tflite', 'ic01', 200, 143, null, []],
  ['tflite/pretrainedResnet.tflite', 'ic01', 200, 144, null, ['--mean', '0', '--std', '1']],
  ['tflite/pretrainedResnet_quant.tflite', 'cifar10-jpeg-test-a', 5000, 3805, null, []],
  ['tflite/mobilenetv3_small_x0_25_cifar10_dynamic_range.tflite', 'ic01', 200, 162, null, cifar],
  ['onnx/mobilenet_v1_1_0_224_qlinear.onnx', 'imagenet-val-200', 200, 155, 186, []],
  ['onnx/mobilenet_v1_0_25_128_qlinear.onnx', 'imagenet-val-200-224', 200, 99, 152, []],
  [
    'onnx/mobilenet_v2_1_0_224_qdq.onnx',
    'imagenet-val-200',
    200,
    159,
    186,
    ['--mean', '127', '--std', '127.5'],
  ],
  ['onnx/mobilenetv2-12-int8.onnx', 'imagenet-val-200', 200, 155, 189, imagenet],
  ['onnx/squeezenet1_1_fp16w_224.onnx', 'imagenet-val-200', 200, 141, 177, bgr],
  ['onnx/mobilenet_v1_0_25_224.onnx', 'imagenet-val-200', 200, 128, 166, symmetric],
  [
    'onnx/mobilenet_v3_large_minimalistic_224_w8qat.onnx',
    'imagenet-val-200',
    200,
    148,
    187,
    symmetric,
  ],
  ['onnx/fd_mobilenet_0_5_224.onnx', 'imagenet-val-200', 200, 138, 178, imagenet],
  ['onnx/fd_mobilenet_0_25_224.onnx', 'imagenet-val-200', 200, 109, 161, imagenet],
  ['onnx/squeezenet1_0_deepcomp_224_pad0.onnx', 'imagenet-val-200', 200, 142, 173, bgr],
  ['onnx/squeezenet_bn_ttq_tinyimagenet.onnx', 'tinyimagenet-val-200', 200, 70, 125, imagenet],
  ['onnx/microbotnet_x0_25_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 3811, 4929, cifar],
  ['onnx/microbotnet_x0_32_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 3888, 4926, cifar],
  ['onnx/microbotnet_x0_50_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 3985, 4951, cifar],
  ['onnx/microbotnet_x0_50_ttq_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 3946, 4926, cifar],
  [
    'onnx/microbotnet_x0_32_ttq_conv_fc_cifar10.onnx',
    'cifar10-jpeg-test-a',
    5000,
    3521,
    4882,
    cifar,
  ],
  ['onnx/mobilenetv3_small_x0_25_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 3947, 4938, cifar],
  ['onnx/squeezenet_bn_ttq_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 4005, 4935, cifar],
  ['onnx/resnet20_ec2t_z45_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 4098, 4935, resnet],
  ['onnx/resnet20_ec2t_z64_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 4049, 4931, resnet],
  ['onnx/resnet20_ec2t_z73_cifar10.onnx', 'cifar10-jpeg-test-a', 5000, 4042, 4947, resnet],
  ['onnx/mlperftiny_ic_qop_b16.onnx', 'cifar10-jpeg-test-a', 5000, 3908, null, cifar],
];

/** One reference took the middle 224x224 before it scaled to 128. */
async function cropTo224() {
  const folder = `build/${cropped}`;
  if (existsSync(`${folder}/labels.csv`)) return folder;
  const files = unzipSync(new Uint8Array(readFileSync('../shared/data/imagenet-val-200.zip')));
  mkdirSync(folder, { recursive: true });
  let labels = '';
  for (const [name, bytes] of Object.entries(files)) {
    if (name === 'labels.csv')
      labels = new TextDecoder().decode(bytes).replaceAll(/\.jpe?g\b/gi, '.png');
    else if (/\.jpe?g$/i.test(name)) {
      const picture = sharp(bytes).extract({ left: 1, top: 1, width: 224, height: 224 });
      await picture.png().toFile(`${folder}/${basename(name).replace(/\.jpe?g$/i, '.png')}`);
    }
  }
  writeFileSync(`${folder}/labels.csv`, labels);
  return folder;
}

const [filter = ''] = process.argv.slice(2);
const results = [];
for (const [model, data, n, top1, top5, options] of rows) {
  if (!`${model} ${data}`.includes(filter)) continue;
  const set = data === cropped ? await cropTo224() : `../shared/data/${data}.zip`;
  const files = [`../shared/models/${model}`, set];
  const text = execFileSync(process.execPath, [
    'dist/cli.js',
    'eval',
    ...files,
    ...options,
    '--json',
  ]);
  const measured = JSON.parse(text);
  // Half a point, in pictures; mlperftiny_ic was counted on the first 4,992.
  const within = Math.abs(measured.top1 - (top1 * measured.n) / n) <= 0.005 * measured.n + 1e-9;
  results.push({
    model,
    data,
    n: measured.n,
    top1: measured.top1,
    top5: measured.top5,
    reference: { n, top1, top5 },
    within,
  });
  console.log(
    `${within ? 'ok  ' : 'OFF '} ${model} on ${data}: ${measured.top1} of ${measured.n}, reference ${top1} of ${n}` +
      (top5 === null ? '' : `; top-5 ${measured.top5}, reference ${top5}`),
  );
}
if (filter === '') {
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(
    'bench/results/accuracy.json',
    `${JSON.stringify({ node: process.version, results }, null, 2)}\n`,
  );
}
process.exitCode = results.every(({ within }) => within) ? 0 : 1;
