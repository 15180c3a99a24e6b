import { readdirSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as energyPageApi from '../../src/browser/energyPage.ts';
import { energyPage } from '../../src/browser/energyPage.ts';
import type * as browserApi from '../../src/browser/index.ts';
import type { TypedArray } from '../../src/graph/tensor.ts';
import { load } from '../../src/index.ts';
import { hasShared, readShared, sharedPath } from '../shared.ts';
import { randomInput } from '../vocabulary.ts';
import {
  type Bundle,
  bundleForBrowser,
  hasChromium,
  noChromium,
  openPage,
  type TestPage,
} from './page.ts';

declare global {
  /** In the page: functions given to `evaluate` run there, and see nothing else of this file. */
  var microjoule: typeof browserApi;
  var energyPages: typeof energyPageApi;
}

const binaries = ['baseline', 'relaxed'] as const;
const samples = readdirSync('models/samples').filter((file) => file.endsWith('.png'));

/** The last bits of Math.exp, and so of a softmax outside the network, differ between engines. */
function rounded(classes: readonly browserApi.Classification[]) {
  return classes.map((c) => ({ ...c, probability: c.probability.toFixed(12) }));
}

/** The last bits of a power differ too. */
function digits(value: unknown): unknown {
  const round = (_: string, x: unknown) => (typeof x === 'number' ? Number(x.toPrecision(12)) : x);
  return JSON.parse(JSON.stringify(value, round));
}

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleForBrowser();
});

