import { existsSync } from 'node:fs';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FitOptions, PictureSize } from '../../src/image/fit.ts';
import { fitPixels } from '../../src/image/fitPixels.ts';
import type { Pixels } from '../../src/image/pixels.ts';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** The bundle's global. */
interface Bundle {
  readonly imageBrowser: typeof import('../../src/image/imageBrowser.ts');
}

/** The picture that the page is given, too: opaque colours, each pixel its own. */
function picture(width: number, height: number): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (i * 37) % 251;
  return { data, width, height, channels: 4 };
}

/** What a page of the browser makes of the picture: its pixels, without alpha. */
function inPage(
  page: Page,
  kind: string,
  source: Pixels,
  target: PictureSize,
  options: FitOptions,
) {
  const { width, height } = source;
  const call = { kind, bytes: [...source.data], width, height, target, options };
  return page.evaluate(async ({ kind, bytes, width, height, target, options }) => {
    const data = new ImageData(Uint8ClampedArray.from(bytes), width, height);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    canvas.getContext('2d')!.putImageData(data, 0, 0);
    const element = new Image();
    element.src = canvas.toDataURL();
    await element.decode();
    const images = { data, canvas, element, bitmap: await createImageBitmap(data) };
    const image = images[kind as keyof typeof images];
    const { imageBrowser } = globalThis as unknown as Bundle;
    const pixels = imageBrowser.toPixels(image, target, options);
    const { channels } = pixels;
    return Array.from(pixels.data as Uint8Array).filter((_, i) => channels === 3 || i % 4 !== 3);
  }, call);
}

describe.skipIf(!existsSync(executablePath))('in Chromium', () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: ['src/image/imageBrowser.ts'],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'imageBrowser',
    });
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    page = await browser.newPage();
    await page.addScriptTag({ content: outputFiles[0]!.text });
  });
  afterAll(() => browser?.close());

  test.each(['data', 'canvas', 'element', 'bitmap'])(
    '%s gives the pixels of Node',
    async (kind) => {
      const source = picture(23, 17);
      const target = { width: 8, height: 8 };
      for (const options of [{}, { fit: 'squash' }, { resize: 12 }] as const) {
        const { data } = fitPixels(source, target, options);
        expect(await inPage(page, kind, source, target, options)).toEqual([...data]);
      }
      const cut = await inPage(page, kind, source, { width: 22, height: 16 }, {});
      const expected = fitPixels(source, { width: 22, height: 16 }, {});
      expect(cut).toEqual([...expected.data].filter((_, i) => i % 4 !== 3));
    },
  );

  test('a picture that is not loaded yet is refused', async () => {
    const message = await page.evaluate(() => {
      try {
        const { imageBrowser } = globalThis as unknown as Bundle;
        imageBrowser.toPixels(new Image(), { width: 8, height: 8 });
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    });
    expect(message).toMatch(/got 0x0 pixels, expected a picture/);
  });
});
