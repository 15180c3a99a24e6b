import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EnergyReport } from '../../src/index.ts';
import { hasChromium, launch } from '../browser/page.ts';
import { expectReport } from '../energy/schema.ts';
import { hasShared, ownAccuracy, sharedPath } from '../shared.ts';
import { cause, json, microjoule } from './microjoule.ts';

const model = 'models/mote-l.onnx';

let folder: string;
const inFolder = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
});
afterAll(() => rm(folder, { recursive: true }));

const table = {
  name: 'ours',
  node: '16nm',
  operations: {
    add8: 0.01,
    add32: 0.03,
    multiply8: 0.05,
    multiply32: 1,
    addF32: 0.3,
    multiplyF32: 1.2,
  },
  sram: [
    { bytes: 8192, pj: 5 },
    { bytes: 1048576, pj: 20 },
  ],
  dram: 1000,
  source: 'a data sheet',
};

describe('energy --json', () => {
  test.each([
    [],
    ['--reuse', 'tiled'],
    ['--reuse', 'none', '--node', '14nm@0.75V'],
    ['--table', 'jouppi', '--memory', 'sram:100KB'],
    ['--table', 'flat'],
    ['--memory', 'eyeriss', '--zeros', 'added'],
    ['--memory', 'dram', '--accuracy', '0.5'],
  ])('%o %o %o %o keeps to its schema', async (...flags) => {
    expectReport(await json('energy', model, ...flags));
  });

  test.skipIf(!hasShared)('so it does for float, mixed and unknown models', async () => {
    for (const path of [
      'models/onnx/microbotnet_x0_50_ttq_cifar10.onnx',
      'models/onnx/tiny_qdq_mixed_ops.onnx',
      'models/tflite/ad01_dynamic_range.tflite',
      'models/tflite/keras_lstm_mnist_ptq.tflite',
    ]) {
      expectReport(await json('energy', sharedPath(path)));
    }
  });

  test('takes a table from a file, and says what is wrong with one', async () => {
    await writeFile(inFolder('table.json'), JSON.stringify(table));
    const report = await json('energy', model, '--table', inFolder('table.json'));
    expect([report.table, report.node]).toEqual(['ours', '16 nm HP, 0.8 V']);
    expect(report.energyPj.macs).toBeCloseTo(997_280 * 0.08, 3);
    await writeFile(inFolder('broken.json'), '{ "name": "ours", }');
    expect(await cause('energy', model, '--table', inFolder('broken.json'))).toContain(
      'a cost table as JSON',
    );
    await writeFile(inFolder('list.json'), '7');
    expect(await cause('energy', model, '--table', inFolder('list.json'))).toContain('got 7');
    const { sram, ...rest } = table;
    await writeFile(inFolder('poor.json'), JSON.stringify(rest));
    expect(await cause('energy', model, '--table', inFolder('poor.json'))).toContain('table sram');
    expect(await cause('energy', model, '--table', inFolder('none.json'))).toContain(
      'no such file',
    );
  });

  test('knows the accuracy from the manifest beside the model, for just that file', async () => {
    const report = (await json('energy', model)) as EnergyReport;
    const accuracy = ownAccuracy(model);
    expect(report.accuracy).toBe(accuracy);
    expect(report.pjPerCorrect!.nominal).toBeCloseTo(report.energyPj.total / accuracy, 6);
    await writeFile(inFolder('mote-l.onnx'), await readFile(model));
    expect((await json('energy', inFolder('mote-l.onnx'))).accuracy).toBeNull();
  });
});

