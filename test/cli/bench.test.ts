import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { supports } from '../../src/kernels/binaries.ts';
import { hasChromium, launch } from '../browser/page.ts';
import { cause, json, microjoule } from './microjoule.ts';

const shape = 'conv 1x1 s1 25x5x64 to 64';
const quick = ['bench', '--filter', shape, '--samples', '1'];

test('bench --json: machine, ceilings, rows', async () => {
  const answer = await json(...quick);
  expect(answer.machine).toMatchObject({ cpu: expect.any(String), binary: answer.binary });
  expect(answer.ceilings.paths.map(({ path }: { path: string }) => path)).toContain('dotI16');
  const picks = answer.rows.filter(({ isPick }: { isPick: boolean }) => isPick);
  expect(picks).toHaveLength(1);
  expect(answer.rows[0]).toMatchObject({ shape, networks: ['KWS'], macs: 512_000 });
});

test('bench prints the ceilings, and a table with the pick marked', async () => {
  const { status, stdout } = await microjoule(...quick);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^dotI16 +[\d.]+ +GMAC\/s +i32x4\.dot_i16x8, i32x4\.add$/m);
  expect(stdout).toMatch(/^load 16 KiB +[\d.]+ +GB\/s/m);
  expect(stdout).toMatch(
    /^\* {2}conv 1x1 s1 25x5x64 to 64 +\w+ +[\d.,]+ +[\d.]+ %( +[\d.]+){3} %/m,
  );
  expect(stdout).toMatch(/^\d+ results verified before they were timed$/m);
});

test('bench says what does not run here', async () => {
  const { stdout } = await microjoule(...quick, '--binary', 'baseline');
  expect(stdout).toMatch(/^not on this machine: \w+(, \w+)* \(needs relaxed SIMD\)$/m);
});

test('bench refuses what it cannot do', async () => {
  expect(await cause('bench', '--filter', 'no such thing')).toContain("got 'no such thing'");
  expect(await cause('bench', '--samples', '0')).toContain('--samples');
  expect(await cause('bench', '--binary', 'fast')).toContain('baseline, relaxed');
  if (!supports('relaxed'))
    expect(await cause('bench', '--binary', 'relaxed')).toContain('a binary that this engine runs');
});

describe.skipIf(!hasChromium)('bench --html', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  test('writes a page that draws, sorts and filters on its own', async () => {
    const path = join(folder, 'bench.html');
    const flags = ['--filter', '3x3 s1 8x8', '--samples', '1', '--html', path];
    const { rows } = (await json('bench', ...flags)) as {
      rows: { kernel: string; macs: number }[];
    };
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    const faults: string[] = [];
    page.on('pageerror', (error) => void faults.push(String(error)));
    page.on('request', (request) => {
      if (!/^(file|data):/.test(request.url())) faults.push(request.url());
    });
    await page.goto(pathToFileURL(path).href);
    const dots = page.locator('#roofline circle');
    await dots.first().waitFor();
    expect(await dots.count()).toBe(rows.filter(({ macs }) => macs > 0).length);
    const shown = page.locator('tbody tr:visible');
    expect(await shown.count()).toBe(rows.length);

    const rates = () =>
      page
        .locator('tbody td:nth-child(5)')
        .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset.value)));
    const sorted = [...(await rates())].sort((a, b) => b - a);
    const head = page.getByRole('button', { name: 'GMAC/s' });
    await head.click();
    expect(await rates()).toEqual(sorted);
    await head.click();
    expect(await rates()).toEqual(sorted.reverse());

    await page.getByRole('searchbox').fill('dw');
    const depthwise = rows.filter((row) => JSON.stringify(row).includes('dw 3x3'));
    expect(await shown.count()).toBe(depthwise.length);
    expect(await dots.count()).toBe(depthwise.length);
    await page.getByRole('checkbox').check();
    const picks = depthwise.filter((row) => JSON.stringify(row).includes('"isPick":true'));
    expect(await shown.count()).toBe(picks.length);

    // No part of it is wider than a phone.
    await page.setViewportSize({ width: 390, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    expect(faults).toEqual([]);
  });
});
