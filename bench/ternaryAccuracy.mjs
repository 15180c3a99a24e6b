// npm run bench:ternary -- [FILTER] [--images N]: every ternary network in ../shared, with real maps
// and quantized, beside onnxruntime on the same files (npm run bench:peers installs it). Writes
// bench/results/ternary-accuracy.json.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { load, quantize } from '../dist/index.js';

const peers = new URL('./peers/node_modules/', import.meta.url);
const ort = createRequire(import.meta.url)(
  process.env.ONNXRUNTIME ?? `${peers.pathname}onnxruntime-node`,
);

const cifar = {
  size: 32,
  mean: [0.4914, 0.4822, 0.4465].map((v) => 255 * v),
  std: [0.2023, 0.1994, 0.201].map((v) => 255 * v),
  calibration: ['cifar10-jpeg-train', 200],
  test: ['cifar10-jpeg-test-a', 5000],
};
const resnet = { ...cifar, mean: [125.3, 123.0, 113.9], std: [63.0, 62.1, 66.7] };
const tiny = {
  size: 56,
  mean: [0.485, 0.456, 0.406].map((v) => 255 * v),
  std: [0.229, 0.224, 0.225].map((v) => 255 * v),
  // All of TinyImageNet at hand is the test: the pictures that it was made of stand in for it.
  calibration: ['imagenet-val-200', 200],
  test: ['tinyimagenet-val-200', 200],
};

/** Network, preprocessing, and what the manifest has of the test images right. */
const networks = [
  ['squeezenet_bn_ttq_tinyimagenet', tiny, 70],
  ['squeezenet_bn_ttq_cifar10', cifar, 4005],
  ['microbotnet_x0_50_ttq_cifar10', cifar, 3946],
  ['microbotnet_x0_32_ttq_conv_fc_cifar10', cifar, 3521],
  ['resnet20_ec2t_z45_cifar10', resnet, 4098],
  ['resnet20_ec2t_z64_cifar10', resnet, 4049],
  ['resnet20_ec2t_z73_cifar10', resnet, 4042],
];

const asked = process.argv.indexOf('--images');
const mostImages = asked < 0 ? Number.POSITIVE_INFINITY : Number(process.argv[asked + 1]);
const filter =
  process.argv.slice(2).find((arg, i) => !arg.startsWith('--') && i + 2 !== asked + 1) ?? '';

/** Some of a data set's pictures from all over it, as pixels, with the number of their folder. */
async function picturesOf(name, most, size) {
  const files = unzipSync(new Uint8Array(readFileSync(`../shared/data/${name}.zip`)));
  const names = Object.keys(files)
    .filter((file) => /\.jpe?g$/i.test(file))
    .sort();
  const folderOf = (file) => file.split('/').at(-2);
  const classes = [...new Set(names.map(folderOf))].sort();
  const count = Math.min(most, names.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => names[Math.floor((i * names.length) / count)],
  );
  const decode = async (file) => {
    const picture = sharp(files[file]).toColourspace('srgb').removeAlpha();
    const { width } = await picture.metadata();
    if (width > 64) picture.resize(64, 64, { fit: 'fill' });
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    return {
      pixels: data,
      width: info.width,
      cut: (info.width - size) / 2,
      class: classes.indexOf(folderOf(file)),
    };
  };
  return Promise.all(chosen.map(decode));
}

/** The middle of a picture as an NCHW input. */
function inputOf({ pixels, width, cut }, { size, mean, std }) {
  return Float32Array.from({ length: 3 * size * size }, (_, i) => {
    const c = Math.floor(i / size ** 2);
    const y = Math.floor(i / size) % size;
    return (pixels[((y + cut) * width + (i % size) + cut) * 3 + c] - mean[c]) / std[c];
  });
}

function best(scores) {
  let at = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i] > scores[at]) at = i;
  return at;
}

async function reference(bytes) {
  const session = await ort.InferenceSession.create(Buffer.from(bytes), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Else a DequantizeLinear of constants runs on every call.
    extra: { session: { disable_quant_qdq: '1' } },
  });
  return async (input, shape) => {
    const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', input, shape) };
    return (await session.run(feeds))[session.outputNames[0]].data;
  };
}

