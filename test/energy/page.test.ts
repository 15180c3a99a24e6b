import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { charts } from '../../build/energyPage.generated.ts';
import { energyPage } from '../../src/energy/page.ts';
import type { EnergyReport } from '../../src/energy/report.ts';
import { countedBytes } from '../../src/run/count.ts';
import { hasShared, readShared } from '../shared.ts';

const options = { date: '2026-01-02' };
const script = gzipSync('run()').toString('base64');

let report: EnergyReport;
beforeAll(async () => {
  const bytes = new Uint8Array(readFileSync('models/mote-l.onnx'));
  report = (await countedBytes(bytes, { name: 'mote-l.onnx' }))({ accuracy: 0.8 });
});

describe('the page', () => {
  test('asks for nothing from anywhere', () => {
    const page = energyPage(report, options, script);
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toMatch(/@import|url\((?!#fill-)/);
  });

  test('names the assumptions beside the figures, and gives bounds with each', () => {
    const page = energyPage(report, options, script);
    expect(page).toContain('node 45 nm HP, 0.9 V; table horowitz; reuse ideal; parameters in SRAM');
    expect(page).toMatch(/<b>[\d.]+ µJ<\/b> <span>\([\d.]+ to [\d.]+\)<\/span>/);
    expect(page).toMatch(/<b>[\d.]+ pJ<\/b> <span>\([\d.]+ to [\d.]+\)<\/span>/);
    expect(page).toContain('997,280 int8');
    expect(page).toContain('Energy of a right answer');
  });

  test('has a row for each layer, those that cost nothing too', () => {
    const page = energyPage(report, options, script);
    const rows = page.slice(page.indexOf('id="rows"')).match(/<tr><td/g);
    expect(rows).toHaveLength(report.layers.length);
  });

  test('has the other assumptions, what was measured, and what is not counted', () => {
    const uncounted = [{ name: 'n', op: 'Odd', why: 'got <it>' }];
    const other = { ...report, reuse: 'none' } as const;
    const more = { ...options, others: [other], measured: ['12 mJ on a machine'] };
    const page = energyPage({ ...report, uncounted }, more, script);
    expect(page).toContain('Under these and other assumptions');
    expect(page).toContain('<td>none</td>');
    expect(page).toContain('12 mJ on a machine');
    expect(page).toContain('Not counted: n (Odd): got &lt;it&gt;');
    // Beside the totals too, before them.
    const warning = page.indexOf('Not complete: the figures are without n (Odd), which could');
    expect(warning).toBeGreaterThan(0);
    expect(warning).toBeLessThan(page.indexOf('class="tiles"'));
    const plain = energyPage(report, options, script);
    expect(plain).not.toContain('other assumptions</h2>');
    expect(plain).not.toContain('Measured on a machine');
    expect(plain).not.toContain('Not complete');
  });

  test('tells what has no price from what is nothing, and leaves out columns of nothing', async () => {
    const page = energyPage(report, options, script);
    const rows = page.slice(page.indexOf('id="rows"')).split('<tr>');
    const row = rows.find((one) => one.includes('conv0.hardswish'))!;
    expect(row).toContain('>–</span>');
    expect(row).toContain('title="2,048 lookups">2,048<');
    expect(page).not.toContain('partial sums B');
    const bytes = new Uint8Array(readFileSync('models/mote-l.onnx'));
    const priced = await countedBytes(bytes);
    expect(energyPage(priced({ reuse: 'none' }), options, script)).toContain('partial sums B');
    expect(energyPage(priced({ reuse: 'tiled' }), options, script)).toMatch(/<small>\+ [\d,]+</);
  });

  test('text cannot become code', () => {
    const [first, ...layers] = report.layers;
    const name = '</script><script>bad()</script>"';
    const evil = { ...report, model: name, layers: [{ ...first!, name }, ...layers] };
    const page = energyPage(evil, options, script);
    expect(page).not.toContain('<script>bad()');
    const json = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(json).layers[0].name).toBe(name);
  });

  test('has the charts in it, with the notice of their makers', () => {
    expect(energyPage(report, options, charts)).toContain(charts);
    const text = gunzipSync(Buffer.from(charts, 'base64')).toString();
    expect(text).toMatch(/^\/\* Contains Observable Plot and D3, copyright/);
  });

  test.skipIf(!hasShared)('stays below 300 kB for MobileNetV2', async () => {
    const bytes = readShared('models/tflite/tf2_mobilenet_v2_1.0_224_ptq.tflite');
    const priced = await countedBytes(bytes, { name: 'MobileNetV2' });
    const others = (['none', 'tiled'] as const).map((reuse) => priced({ reuse }));
    const page = energyPage(priced(), { ...options, others }, charts);
    expect(new TextEncoder().encode(page).length).toBeLessThan(300_000);
  });
});
