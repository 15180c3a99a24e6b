// Bundles src/ into dist/ and writes the types beside it; build/ holds the wasm binaries already.
//   dist/index.js               the API for Node             dist/types/                 its types
//   dist/cli.js                 the command line             dist/kernels*.wasm          for hosts
//   dist/microjoule.browser.js  the API for pages, one file    that load them themselves
//   dist/microjoule.worker.js   its threads, for pages that forbid blob: workers
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const out = 'dist';
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const common = {
  bundle: true,
  format: 'esm',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
};

// What the command line and the API share goes into one chunk; dependencies stay packages.
const node = await build({
  ...common,
  entryPoints: { index: 'src/index.ts', cli: 'src/cli/main.ts' },
  outdir: out,
  splitting: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
});

// esbuild keeps the #! line of an entry point.
chmodSync(join(out, 'cli.js'), 0o755);

const browser = await build({
  ...common,
  entryPoints: ['src/browser/index.ts'],
  outfile: join(out, 'microjoule.browser.js'),
  platform: 'browser',
  target: 'es2022',
  minify: true,
});

const { outputFiles } = await build({
  entryPoints: ['src/run/workersBrowser.ts'],
  bundle: true,
  format: 'esm',
  write: false,
});
const { browserWorkerScript } = await import(
  `data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`
);
writeFileSync(join(out, 'microjoule.worker.js'), browserWorkerScript);

for (const file of ['kernels.wasm', 'kernels.relaxed.wasm'])
  copyFileSync(join('build', file), join(out, file));

const tsc = join('node_modules', 'typescript', 'bin', 'tsc');
execFileSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { stdio: 'inherit' });
// The sources reach beyond src/ (the argument blocks), so their types lie a folder deeper.
const types = join(out, 'types');
writeFileSync(join(types, 'index.d.ts'), "export * from './src/index.js';\n");
writeFileSync(join(types, 'browser.d.ts'), "export * from './src/browser/index.js';\n");

for (const { metafile } of [node, browser]) {
  for (const [file, { bytes }] of Object.entries(metafile.outputs))
    console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
