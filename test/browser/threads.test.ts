import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type * as browserApi from '../../src/browser/index.ts';
import { load } from '../../src/index.ts';
import { hasShared, readShared, sharedPath } from '../shared.ts';
import { randomInput } from '../vocabulary.ts';
import {
  type Bundle,
  bundleForBrowser,
  type Headers,
  hasChromium,
  isolation,
  noChromium,
  openPage,
  type TestPage,
} from './page.ts';

declare global {
  /** In the page: functions given to `evaluate` run there, and see nothing else of this file. */
  var microjoule: typeof browserApi;
}

const binaries = ['baseline', 'relaxed'] as const;
const url = '/models/mote-l.onnx';

describe.skipIf(!hasChromium)(hasChromium ? 'in Chromium' : noChromium, () => {
  let bundle: Bundle;
  let opened: TestPage | undefined;
  beforeAll(async () => {
    bundle = await bundleForBrowser();
  });
  afterEach(async () => {
    expect(opened?.errors).toEqual([]);
    await opened?.close();
    opened = undefined;
  });

  async function open(headers: Headers) {
    opened = await openPage(bundle, headers);
    return opened.page;
  }

  async function picture() {
    const model = await load('models/mote-l.onnx', { binary: 'baseline' });
    const input = randomInput(model, 1);
    const type = input.constructor.name as 'Uint8Array' | 'Float32Array';
    const expected = Array.from(model.run(input) as Float32Array);
    return { input: Array.from(input), type, expected };
  }

  test.each(binaries)('an isolated page shares steps among threads, %s', async (binary) => {
    const { input, type, expected } = await picture();
    const page = await open(isolation);
    for (const threads of [2, 3]) {
      const seen = await page.evaluate(
        async ({ url, input, type, binary, threads }) => {
          const model = await microjoule.load(url, { binary, threads });
          const outputs = [];
          for (let i = 0; i < 50; i++) {
            outputs.push(Array.from(model.run(new globalThis[type](input)) as Float32Array));
            // Now and then long enough for the others to fall asleep.
            if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, i));
          }
          model.dispose();
          return { outputs, threads: model.threads, why: model.threadsWhy };
        },
        { url, input, type, binary, threads },
      );
      expect(seen.threads).toBe(threads);
      expect(seen.why).toBeUndefined();
      for (const output of seen.outputs) expect(output).toEqual(expected);
    }
  });

  test.skipIf(!hasShared).each(binaries)('a golden on two threads, %s', async (binary) => {
    const path = 'models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite';
    const input = readShared('golden/tflite/photo224_a.bin');
    const expected = (await load(sharedPath(path))).run(input);
    const page = await open(isolation);
    const got = await page.evaluate(
      async ({ path, input, binary }) => {
        const model = await microjoule.load(`/shared/${path}`, { binary, threads: 2 });
        const output = Array.from(model.run(Uint8Array.from(input)) as Uint8Array);
        return { threads: model.threads, output };
      },
      { path, input: Array.from(input), binary },
    );
    expect(got).toEqual({ threads: 2, output: Array.from(expected as Uint8Array) });
  });

  test('a page that is not isolated runs on one thread, and says why', async () => {
    const { input, type, expected } = await picture();
    const page = await open({});
    const seen = await page.evaluate(
      async ({ url, input, type }) => {
        const model = await microjoule.load(url, { threads: 2 });
        const output = Array.from(model.run(new globalThis[type](input)) as Float32Array);
        const capabilities = await microjoule.capabilities();
        return { output, threads: model.threads, why: model.threadsWhy, capabilities };
      },
      { url, input, type },
    );
    expect(seen.threads).toBe(1);
    expect(seen.why).toContain('Cross-Origin-Opener-Policy');
    expect(seen.output).toEqual(expected);
    expect(seen.capabilities).toMatchObject({
      binary: 'relaxed',
      isolated: false,
      threads: { available: false, max: 1, why: seen.why },
    });
  });

  test('a page whose policy forbids blob: workers takes a script of its own', async () => {
    const { input, type, expected } = await picture();
    const page = await open({ ...isolation, 'content-security-policy': "worker-src 'self'" });
    const seen = await page.evaluate(
      async ({ url, input, type }) => {
        const results = [];
        for (const workerUrl of [undefined, '/microjoule.worker.js', '/no-such-file.js']) {
          const model = await microjoule.load(url, { threads: 2, workerUrl });
          const output = Array.from(model.run(new globalThis[type](input)) as Float32Array);
          results.push({ output, threads: model.threads, why: model.threadsWhy });
        }
        return results;
      },
      { url, input, type },
    );
    expect(seen.map(({ threads }) => threads)).toEqual([1, 2, 1]);
    expect(seen[0]!.why).toContain('workerUrl');
    for (const { output } of seen) expect(output).toEqual(expected);
  });

  test('a worker of the page’s own runs a model on threads', async () => {
    const { input, type, expected } = await picture();
    const page = await open(isolation);
    const seen = await page.evaluate(
      ({ url, input, type }) =>
        new Promise<{ threads: number; why: string; output: Float32Array }>((resolve, reject) => {
          const worker = new Worker('/inWorker.js', { type: 'module' });
          worker.onmessage = ({ data }) => resolve({ ...data, output: Array.from(data.output) });
          worker.onerror = ({ message }) => reject(new Error(message));
          worker.postMessage({ url, input: new globalThis[type](input) });
        }),
      { url, input, type },
    );
    expect(seen).toEqual({ threads: 2, why: undefined, output: expected });
  });

  test('an isolated page can have threads, and says so', async () => {
    const page = await open(isolation);
    const seen = await page.evaluate(async () => JSON.stringify(await microjoule.capabilities()));
    const { threads, isolated, why } = JSON.parse(seen) as browserApi.Capabilities;
    expect({ threads, isolated }).toEqual({
      threads: { available: true, max: expect.any(Number) },
      isolated: true,
    });
    expect(why).toContain('relaxed SIMD');
  });
});