describe('budgets', () => {
  test('that are kept change nothing', async () => {
    const { status, stderr } = await microjoule(
      'energy',
      model,
      '--budget',
      '2uJ',
      '--max-macs',
      '1M',
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  test('energy: exit code 2, and the layers that break it', async () => {
    const { status, stdout, stderr } = await microjoule(
      'energy',
      model,
      '--budget',
      '700nJ',
      '--json',
    );
    expect(status).toBe(2);
    expectReport(JSON.parse(stdout));
    expect(stderr).toMatch(
      /^microjoule: over budget: [\d.]+ µJ \([\d.]+ to [\d.]+\), at most 0\.700 µJ allowed; largest: ((block\d\.pointwise|conv\d) \([\d.]+ nJ\)(, )?)+; node 45 nm HP, 0\.9 V; table horowitz; reuse ideal; parameters in SRAM of 64 kB .*, maps in SRAM of \d+ kB .*\n$/,
    );
  });

  test('MACs: exit code 2, and the layers that break it', async () => {
    const { status, stderr } = await microjoule('energy', model, '--max-macs', '900k');
    expect(status).toBe(2);
    expect(stderr).toBe(
      'microjoule: over budget: 997,280 MACs, at most 900,000 MACs allowed; largest: conv7 (163,840 MACs)\n',
    );
  });

  test('both at once', async () => {
    const { status, stderr } = await microjoule(
      'energy',
      model,
      '--max-macs',
      '1k',
      '--budget',
      '1pJ',
    );
    expect(status).toBe(2);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(2);
    // Five by name, the largest first.
    for (const line of lines) expect(line).toMatch(/; largest: (\S+ \([^)]+\), ){5}and \d+ more/);
  });
});

test('what makes no sense is an error in a line, and not a broken budget', async () => {
  expect(await cause('energy', model, '--budget', '1')).toContain('an energy such as 1uJ');
  expect(await cause('energy', model, '--budget', '-1uJ')).toContain('budget');
  expect(await cause('energy', model, '--budget', '0nJ')).toContain('budget');
  expect(await cause('energy', model, '--max-macs', 'many')).toContain('a number such as 1M');
  expect(await cause('energy', model, '--node', '1nm')).toContain('node: got "1nm"');
  expect(await cause('energy', model, '--memory', 'sram:9TB')).toContain('memory: got "sram:9TB"');
  expect(await cause('energy', model, '--table', 'best')).toContain('table: got "best"');
  expect(await cause('energy', model, '--reuse', 'some')).toContain('ideal, none, tiled');
  expect(await cause('energy', model, '--accuracy', '80')).toContain('up to 1');
  expect(await cause('energy', 'models/manifest.json')).toContain('a TFLite or an ONNX model');
});

test('for people: every total with its bounds and its assumptions', async () => {
  const { stdout } = await microjoule('energy', model, '--node', '7nm');
  expect(stdout).toMatch(/^energy +[\d.]+ [µn]J \([\d.]+ to [\d.,]+\)$/m);
  expect(stdout).toMatch(/^per MAC +[\d.]+ pJ \([\d.]+ to [\d.]+\)$/m);
  expect(stdout).toMatch(
    /^model +node 7 nm HP, 0\.7 V; table horowitz; reuse ideal; zero weights skipped$/m,
  );
  expect(stdout).toMatch(/^memory +parameters in SRAM of 64 kB/m);
  expect(stdout).toMatch(/^conv0\.hardswish +HardSwish +2,048 +no price$/m);
  expect(stdout).toMatch(/^Prices: M\. Horowitz, .*ISSCC 2014: 45 nm, 0\.9 V \(second-hand\)\.$/m);
  expect(stdout).toMatch(/^MACs +997,280 \(997,280 int8\), 98\d,\d{3} non-zero, [\d,]+ executed/m);
  expect(stdout).toMatch(
    /^Scaled from 45 nm HP, 0\.9 V to 7 nm HP, 0\.7 V .* DRAM is not scaled\.$/m,
  );
});

test.skipIf(!hasShared)('a model that cannot run is counted, and says so', async () => {
  const path = sharedPath('models/tflite/keras_lstm_mnist_ptq.tflite');
  const { status, stdout } = await microjoule('energy', path);
  expect(status).toBe(0);
  expect(stdout).toContain('5,600 MACs counted; it cannot run here');
  expect(stdout).toMatch(/^Not counted: 1 UNIDIRECTIONAL_SEQUENCE_LSTM: got operator/m);
  // A budget that such a model seems to keep may be broken by what is not counted.
  const kept = await microjoule('energy', path, '--max-macs', '1M');
  expect(kept.status).toBe(1);
  expect(kept.stderr).toMatch(/^microjoule: budget: got nodes that could not be counted: 1 UNIDIR/);
  const broken = await microjoule('energy', path, '--max-macs', '1k');
  expect(broken.status).toBe(2);
});

describe.skipIf(!hasChromium)('energy --html', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  test('writes a page that draws and sorts on its own', async () => {
    const path = inFolder('energy.html');
    const { layers } = (await json('energy', model, '--html', path)) as EnergyReport;
    const page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    const faults: string[] = [];
    page.on('pageerror', (error) => void faults.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) faults.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    const bars = page.locator('#layers [aria-label="bar"] rect');
    await bars.first().waitFor();
    const causes = ['macs', 'otherOps', 'weights', 'inputs', 'partialSums', 'outputs'] as const;
    const parts = layers.flatMap(({ energyPj }) => causes.filter((cause) => energyPj[cause] > 0));
    expect(await bars.count()).toBe(parts.length);
    const multiplying = layers.filter(({ macs }) => macs.nominal > 0);
    expect(await page.locator('#macs [aria-label="dot"] path').count()).toBe(multiplying.length);
    expect(await page.locator('#memory [aria-label="rect"] rect').count()).toBeGreaterThan(10);
    // Every hatching is there: bars are told apart without colour.
    const fills = await bars.evaluateAll((list) => [
      ...new Set(list.map((bar) => bar.getAttribute('fill'))),
    ]);
    expect(fills).toHaveLength(5);
    for (const fill of fills) expect(await page.locator(fill!.slice(4, -1)).count()).toBe(1);

    const totals = () =>
      page
        .locator('#rows tbody td.share')
        .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset.value)));
    const head = page.getByRole('button', { name: /^total/ });
    await head.click();
    const sorted = [...(await totals())].sort((a, b) => b - a);
    expect(await totals()).toEqual(sorted);
    await head.click();
    expect(await totals()).toEqual(sorted.reverse());

    await page.locator('#layers').hover({ position: { x: 400, y: 200 } });
    await page.locator('#layers [aria-label="tip"] text').first().waitFor();

    // No part of it is wider than a phone.
    await page.setViewportSize({ width: 390, height: 800 });
    await page.waitForFunction('document.querySelector("#layers svg").getAttribute("width") < 390');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    expect(faults).toEqual([]);
  });

  test.skipIf(!hasShared)(
    'so it does for a model that cannot run, and one of which nothing can',
    async () => {
      const known = sharedPath('models/onnx/unsupported_qonnx_quant.onnx');
      const empty = inFolder('empty.onnx');
      const resnet = await readFile(sharedPath('models/onnx/resnet20_ec2t_z73_cifar10.onnx'));
      await writeFile(empty, resnet.toString('latin1').replaceAll('Conv', 'Xonv'), 'latin1');
      for (const [path, layers] of [
        [known, 4],
        [empty, 0],
      ] as const) {
        const html = inFolder('partial.html');
        const { status } = await microjoule('energy', path, '--html', html);
        expect(status).toBe(0);
        const page = await browser.newPage();
        const faults: string[] = [];
        page.on('pageerror', (error) => void faults.push(String(error)));
        await page.goto(pathToFileURL(html).href);
        await page.locator('#memory > *').waitFor();
        expect(await page.locator('.warning').textContent()).toMatch(
          /^Not complete: .* not be counted/,
        );
        expect(await page.locator('#layers [aria-label="y-axis tick label"] text').count()).toBe(
          layers,
        );
        expect(faults).toEqual([]);
        await page.close();
      }
    },
  );

  test('without scripts the totals and the table stand there', async () => {
    const path = inFolder('plain.html');
    await microjoule('energy', model, '--html', path);
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(pathToFileURL(path).href);
    expect(await page.locator('.tiles b').first().textContent()).toMatch(/µJ/);
    expect(await page.locator('#rows tbody tr').count()).toBeGreaterThan(40);
  });
});
