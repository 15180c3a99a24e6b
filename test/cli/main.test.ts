import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from '../../src/index.ts';
import { hasShared, sharedPath } from '../shared.ts';
import { cause, json, microjoule } from './microjoule.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const model = join(root, 'models/fashion-mnist.onnx');
const samples = join(root, 'models/samples');
const boot = join(samples, '00-ankle-boot.png');

let folder: string;
const inFolder = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each([
  [],
  ['classify'],
  ['run'],
  ['inspect'],
  ['profile'],
  ['energy'],
  ['compare'],
  ['bench'],
  ['eval'],
  ['quantize'],
])('%o --help', async (...command) => {
  const { status, stdout } = await microjoule(...command.flat(), '--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Usage: microjoule/);
});

describe('classify', () => {
  test('names the samples in JSON', async () => {
    const answer = await json('classify', model, boot, join(samples, '02-trouser.png'));
    expect(answer.images.map((image: { file: string }) => image.file)).toEqual([
      boot,
      join(samples, '02-trouser.png'),
    ]);
    const [{ classes, latencyMs }, second] = answer.images;
    expect(classes).toHaveLength(5);
    expect(classes[0]).toMatchObject({ label: 'Ankle boot', index: 9 });
    expect(second.classes[0]).toMatchObject({ label: 'Trouser', index: 1 });
    expect(latencyMs).toBeGreaterThan(0);
    const { macs, params, weightBytes, arenaBytes } = answer.model;
    const { plan } = await load(model);
    expect({ macs, params, weightBytes, arenaBytes }).toEqual({
      macs: plan.macs,
      params: plan.params,
      weightBytes: plan.weightBytes,
      arenaBytes: plan.arenaBytes,
    });
    expect(answer.preprocessing).toMatchObject({ order: 'grey', source: 'model file' });
  });

  test('says for people what was applied, and the cost', async () => {
    const { status, stdout } = await microjoule('classify', model, boot, '--top-k', '2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/MACs, .* parameters, .* of weights, .* peak memory/);
    expect(stdout).toMatch(
      /input: 28x28 grey, squash, bytes as they are, which is \(pixel - .*\) \/ .* by the model file/,
    );
    expect(stdout).toMatch(/00-ankle-boot\.png {2}[\d.]+ ms\n {2}[\d.]+ % {2}Ankle boot/);
  });

  test('options stand above the model file; fractions are read as such', async () => {
    const options = ['--mean', '0.5', '--std', '0.25', '--fit', 'crop', '--labels', 'cifar10'];
    const answer = await json('classify', ...options, model, boot);
    expect(answer.preprocessing).toMatchObject({
      mean: [127.5],
      std: [63.75],
      fit: 'crop',
      source: 'options',
    });
    expect(answer.notes[0]).toMatch(/multiplied by 255/);
    expect(answer.images[0].classes[0].label).toMatch(/^[a-z]+$/);
  });

  test('labels come from a file', async () => {
    await writeFile(inFolder('names.txt'), 'a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n');
    const answer = await json('classify', model, boot, '--labels', inFolder('names.txt'));
    expect(answer.images[0].classes[0].label).toBe('j');
  });
});

describe('bad input ends with status 1 and a line', () => {
  test('files', async () => {
    const absent = inFolder('absent.onnx');
    expect(await cause('classify', absent, boot)).toContain('absent.onnx: got no such file');
    expect(await cause('inspect', folder)).toContain('got a folder');
    const text = inFolder('text.tflite');
    await writeFile(text, 'no model at all');
    expect(await cause('inspect', text)).toContain('expected a TFLite or an ONNX model');
    expect(await cause('classify', model, text)).toContain('expected a picture');
    expect(await cause('classify', model, absent)).toContain('no such file');
    await writeFile(inFolder('empty.onnx'), '');
    expect(await cause('inspect', inFolder('empty.onnx'))).toContain('an empty file');
  });

  test('options', async () => {
    expect(await cause('classify', model, boot, '--top-k', '0')).toContain('--top-k');
    expect(await cause('classify', model, boot, '--mean', 'x')).toContain('Expected numbers');
    expect(await cause('classify', model, boot, '--fit', 'no')).toContain('crop, squash');
    expect(await cause('classify', model, boot, '--order', 'bgr')).toContain('expected grey');
    expect(await cause('classify', model, boot, '--mean', '1,2,3')).toContain('1 finite number');
    expect(await cause('classify', model, boot, '--labels', 'imagenet')).toContain('1000 names');
    expect(await cause('classify', model, boot, '--nonsense')).toContain('unknown option');
    expect(await cause('classify', model)).toContain("missing required argument 'image'");
    expect(await cause('nonsense')).toContain('unknown command');
  });
});

describe('run', () => {
  test('gives the bytes that the library gives', async () => {
    const pixels = await sharp(boot).greyscale().raw().toBuffer();
    const input = new Uint8Array(pixels);
    await writeFile(inFolder('in.u8'), input);
    const answer = await json(
      'run',
      model,
      '--input',
      inFolder('in.u8'),
      '--output',
      inFolder('out.f32'),
    );
    expect(answer.outputs).toMatchObject([{ dtype: 'float32', shape: [1, 10], bytes: 40 }]);
    const expected = (await load(model)).run(input) as Float32Array;
    expect(new Float32Array(new Uint8Array(await readFile(inFolder('out.f32'))).buffer)).toEqual(
      expected,
    );
  });

  test.skipIf(!hasShared)('gives golden bytes, with several inputs and outputs', async () => {
    const golden = (name: string) => sharedPath(`golden/tflite/${name}`);
    const run = async (file: string, inputs: string[], outputs: string[]) => {
      const made = outputs.map((name) => inFolder(`made-${name}`));
      const path = sharedPath(`models/tflite/${file}`);
      await json('run', path, '--input', ...inputs.map(golden), '--output', ...made);
      for (const [i, name] of outputs.entries())
        expect(await readFile(made[i]!)).toEqual(await readFile(golden(name)));
    };
    await run('kws_ref_model.tflite', ['kws_a_i8.bin'], ['out_kws_int8__kws_a_i8.bin']);
    const outputs = [0, 1, 2, 3, 4].map((i) => `out_split_concat__abc_${i}.bin`);
    await run('split_concat.tflite', ['split_a.bin', 'split_b.bin', 'split_c.bin'], outputs);
  });

  test('refuses what does not fit, and writes nothing', async () => {
    const short = inFolder('short.u8');
    const out = inFolder('none.f32');
    await writeFile(short, new Uint8Array(100));
    expect(await cause('run', model, '--input', short, '--output', out)).toMatch(
      /short\.u8: got 100 bytes, expected 784: uint8 \[1, 1, 28, 28\] for input/,
    );
    expect(await cause('run', model, '--input', short, short, '--output', out)).toContain(
      'got 2 files for --input',
    );
    expect(await cause('run', model, '--input', short, '--output', out, out)).toContain(
      'got 2 files for --output',
    );
    await writeFile(short, new Uint8Array(784));
    const nowhere = join(folder, 'no-folder', 'out.f32');
    expect(await cause('run', model, '--input', short, '--output', nowhere)).toContain('no-folder');
    expect((await readdir(folder)).filter((name) => name.includes('none'))).toEqual([]);
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test('inspect lists inputs, outputs, cost and layers', async () => {
  const answer = await json('inspect', model);
  expect(answer).toMatchObject({
    format: 'onnx',
    inputs: [{ name: 'image', dtype: 'uint8', shape: [1, 1, 28, 28] }],
    outputs: [{ dtype: 'float32', shape: [1, 10] }],
  });
  type Layer = { macs: number; params: number; kernel: string; why: string };
  const sum = (key: 'macs' | 'params') =>
    answer.layers.reduce((total: number, layer: Layer) => total + layer[key], 0);
  expect([sum('macs'), sum('params')]).toEqual([answer.macs, answer.params]);
  for (const layer of answer.layers) {
    expect(Object.keys(layer).filter((key) => key !== 'weightBits')).toEqual([
      ...['name', 'op', 'kernel', 'why', 'inputShape', 'outputShape', 'macs', 'params'],
      ...['weightBytes', 'packedBytes'],
    ]);
    expect(layer.why).not.toBe('');
  }
  const { stdout } = await microjoule('inspect', model);
  expect(stdout).toMatch(/input {3}image: uint8 \[1, 1, 28, 28\]/);
});

test.skipIf(!hasShared)('inspect says what ternary weights take', async () => {
  const file = sharedPath('models/onnx/tiny_ternary_int2.onnx');
  const { layers } = await json('inspect', file);
  const bits = layers.map(({ weightBits }: { weightBits?: number }) => weightBits);
  expect(bits.filter((each: unknown) => each !== undefined)).toEqual([8, 2, 2, 2, 2]);
  const { stdout } = await microjoule('inspect', file);
  expect(stdout).toMatch(/ternary 4 layers of 9,880 weights: 2\.00 bits each in the file/);
});

/** Sample pictures whose class `classify` names as labels.csv does. */
async function countRight(): Promise<number> {
  const [, ...rows] = (await readFile(join(samples, 'labels.csv'), 'utf8')).trim().split('\n');
  const truth = rows.map((row) => row.trim().split(','));
  const files = truth.map(([file]) => join(samples, file!));
  const { images } = await json('classify', model, ...files);
  return truth.filter(([, label], i) => images[i].classes[0].index === Number(label)).length;
}

describe('eval', () => {
  test('counts over pictures beside a labels.csv, in a folder and in a zip', async () => {
    const inFiles = await json('eval', model, samples);
    const right = await countRight();
    expect(inFiles).toMatchObject({ n: 12, top1: right, top5: 12 });
    expect(inFiles.msPerImage).toBeGreaterThan(0);
    const entries: Record<string, Uint8Array> = {};
    for (const name of await readdir(samples))
      entries[`wrapped/${name}`] = await readFile(join(samples, name));
    await writeFile(inFolder('samples.zip'), zipSync(entries));
    expect(await json('eval', model, inFolder('samples.zip'))).toMatchObject({
      n: 12,
      top1: right,
    });
  });

  test('counts over a folder for each class, matched to the labels by name', async () => {
    const data = inFolder('classes');
    // One picture in the wrong folder.
    for (const [name, file] of [
      ['ankle_boot', '00-ankle-boot.png'],
      ['Trouser', '02-trouser.png'],
      ['Bag', '03-trouser.png'],
    ] as const) {
      await mkdir(join(data, name), { recursive: true });
      await writeFile(join(data, name, file), await readFile(join(samples, file)));
    }
    const { n, top1, notes } = await json('eval', model, data);
    expect([n, top1]).toEqual([3, 2]);
    expect(notes).toContain('classes are matched to the labels by name');
    const { status, stdout } = await microjoule('eval', model, data);
    expect(status).toBe(0);
    expect(stdout).toMatch(/top-1 +2 of 3 +66\.7 %/);
  });

  test.skipIf(!hasShared)('takes raw pixels, and raw tensors', async () => {
    const floatModel = sharedPath('models/onnx/microbotnet_x0_32_cifar10.onnx');
    const cat = sharp('models/photographs/3-cat.png').removeAlpha().resize(32, 32);
    const pixels = await cat.raw().toBuffer();
    const planes = Float32Array.from(pixels, (_, i) => {
      const [channel, place] = [Math.floor(i / 1024), i % 1024];
      return (pixels[3 * place + channel]! - 128) / 64;
    });
    const logits = Array.from((await load(floatModel)).run(planes) as Float32Array);
    const best = logits.indexOf(Math.max(...logits));
    const rows = ['file,class,extra', `a.bin,${best},x`, `b.bin,${best},x`, `c.u8,${9 - best},x`];
    const csv = new TextEncoder().encode(`${rows.join('\n')}\n`);
    const floats = new Uint8Array(planes.buffer);
    const zip = zipSync({ 'labels.csv': csv, 'a.bin': pixels, 'b.bin': floats, 'c.u8': pixels });
    await writeFile(inFolder('raw.zip'), zip);
    const flags = ['--mean', '128', '--std', '64'];
    const { n, top1, notes } = await json('eval', floatModel, inFolder('raw.zip'), ...flags);
    expect([n, top1]).toEqual([3, 2]);
    expect(notes).toContain('raw files are taken as uint8 pixels [32, 32, 3]');
    expect(notes).toContain('raw files are taken as elements of the input, float32 [3, 32, 32]');
  });

  test('refuses what is no data set', async () => {
    expect(await cause('eval', model, inFolder('absent'))).toContain('no such file or folder');
    expect(await cause('eval', model, boot)).toContain('expected a folder or a zip file');
    const empty = inFolder('empty');
    await mkdir(empty);
    expect(await cause('eval', model, empty)).toContain('no samples');
    const csv = new TextEncoder().encode('file,class\na.bin,9\n');
    await writeFile(inFolder('size.zip'), zipSync({ 'labels.csv': csv, 'a.bin': csv }));
    expect(await cause('eval', model, inFolder('size.zip'))).toMatch(/a\.bin: got 19 bytes/);
  });

  test.skipIf(!hasShared)('reproduces keyword spotting, and fills a batch of 16', async () => {
    const kws = sharedPath('models/tflite/kws_ref_model.tflite');
    expect(await json('eval', kws, sharedPath('data/kws01-a.zip'))).toMatchObject({
      n: 300,
      top1: 276,
    });
    // 200 is no multiple of 16.
    const resnet = sharedPath('models/onnx/mlperftiny_ic_qop_b16.onnx');
    const cifar = ['--mean', '0.4914', '0.4822', '0.4465', '--std', '0.2023', '0.1994', '0.2010'];
    const { n, top1 } = await json('eval', resnet, sharedPath('data/ic01.zip'), ...cifar);
    expect(n).toBe(200);
    expect(Math.abs(top1 - 156)).toBeLessThanOrEqual(1);
  });
});
