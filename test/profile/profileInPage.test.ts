import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as browserApi from '../../src/browser/index.ts';
import { load } from '../../src/index.ts';
import { bundleForBrowser, hasChromium, openPage, type TestPage } from '../browser/page.ts';

declare global {
  var microjoule: typeof browserApi;
}

describe.skipIf(!hasChromium)('in Chromium', () => {
  let opened: TestPage;
  beforeAll(async () => {
    const bundle = await bundleForBrowser();
    // The ceilings and the shapes of the bench are no part of the library.
    const inputs = Object.keys(bundle.metafile.inputs);
    expect(inputs.filter((path) => /bench|ceilings/.test(path))).toEqual([]);
    opened = await openPage(bundle);
  });
  afterAll(async () => {
    await opened?.close();
  });

  test('a page profiles a model, by its coarse clock', async () => {
    const { steps, trace } = await opened.page.evaluate(async () => {
      const model = await microjoule.load('/models/fashion-mnist.onnx');
      const profile = await microjoule.profile(model, { runs: 3 });
      return { steps: profile.steps, trace: microjoule.chromeTrace(profile) };
    });
    const { plan } = await load('models/fashion-mnist.onnx');
    expect(steps.map(({ name }) => name)).toEqual(plan.steps.map(({ name }) => name));
    for (const { medianMs } of steps) expect(medianMs).toBeGreaterThan(0);
    expect(trace.traceEvents).toHaveLength(2 + 3 * (1 + steps.length));
    expect(opened.errors).toEqual([]);
  });
});
