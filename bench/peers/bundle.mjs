import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { fromHere } from './paths.mjs';
import { bundleFolder } from './server.mjs';

/** Modules of Node that engines ask for behind a test of where they are. */
const ofNode = ['crypto', 'fs', 'module', 'os', 'path', 'perf_hooks', 'util', 'worker_threads'];

/**
 * Bundles an adapter with its engine for pages; the engine's wasm files stay apart.
 * @param dist the build of microjoule
 * @returns bytes of the script, plain and compressed
 */
export async function bundle(adapter, dist) {
  const outfile = join(bundleFolder, `${adapter}.js`);
  await build({
    // Where an alias is looked for.
    absWorkingDir: fromHere('.'),
    entryPoints: [`engines/${adapter}.mjs`],
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    alias: {
      'onnxruntime-web': 'onnxruntime-web/wasm',
      microjoule: join(dist, 'microjoule.browser.js'),
    },
    // onnxruntime-web then looks for its wasm where it is told to.
    conditions: ['onnxruntime-web-use-extern-wasm'],
    external: ['node:*', ...ofNode],
    logLevel: 'error',
  });
  const script = readFileSync(outfile);
  return { bytes: script.length, gzipBytes: gzipSync(script, { level: 9 }).length };
}