test('the bundle is one file that asks for nothing of Node', () => {
  expect(Object.keys(bundle.metafile.outputs)).toHaveLength(1);
  const [output] = Object.values(bundle.metafile.outputs);
  expect(output!.imports).toEqual([]);
  const inputs = Object.keys(bundle.metafile.inputs);
  expect(inputs.filter((path) => /Node\.ts$|^src\/cli\/|\/sharp\//.test(path))).toEqual([]);
  // Not toMatch, whose message would be the bundle. (process.env, protobuf asks whether it is there.)
  expect(/["'`]node:|\brequire\(|\bprocess\.versions/.exec(bundle.text)?.[0]).toBeUndefined();
});

test.runIf(process.env.CI !== undefined)('CI has a Chromium', () => {
  expect(hasChromium, noChromium).toBe(true);
});

describe.skipIf(!hasChromium)(hasChromium ? 'in Chromium' : noChromium, () => {
  let opened: TestPage;
  beforeAll(async () => {
    opened = await openPage(bundle);
  });
  afterAll(async () => {
    await opened?.close();
  });

  /** Runs a model of one input and one output in the page. */
  function runInPage(url: string, input: TypedArray, binary: (typeof binaries)[number]) {
    const type = input.constructor.name as 'Float32Array' | 'Int8Array' | 'Uint8Array';
    const values = Array.from(input as Float32Array);
    return opened.page.evaluate(
      async ({ url, type, values, binary }) => {
        const model = await microjoule.load(url, { binary });
        const output = model.run(new globalThis[type](values)) as Float32Array;
        return { output: Array.from(output), type: output.constructor.name, binary: model.binary };
      },
      { url, type, values, binary },
    );
  }

  test.each(binaries)('our own network gives the bytes of Node, %s', async (binary) => {
    for (const name of ['mote-l', 'fashion-mnist']) {
      const model = await load(`models/${name}.onnx`, { binary: 'baseline' });
      const input = randomInput(model, 1);
      const expected = model.run(input) as Float32Array;
      const got = await runInPage(`/models/${name}.onnx`, input, binary);
      expect(got).toEqual({ output: Array.from(expected), type: 'Float32Array', binary });
    }
  });

  describe.skipIf(!hasShared)('goldens', () => {
    test.each(binaries)('TFLite, %s', async (binary) => {
      const path = 'models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite';
      const input = readShared('golden/tflite/photo224_a.bin');
      const expected = readShared('golden/tflite/out_v2ptq__photo224_a.bin');
      expect((await load(sharedPath(path))).run(input)).toEqual(expected);
      const got = await runInPage(`/shared/${path}`, input, binary);
      expect(got).toEqual({ output: Array.from(expected), type: 'Uint8Array', binary });
    });

    test.each(binaries)('ONNX, %s', async (binary) => {
      const path = 'models/onnx/mobilenet_v1_0_25_128_qlinear.onnx';
      const pixels = readShared('golden/onnx/photo128.u8');
      const input = Uint8Array.from({ length: pixels.length }, (_, i) => {
        const [channel, pixel] = [Math.floor(i / 128 ** 2), i % 128 ** 2];
        return pixels[pixel * 3 + channel]!;
      });
      const file = readShared('golden/onnx/mobilenet_v1_0_25_128_qlinear.photo.logits.f32');
      const expected = new Float32Array(file.buffer);
      expect((await load(sharedPath(path))).run(input)).toEqual(expected);
      const got = await runInPage(`/shared/${path}`, input, binary);
      expect(got).toEqual({ output: Array.from(expected), type: 'Float32Array', binary });
    });

    test('classify takes ImageData', async () => {
      const classes = await opened.page.evaluate(async () => {
        const url = '/shared/models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite';
        const model = await microjoule.load(url);
        const photo = await fetch('/shared/golden/tflite/photo224_a.bin');
        const rgb = new Uint8Array(await photo.arrayBuffer());
        const image = new ImageData(224, 224);
        for (let i = 0; i < image.data.length; i++) {
          image.data[i] = i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]!;
        }
        return model.classify(image, { topK: 3 });
      });
      expect(classes).toHaveLength(3);
      expect(classes[0]!.index).toBe(321);
    });
  });

  test('classify on a canvas gives the classes of Node', async () => {
    const model = await load('models/fashion-mnist.onnx');
    const expected = await Promise.all(
      samples.map((file) => model.classify(`models/samples/${file}`)),
    );
    const got = await opened.page.evaluate(async (files) => {
      const model = await microjoule.load('/models/fashion-mnist.onnx');
      const results = [];
      for (const file of files) {
        const blob = await (await fetch(`/models/samples/${file}`)).blob();
        const picture = await createImageBitmap(blob);
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [picture.width, picture.height];
        canvas.getContext('2d')!.drawImage(picture, 0, 0);
        results.push(await model.classify(canvas));
      }
      return results;
    }, samples);
    expect(got.map(rounded)).toEqual(expected.map(rounded));
    expect(got[0]![0]!.label).toBe('Ankle boot');
  });

  test('a picture of another size is brought to the model’s', async () => {
    const label = await opened.page.evaluate(async () => {
      const model = await microjoule.load('/models/fashion-mnist.onnx');
      const blob = await (await fetch('/models/samples/02-trouser.png')).blob();
      const large = await createImageBitmap(blob, { resizeWidth: 280, resizeHeight: 280 });
      const canvas = new OffscreenCanvas(280, 280);
      const context = canvas.getContext('2d')!;
      context.drawImage(large, 0, 0);
      const image = context.getImageData(0, 0, 280, 280);
      return (await model.classify(image))[0]!.label;
    });
    expect(label).toBe('Trouser');
  });

  test('the page takes the relaxed binary by itself, and bytes as well as addresses', async () => {
    const seen = await opened.page.evaluate(
      async (bytes) => {
        const fromBytes = await microjoule.load(new Uint8Array(bytes));
        const response = await fetch('/models/fashion-mnist.onnx');
        const fromResponse = await microjoule.load(response);
        fromBytes.dispose();
        return [fromBytes.binary, fromResponse.plan.macs];
      },
      Array.from(readFileSync('models/fashion-mnist.onnx')),
    );
    const { plan } = await load('models/fashion-mnist.onnx');
    expect(seen).toEqual(['relaxed', plan.macs]);
  });

  test('errors can be read and told apart in a minified bundle', async () => {
    const seen = await opened.page.evaluate(async () => {
      const { load, ModelError, PlanError, RunError } = microjoule;
      const url = '/models/fashion-mnist.onnx';
      const attempts = [
        () => load(new Uint8Array([1, 2, 3])),
        () => load('/models/no-such-file.onnx'),
        () => load(url, { maxMemoryBytes: 1000 }),
        async () => (await load(url)).run(new Uint8Array(3)),
      ];
      const errors = [];
      for (const attempt of attempts) {
        try {
          await attempt();
        } catch (error) {
          const { name, message } = error as Error;
          const kinds = [ModelError, PlanError, RunError].map((kind) => error instanceof kind);
          errors.push({ name, message, kinds });
        }
      }
      return errors;
    });
    expect(seen.map(({ name, kinds }) => [name, ...kinds])).toEqual([
      ['ModelError', true, false, false],
      ['RunError', false, false, true],
      ['PlanError', false, true, false],
      ['RunError', false, false, true],
    ]);
    expect(seen[0]!.message).toContain('got a file that begins with 01 02 03');
    expect(seen[1]!.message).toContain('got HTTP status 404');
    expect(seen[2]!.message).toContain('expected at most 1000');
    expect(seen[3]!.message).toContain('got 3 elements');
  });

  test('an energy report, and its page, are those of Node', async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/browser/energyPage.ts'],
      bundle: true,
      format: 'iife',
      globalName: 'energyPages',
      // Neither a page's modules nor Node's: importing one would be an error.
      platform: 'neutral',
      write: false,
    });
    await opened.page.addScriptTag({ content: outputFiles[0]!.text });
    const seen = await opened.page.evaluate(async () => {
      const url = '/models/mote-l.onnx';
      const model = await microjoule.load(url, { binary: 'baseline' });
      const report = model.energy({ reuse: 'tiled', node: '14nm' });
      const page = energyPages.energyPage(report, { date: '2026-01-02' });
      const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
      const counted = (await microjoule.countedBytes(bytes))();
      return { report, page, counted };
    });
    const model = await load('models/mote-l.onnx', { binary: 'baseline' });
    const report = model.energy({ reuse: 'tiled', node: '14nm' });
    expect(digits(seen.report)).toEqual(digits(report));
    expect(seen.page).toBe(energyPage(report, { date: '2026-01-02' }));
    expect(digits(seen.counted.energyPj)).toEqual(digits(model.energy().energyPj));
  });

  test('nothing went wrong unseen', () => {
    expect(opened.errors).toEqual([]);
  });
});
