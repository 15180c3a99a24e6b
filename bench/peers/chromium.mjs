import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { withinLimit } from './limit.mjs';

/** Chromium slows pages down that nobody sees; some of its services run beside the pages. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-component-update',
  '--disable-quic',
  '--disable-renderer-backgrounding',
  '--disable-sync',
  '--no-first-run',
];

export function launchChromium(executablePath, v8Flags = []) {
  if (!existsSync(executablePath))
    throw new Error(
      `no Chromium at ${executablePath}: --chromium names one, --where node does without`,
    );
  const ofEngine = v8Flags.length > 0 ? [`--js-flags=${v8Flags.join(' ')}`] : [];
  return chromium.launch({ executablePath, headless: true, args: [...flags, ...ofEngine] });
}

/** Chromium as a place for engines: each gets a page, and so a process, of its own. */
export async function chromiumPlace({ executablePath, origin, v8Flags }) {
  const browser = await launchChromium(executablePath, v8Flags);
  return {
    kind: 'chromium',
    name: `Chromium ${browser.version()}`,
    open: (contestant) => openPage(browser, origin, contestant),
    close: () => browser.close(),
  };
}

/**
 * An engine that has loaded its model in a page.
 * @returns what `load` and the first run took, and the calls of Runner
 */
export async function openPage(browser, origin, contestant, restMs = 0) {
  const { engine, model, format, options } = contestant;
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors = new Set();
  page.on('pageerror', ({ message }) => errors.add(message));
  page.on('console', (line) => line.type() === 'error' && errors.add(line.text()));
  try {
    await page.goto(origin);
    await page.waitForFunction('globalThis.Runner !== undefined');
    const loaded = await withinLimit(
      page.evaluate(loadInPage, {
        script: `/bundles/${engine.adapter}.js`,
        file: `/models/${model.key}/${format}`,
        restMs,
        options: { ...options, base: `${origin}/peers/` },
      }),
    );
    const call = (verb, ...args) =>
      withinLimit(page.evaluate(([name, list]) => globalThis.runner[name](...list), [verb, args]));
    return { ...callsOf(call), loaded, close: () => context.close() };
  } catch (error) {
    await context.close();
    const [cause] = String(error.message).split('\n');
    throw new Error([cause, ...[...errors].slice(0, 2)].join(' | '));
  }
}

/** The calls of Runner that come after load, over whatever carries them. */
export function callsOf(call) {
  return {
    outputs: (seeds) => call('outputs', seeds),
    warmUp: (leastMs, mostMs) => call('warmUp', leastMs, mostMs),
    burst: (ms, bestMs) => call('burst', ms, bestMs),
  };
}

/** Runs in the page. */
async function loadInPage({ script, file, restMs, options }) {
  const bytes = new Uint8Array(await (await fetch(file)).arrayBuffer());
  if (restMs > 0) await new Promise((done) => setTimeout(done, restMs));
  const start = performance.now();
  const adapter = await import(script);
  await adapter.prepare?.(options);
  const importMs = performance.now() - start;
  const runner = new globalThis.Runner(adapter);
  globalThis.runner = runner;
  const loadMs = await runner.load(bytes, options);
  const firstMs = await runner.first();
  const facts = await runner.facts();
  return { importMs, loadMs, firstMs, facts, isolated: globalThis.crossOriginIsolated };
}