async function measure(name, settings, manifestTop1) {
  const file = new Uint8Array(readFileSync(`../shared/models/onnx/${name}.onnx`));
  const { size, calibration, test } = settings;
  const shape = [1, 3, size, size];
  const samples = (await picturesOf(calibration[0], calibration[1], size)).map((p) =>
    inputOf(p, settings),
  );
  const quantized = await quantize(file, samples, { name });
  const [real, integer] = [await load(file), await load(quantized)];
  const [theirsReal, theirsInteger] = [await reference(file), await reference(quantized)];
  const pictures = await picturesOf(test[0], Math.min(test[1], mostImages), size);
  const count = { real: 0, integer: 0, theirsReal: 0, theirsInteger: 0 };
  const agree = { real: 0, sameFile: 0, integerWithReal: 0 };
  for (const picture of pictures) {
    const input = inputOf(picture, settings);
    const answers = {
      real: best(real.run(input)),
      integer: best(integer.run(input)),
      theirsReal: best(await theirsReal(input, shape)),
      theirsInteger: best(await theirsInteger(input, shape)),
    };
    for (const [engine, answer] of Object.entries(answers))
      count[engine] += answer === picture.class;
    agree.real += answers.real === answers.theirsReal;
    agree.sameFile += answers.integer === answers.theirsInteger;
    agree.integerWithReal += answers.integer === answers.theirsReal;
  }
  const n = pictures.length;
  const percent = (value) => Math.round((10000 * value) / n) / 100;
  return {
    name,
    data: test[0],
    n,
    calibration: { data: calibration[0], n: samples.length },
    fileBytes: { before: file.length, quantized: quantized.length },
    agreement: {
      real: percent(agree.real),
      integerSameFile: percent(agree.sameFile),
      integerWithReal: percent(agree.integerWithReal),
    },
    top1: {
      manifest: percent(n === test[1] ? manifestTop1 : Number.NaN),
      onnxruntime: percent(count.theirsReal),
      real: percent(count.real),
      integer: percent(count.integer),
      onnxruntimeInteger: percent(count.theirsInteger),
    },
  };
}

/** The three files of one network, by three types of codes: every output as bytes. */
async function checkTriplet() {
  const outputs = [];
  for (const type of ['int2', 'uint2', 'int8']) {
    const model = await load(`../shared/models/onnx/tiny_ternary_${type}.onnx`);
    const bytes = [];
    for (let seed = 0; seed < 100; seed++) {
      const input = Float32Array.from({ length: 3 * 24 * 24 }, (_, i) =>
        Math.sin(1 + i * (seed + 1)),
      );
      bytes.push(...model.run(input));
    }
    outputs.push(bytes.join());
  }
  return outputs.every((output) => output === outputs[0]);
}

const results = [];
for (const [name, settings, manifest] of networks) {
  if (!name.includes(filter)) continue;
  const result = await measure(name, settings, manifest);
  results.push(result);
  const { agreement, top1, n } = result;
  console.log(`${name}, n = ${n}`);
  console.log(
    `  agrees with onnxruntime: real ${agreement.real} %, quantized on the same file ${agreement.integerSameFile} %,` +
      ` quantized with its real one ${agreement.integerWithReal} %`,
  );
  console.log(
    `  top-1: manifest ${top1.manifest}, onnxruntime ${top1.onnxruntime}, real ${top1.real}, quantized ${top1.integer} %`,
  );
}
const sameTriplet = await checkTriplet();
console.log(
  `tiny_ternary by int2, uint2 and int8: ${sameTriplet ? 'the same bytes' : 'OTHER BYTES'}`,
);
if (filter === '' && mostImages === Number.POSITIVE_INFINITY) {
  if (!existsSync('bench/results')) mkdirSync('bench/results');
  const facts = {
    node: process.version,
    onnxruntime: ort.env.versions?.node,
    sameTriplet,
    results,
  };
  writeFileSync('bench/results/ternary-accuracy.json', `${JSON.stringify(facts, null, 2)}\n`);
}
