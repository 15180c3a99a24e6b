import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type * as browserApi from '../../src/browser/index.ts';
import { type Bundle, serve } from './page.ts';

const executable = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

export const hasFirefox = existsSync(executable);

/** Why tests in Firefox are skipped. */
export const noFirefox = `no Firefox at ${executable}: set FIREFOX to the path of one`;

/** Nothing that asks the network. */
const settings = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.getAddons.cache.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
};

/**
 * What a function gives in a page of a fresh Firefox; it sees nothing of the file that it stands in.
 * The page sends it here itself: playwright-core drives only a Firefox of its own build.
 * @throws what was thrown in the page, or that no answer came within 100 s
 */
export async function runInFirefox<A, R>(
  bundle: Bundle,
  run: (microjoule: typeof browserApi, argument: A) => Promise<R>,
  argument: A,
): Promise<R> {
  const page = `<!doctype html><title>microjoule</title><link rel="icon" href="data:,">
<script type="module">
  const send = (body) => fetch('/', { method: 'POST', body: JSON.stringify(body) });
  try {
    const microjoule = await import('/microjoule.js');
    send({ result: await (${run})(microjoule, ${JSON.stringify(argument)}) });
  } catch (error) {
    send({ error: String(error) });
  }
</script>`;
  const profile = mkdtempSync(join(tmpdir(), 'microjoule-firefox-'));
  const lines = Object.entries(settings).map(([name, value]) => JSON.stringify([name, value]));
  const prefs = lines.map((line) => `user_pref(${line.slice(1, -1)});\n`);
  writeFileSync(join(profile, 'user.js'), prefs.join(''));
  const { promise, resolve, reject } = withResolvers<{ result: R; error?: string }>();
  const server = await serve(bundle.text, {}, page, (request) => {
    text(request).then((body) => resolve(JSON.parse(body)), reject);
  });
  const { port } = server.address() as AddressInfo;
  const options = ['--headless', '--no-remote', '--profile', profile];
  const browser = spawn(executable, [...options, `http://127.0.0.1:${port}/`], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile },
  });
  browser.on('error', reject);
  browser.on('exit', (code) => reject(new Error(`Firefox ended with ${code}`)));
  const timer = setTimeout(() => reject(new Error('no answer from Firefox')), 100_000);
  try {
    const { result, error } = await promise;
    if (error !== undefined) throw new Error(error);
    return result;
  } finally {
    clearTimeout(timer);
    await end(browser);
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}

function end(browser: ChildProcess): Promise<void> {
  if (browser.exitCode !== null || browser.signalCode !== null || browser.pid === undefined)
    return Promise.resolve();
  return new Promise((resolve) => {
    browser.once('exit', () => resolve());
    browser.kill();
  });
}
