import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeOnnx } from '../../src/formats/onnx/write/write.ts';
import { load } from '../../src/index.ts';
import { addConv, builder } from '../passes/graphs.ts';
import { cause, json, microjoule } from './microjoule.ts';

let folder: string;
const inFolder = (name: string) => join(folder, name);
const normal = ['--mean', '127.5', '--std', '127.5'];

/** A network on pictures of 8x8. */
function network(): Uint8Array {
  const b = builder();
  const x = b.input('x', 'float32', [1, 8, 8, 3]);
  const map = addConv(b, x, 8, 3, 'c1');
  const [active] = b.node('Relu', 'r', [map], { alpha: 0, beta: 0 }, [
    { id: 'r', dtype: 'float32' },
  ]);
  const last = addConv(b, active!, 4, 6, 'last');
  return writeOnnx(
    b.build(b.node('Reshape', 'y', [last], { shape: [1, 4] }, [{ id: 'y', dtype: 'float32' }])),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
  await writeFile(inFolder('model.onnx'), network());
  await mkdir(inFolder('pictures'));
  const entries: Record<string, Uint8Array> = {};
  for (let i = 0; i < 12; i++) {
    const pixels = Uint8Array.from({ length: 192 }, (_, j) => (i * 31 + j * j * 7) % 256);
    const png = await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    await writeFile(inFolder(`pictures/${String(i).padStart(2, '0')}.png`), png);
    entries[`all/${i % 3}/${i}.png`] = png;
  }
  await writeFile(inFolder('pictures.zip'), zipSync(entries));
});
afterAll(() => rm(folder, { recursive: true }));

test('writes a file of 8-bit maps that needs no options any more', async () => {
  const out = inFolder('quantized.onnx');
  const picture = inFolder('pictures/00.png');
  const answer = await json(
    'quantize',
    inFolder('model.onnx'),
    inFolder('pictures'),
    ...normal,
    '-o',
    out,
  );
  expect(answer).toMatchObject({ file: out, samples: 12, method: 'percentile', percentile: 99.99 });
  const model = await load(out);
  expect(model.metadata.input).toMatchObject({ mean: [127.5, 127.5, 127.5], order: 'rgb' });
  const types = model.plan.steps.map(({ work }) => work.family);
  expect(types).toContain('convU8');
  expect(types).not.toContain('convF32');
  const [before, after] = [
    await json('classify', inFolder('model.onnx'), picture, ...normal),
    await json('classify', out, picture),
  ];
  expect(after.images[0].classes[0].index).toBe(before.images[0].classes[0].index);
  expect((await readFile(out)).length).toBe(answer.fileBytes);
});

test('takes pictures, folders and zips, some from all over them, and says so', async () => {
  const out = inFolder('some.onnx');
  const sources = [inFolder('pictures.zip'), inFolder('pictures/03.png')];
  const more = ['--limit', '5', '--method', 'minmax', '--ternary', 'int8', '--output', out];
  const { status, stdout, stderr } = await microjoule(
    'quantize',
    inFolder('model.onnx'),
    ...sources,
    ...normal,
    ...more,
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    /calibrated on 5 samples, whole range of each map\n.*some\.onnx: .* kB, before .* kB/,
  );
});

test('the same pictures give the same file', async () => {
  const files = [];
  for (const name of ['a.onnx', 'b.onnx']) {
    await microjoule(
      'quantize',
      inFolder('model.onnx'),
      inFolder('pictures.zip'),
      ...normal,
      '-o',
      inFolder(name),
    );
    files.push(await readFile(inFolder(name)));
  }
  expect(files[0]!.equals(files[1]!)).toBe(true);
});

test('a file that cannot be made leaves nothing behind', async () => {
  const before = await readdir(folder);
  const out = inFolder('none.onnx');
  const run = (...args: string[]) => cause('quantize', ...args, '-o', out);
  const [model, pictures] = [inFolder('model.onnx'), inFolder('pictures')];
  expect(await run(model, pictures)).toMatch(
    /no word on normalisation .* give the options mean and std/,
  );
  expect(await run(inFolder('quantized.onnx'), pictures)).toMatch(/quantized already/);
  expect(await run(model, inFolder('missing'), ...normal)).toMatch(/no such file or folder/);
  expect(await run(model, inFolder('model.onnx'), ...normal)).toMatch(/a folder or a zip/);
  expect(await run(model, pictures, ...normal, '--percentile', '0.5')).toMatch(/above 50/);
  expect(
    await cause('quantize', model, pictures, ...normal, '-o', inFolder('no/where.onnx')),
  ).toMatch(/no such file or folder/);
  expect(await readdir(folder)).toEqual(before);
});
