import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build, type Metafile } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright-core';
import { browserWorkerScript } from '../../src/run/workersBrowser.ts';
import { hasShared, sharedPath } from '../shared.ts';

export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const hasChromium = existsSync(executable);

/** Why tests in a page are skipped; in CI they fail instead. */
export const noChromium = `no Chromium at ${executable}: set CHROMIUM to the path of one`;

export interface Bundle {
  readonly text: string;
  readonly metafile: Metafile;
}

/** The library for pages as scripts/build.mjs bundles it. */
export async function bundleForBrowser(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: ['src/browser/index.ts'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    metafile: true,
    write: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return { text: outputFiles[0]!.text, metafile };
}

/** A page that holds the bundle as the global `microjoule`. */
export interface TestPage {
  readonly page: Page;
  /** What went wrong in the page and was caught by nobody. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

const html = `<!doctype html><title>microjoule</title><link rel="icon" href="data:,">
<script type="module">
  import * as microjoule from '/microjoule.js';
  globalThis.microjoule = microjoule;
</script>`;

export type Headers = Readonly<Record<string, string>>;

/** What isolates a page, so that it may share memory with its workers. */
export const isolation: Headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

/**
 * Starts a server of this machine alone, and a browser that has its page open.
 * @param headers of all that the server answers
 */
export async function openPage(bundle: Bundle, headers: Headers = {}): Promise<TestPage> {
  const server = await serve(bundle.text, headers);
  const { port } = server.address() as AddressInfo;
  const browser = await launch();
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => void errors.push(String(error)));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction('globalThis.microjoule !== undefined');
  const close = async (): Promise<void> => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  };
  return { page, errors, close };
}

/** A browser of this machine that calls nobody. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** Runs a model on two threads in a worker of the page's own, which may sleep. */
const inWorker = `
import { load } from '/microjoule.js';
onmessage = async ({ data: { url, input } }) => {
  const model = await load(url, { threads: 2 });
  postMessage({ threads: model.threads, why: model.threadsWhy, output: model.run(input).slice() });
  model.dispose();
};`;

/**
 * `/models/…` are files of the repository, `/shared/…` those beside it.
 * @param page what is at `/`
 * @param posted takes what is sent here
 */
export function serve(
  bundle: string,
  headers: Headers = {},
  page = html,
  posted?: (request: IncomingMessage) => void,
): Promise<Server> {
  const server = createServer((request, response) => {
    const { url = '/' } = request;
    const answer = (type: string, body: string | Uint8Array): void =>
      void response.writeHead(200, { 'content-type': type, ...headers }).end(body);
    if (request.method === 'POST') {
      posted?.(request);
      return answer('text/plain', '');
    }
    if (url === '/') return answer('text/html', page);
    if (url === '/microjoule.js') return answer('text/javascript', bundle);
    if (url === '/microjoule.worker.js') return answer('text/javascript', browserWorkerScript);
    if (url === '/inWorker.js') return answer('text/javascript', inWorker);
    const file = fileOf(url);
    if (file !== undefined) return answer('application/octet-stream', readFileSync(file));
    response.writeHead(404).end();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function fileOf(url: string): string | undefined {
  if (url.includes('..')) return undefined;
  const file = url.startsWith('/models/')
    ? url.slice(1)
    : hasShared && url.startsWith('/shared/')
      ? sharedPath(url.slice('/shared/'.length))
      : '';
  return existsSync(file) ? file : undefined;
}
