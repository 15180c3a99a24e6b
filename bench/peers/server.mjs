import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { pathOf } from './models.mjs';
import { fromHere, fromRoot } from './paths.mjs';

const types = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.html': 'text/html',
};

/** Without these headers a page has no SharedArrayBuffer, and a clock that ticks in 0.1 ms. */
const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const page = `<!doctype html><title>bench</title><link rel="icon" href="data:,">
<script type="module">
  import { Runner } from '/peers/runner.mjs';
  globalThis.Runner = Runner;
</script>`;

/** The folder for bundled adapters. */
export const bundleFolder = fromRoot('build/peers/bundles');

/**
 * Serves a page for the engines to this machine alone.
 *   /                   the page         /bundles/NAME.js     adapters
 *   /peers/…            this folder      /models/KEY/FORMAT   model files
 */
export async function serve({ models, modelFolder }) {
  const fileOf = (path) => {
    const [, kind, ...rest] = path.split('/');
    if (kind === 'peers') return join(fromHere('.'), ...rest);
    if (kind === 'bundles') return join(bundleFolder, ...rest);
    const model = models.find(({ key }) => key === rest[0]);
    return model && pathOf(model, rest[1], modelFolder);
  };
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const answer = (type, body) =>
      response.writeHead(200, { ...isolation, 'content-type': type }).end(body);
    if (pathname === '/') return answer(types['.html'], page);
    const file = fileOf(decodeURIComponent(pathname));
    if (file === undefined || !existsSync(file) || !statSync(file).isFile())
      return response.writeHead(404, isolation).end();
    return answer(types[extname(file)] ?? 'application/octet-stream', readFileSync(file));
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `http://localhost:${server.address().port}`, close };
}
