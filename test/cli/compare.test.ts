import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../src/index.ts';
import { hasChromium, launch, noChromium } from '../browser/page.ts';
import { ownAccuracy } from '../shared.ts';
import { cause, json, microjoule } from './microjoule.ts';

const models = ['models/mote-l.onnx', 'models/fashion-mnist.onnx'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('compare --json: models side by side, with what the manifest knows', async () => {
  const answer = await json('compare', ...models, '--runs', '2');
  const names = answer.models.map(({ model }: { model: string }) => model);
  expect(names).toEqual(['mote-l.onnx', 'fashion-mnist.onnx']);
  const [cifar] = answer.models;
  const model = await load(models[0]!);
  const { macs, params, weightBytes, arenaBytes } = model.plan;
  const accuracy = ownAccuracy(models[0]!);
  expect(cifar).toMatchObject({ accuracy, macs, params, weightBytes, arenaBytes });
  const { energyPj } = model.energy();
  expect(cifar.energyPj.nominal).toBeCloseTo(energyPj.total, 3);
  expect(cifar.pjPerCorrect.nominal).toBeCloseTo(energyPj.total / accuracy, 3);
  expect(cifar.latencyMs).toBeGreaterThan(0);
  expect(answer.pareto.energy).toEqual(['fashion-mnist.onnx']);
  expect(answer.assumptions).toBe('node 45 nm HP, 0.9 V; table horowitz; reuse ideal; memory auto');
});

test('compare --data counts right answers itself', async () => {
  const flags = ['--data', 'models/samples', '--runs', '1'];
  const { models: found } = await json('compare', models[1]!, ...flags);
  const { top1, n } = await json('eval', models[1]!, 'models/samples');
  expect(found[0]).toMatchObject({ accuracy: top1 / n, samples: n });
});

test('compare for people', async () => {
  const { stdout, status } = await microjoule(
    'compare',
    models[1]!,
    '--runs',
    '1',
    '--reuse',
    'tiled',
  );
  expect(status).toBe(0);
  const accuracy = (100 * ownAccuracy(models[1]!)).toFixed(1).replace('.', '\\.');
  expect(stdout).toMatch(
    new RegExp(
      `fashion-mnist\\.onnx +${accuracy} % +971,616 +36,256 .*µJ \\([\\d.]+ to [\\d.]+\\) +\\*`,
    ),
  );
  expect(stdout).toContain('energy: modelled, node 45 nm HP, 0.9 V; table horowitz; reuse tiled');
  expect(await cause('compare', 'none.onnx')).toContain('no such file');
  const broken = join(folder, 'broken.onnx');
  await writeFile(broken, (await readFile(models[0]!)).subarray(0, 3000));
  expect(await cause('compare', models[0]!, broken)).toMatch(/^microjoule: broken\.onnx: /);
});

test.skipIf(!hasChromium)(
  hasChromium ? 'compare --html draws on its own' : noChromium,
  async () => {
    const path = join(folder, 'compare.html');
    await microjoule('compare', ...models, '--runs', '1', '--html', path);
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
      const faults: string[] = [];
      page.on('pageerror', (error) => void faults.push(String(error)));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) faults.push(request.url());
      });
      await page.goto(pathToFileURL(path).href);
      for (const id of ['pareto-energy', 'pareto-latency']) {
        const dots = page.locator(`#${id} [aria-label="dot"] path`);
        await dots.first().waitFor();
        expect(await dots.count()).toBe(2);
      }
      expect(await page.locator('#rows tbody tr').count()).toBe(2);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        390,
      );
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
