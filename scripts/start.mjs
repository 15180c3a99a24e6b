// npm start: installs and builds what is missing, then classifies the sample pictures.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Our networks, and pictures they have not seen. */
const shows = [
  ['mote-l', join('models', 'photographs')],
  ['fashion-mnist', join('models', 'samples')],
];
const cli = join('dist', 'cli.js');
const sources = [
  'src',
  'assembly',
  'scripts',
  'package.json',
  'package-lock.json',
  'asconfig.json',
];

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
if (Number(process.versions.node.split('.')[0]) < 20) fail('Node 20 or newer is needed');
if (!existsSync(join('node_modules', 'esbuild'))) {
  console.log('Installing packages (npm ci) ...');
  npm('ci', '--no-audit', '--no-fund');
}
if (!existsSync(cli) || newest(sources) > statSync(cli).mtimeMs) {
  console.log('Building (npm run build) ...');
  npm('run', 'build');
}
for (const [name, samples] of shows) show(entryOf(name), samples);
console.log(`
Yours:  npx microjoule classify models/mote-l.onnx PICTURE...
        npx microjoule inspect models/mote-l.onnx
        npx microjoule energy models/mote-l.onnx --html energy.html
        npx microjoule --help`);

function entryOf(model) {
  const { models } = JSON.parse(readFileSync(join('models', 'manifest.json'), 'utf8'));
  return models.find(({ name }) => name === model) ?? fail(`no ${model} in the manifest`);
}

/** What the pictures show: file name to class. */
function readLabels(samples) {
  const [, ...rows] = readFileSync(join(samples, 'labels.csv'), 'utf8').trim().split(/\r?\n/);
  return new Map(rows.map((row) => row.split(',')).map(([file, label]) => [file, Number(label)]));
}

function show(manifest, samples) {
  const truth = readLabels(samples);
  const files = [...truth.keys()].map((file) => join(samples, file));
  const model = join('models', manifest.file);
  const { images, model: cost, preprocessing } = ask('classify', model, ...files, '--top-k', '3');
  const { energyPj, node, table, reuse, memory } = ask('energy', model);
  const [low, nominal, high] = [energyPj.low, energyPj.total, energyPj.high].map(microjoules);
  const { int8 } = manifest.accuracy;

  console.log(`
${bold(model)}
  ${count(cost.macs)} MACs · ${count(cost.params)} parameters (${kilobytes(cost.weightBytes)} of weights) · ${kilobytes(cost.arenaBytes)} peak memory of activations
  ${nominal} µJ a picture (${low} to ${high}), modelled: node ${node}; table ${table}; reuse ${reuse};
    ${memory}
  ${(100 * int8.top1).toFixed(2)} % of ${count(int8.n)} pictures right (${int8.dataSet})
  input: ${preprocessing.text}
`);
  let right = 0;
  const rows = images.map(({ file, latencyMs, classes }) => {
    const name = file.slice(samples.length + 1);
    const isRight = classes[0].index === truth.get(name);
    if (isRight) right++;
    const guesses = classes.map((c) => [c.label, `${(100 * c.probability).toFixed(1)} %`]);
    return [name, isRight ? '✓' : '✗', ...guesses.flat(), `${latencyMs.toFixed(3)} ms`];
  });
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  for (const row of rows) {
    const cells = row.map((cell, c) =>
      cell.endsWith('%') || cell.endsWith('ms') ? cell.padStart(widths[c]) : cell.padEnd(widths[c]),
    );
    const [name, mark, first, ...others] = cells;
    const colour = row[1] === '✓' ? green : red;
    console.log(`  ${name}  ${colour(mark)} ${bold(first)}  ${others.join('  ')}`);
  }
  console.log(`
  ${right} of ${images.length} right; the right answers are in ${join(samples, 'labels.csv')}`);
}

/** What a command prints as JSON. */
function ask(command, ...args) {
  const { status, stdout } = spawnSync(process.execPath, [cli, command, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) fail(`microjoule ${command} did not succeed`);
  return JSON.parse(stdout.toString());
}

function npm(...args) {
  // npm tells where it is itself, when it started this script.
  const own = process.env.npm_execpath;
  const [command, ...first] = own ? [process.execPath, own] : ['npm'];
  const { status } = spawnSync(command, [...first, ...args], {
    stdio: 'inherit',
    shell: own === undefined && process.platform === 'win32',
  });
  if (status !== 0) fail(`npm ${args.join(' ')} did not succeed`);
}

/** The time of the latest change in files and folders. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const info = statSync(path);
    const inner = info.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    latest = Math.max(latest, info.mtimeMs, newest(inner));
  }
  return latest;
}

function fail(message) {
  console.error(`npm start: ${message}`);
  process.exit(1);
}

function count(value) {
  return value.toLocaleString('en-US');
}

function kilobytes(value) {
  return `${(value / 1000).toFixed(1)} kB`;
}

function microjoules(pj) {
  return (pj / 1e6).toFixed(2);
}

function bold(text) {
  return style(1, text);
}

function green(text) {
  return style(32, text);
}

function red(text) {
  return style(31, text);
}

function style(code, text) {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR;
  return colours ? `\x1b[${code}m${text}\x1b[0m` : text;
}
