// npm run bench:peers [-- options]: microjoule and its peers on the same models and inputs,
// interleaved in one run, in Chromium and in Node. README.md in this folder says how to read it.
import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundle } from './bundle.mjs';
import { chromiumPlace } from './chromium.mjs';
import { coldStart } from './coldStart.mjs';
import { contestantsOf, labelOf } from './contestants.mjs';
import { engines as allEngines } from './engines.mjs';
import { installPeers } from './install.mjs';
import { machineFacts } from './machine.mjs';
import { models as allModels, checkFiles } from './models.mjs';
import { nodePlace } from './node.mjs';
import { help, readOptions } from './options.mjs';
import { fromRoot } from './paths.mjs';
import { race } from './race.mjs';
import { report } from './report.mjs';
import { resultFolder, resultVersion, writeResult } from './results.mjs';
import { runQueue } from './runQueue.mjs';
import { serve } from './server.mjs';
import { formatMs } from './table.mjs';
import { makeTwins } from './twins.mjs';

const say = (line) => console.error(line);

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(help);
  if (!existsSync(join(options.dist, 'index.js')))
    throw new Error(`${options.dist} holds no build of microjoule: npm run build`);
  const models = allModels.filter(({ key }) => options.models.includes(key));
  const coldModels = options.cold > 0 ? options.coldModels : [];
  const needed = allModels.filter(({ key }) => [...options.models, ...coldModels].includes(key));
  checkFiles(needed, options.modelFolder);
  await makeTwins(needed, options.modelFolder);
  const engines = await prepareEngines(options);

  const server = await serve({ ...options, models: needed });
  const places = [];
  try {
    if (options.where.includes('chromium'))
      places.push(await chromiumPlace({ executablePath: options.chromium, ...options, ...server }));
    if (options.where.includes('node'))
      places.push(...options.nodes.map((executable) => nodePlace({ executable, ...options })));
    // Saved after every model: a long run that breaks off was not for nothing.
    const save = (found) => saveResult({ options, engines, places, models: needed, ...found });
    const runs = await runAll({ options, models, engines, places, save });
    await places.find(({ kind }) => kind === 'chromium')?.close();
    const cold = await startCold({ options, coldModels, engines, ...server });
    const { text, paths } = save({ runs, cold });
    console.log(text);
    say(`wrote ${paths.join(' and ')}`);
  } finally {
    for (const place of places) await place.close();
    server.close();
  }
}

/** Installs what the chosen engines need, and bundles them for pages. */
async function prepareEngines({ engines: chosen, where, dist }) {
  const wanted = allEngines.filter(({ name, places }) => {
    return chosen.includes(name) && places.some((kind) => where.includes(kind));
  });
  const installed = installPeers([...new Set(wanted.flatMap(({ packages }) => packages))]);
  const there = wanted.filter(({ packages }) => packages.every((name) => name in installed));
  const prepared = [];
  for (const engine of there) {
    const versions = Object.fromEntries(engine.packages.map((name) => [name, installed[name]]));
    const inPages = engine.places.includes('chromium') && where.includes('chromium');
    const script = inPages ? await bundle(engine.adapter, dist) : undefined;
    prepared.push({ ...engine, versions, script });
  }
  return prepared;
}

async function runAll({ options, models, engines, places, save }) {
  const runs = [];
  if (options.rounds === 0) return runs;
  const queue = runQueue();
  const references = new Map(models.map(({ key }) => [key, new Map()]));
  for (const place of places) {
    for (const model of models) {
      const contestants = contestantsOf({ engines, threads: options.threads, model, place });
      say(`${place.name}: ${model.title}`);
      const { rounds, burstMs, warmMs } = options;
      // Engines that never give the same time twice are measured nevertheless.
      const warmUp = { leastMs: warmMs, mostMs: 14 * warmMs };
      const known = { place, contestants, references: references.get(model.key), queue, say };
      const rows = await race({ ...known, rounds, burstMs, warmUp });
      for (const row of rows) if (row.error === undefined) say(`  ${lineOf(row)}`);
      runs.push(...rows);
      save({ runs, cold: [] });
    }
  }
  return runs;
}

function lineOf(row) {
  const { medianMs, minMs, q1Ms, q3Ms, dropped, samples, waited, disturbedRounds } = row;
  const spread = `quartiles ${formatMs(q1Ms)} to ${formatMs(q3Ms)}`;
  const repeated = `${dropped} of ${dropped + samples} samples repeated`;
  const share = `${(100 * waited).toFixed(1)} % of the time waiting`;
  const disturbed = `${repeated}, ${share}${disturbedRounds > 0 ? `, ${disturbedRounds} rounds DISTURBED` : ''}`;
  const times = `${formatMs(medianMs)}, least ${formatMs(minMs)}, ${spread}`;
  const fewer = (row.load.facts.threads ?? row.threads) < row.threads ? ', on FEWER threads' : '';
  return `${labelOf(row).padEnd(22)} ${times}, ${disturbed}${fewer}`;
}

async function startCold({ options, coldModels, engines, origin }) {
  const rows = [];
  for (const model of allModels.filter(({ key }) => coldModels.includes(key))) {
    say(`cold starts: ${model.title}`);
    const { chromium: executablePath, v8Flags, cold: samples } = options;
    const settings = { executablePath, v8Flags, origin, samples };
    rows.push(...(await coldStart({ ...settings, engines, model, say })));
  }
  return rows;
}

/** Writes the figures and the tables. */
function saveResult({ options, engines, places, models, runs, cold }) {
  const capabilitiesAt = (name) => runs.map((run) => capabilitiesOf(run, name)).find(Boolean);
  // Places with relaxed SIMD know more of the machine than those without.
  const classes = places.map(({ name }) => capabilitiesAt(name)?.kernelClass).filter(Boolean);
  const kernelClass = classes.find((name) => name !== 'baseline') ?? classes[0];
  const result = {
    version: resultVersion,
    date: new Date().toISOString(),
    machine: { ...machineFacts(), kernelClass },
    rounds: options.rounds,
    burstMs: options.burstMs,
    threads: options.threads,
    v8Flags: options.v8Flags,
    places: places.map(({ kind, name }) => ({ kind, name, capabilities: capabilitiesAt(name) })),
    models: Object.fromEntries(models.map(({ key, title }) => [key, title])),
    engines: Object.fromEntries(
      engines.map(({ name, title, versions, script }) => [name, { title, versions, script }]),
    ),
    runs: runs.map(withoutCapabilities),
    coldStart: cold,
  };
  const path = options.json ?? defaultPath(options, kernelClass);
  writeResult(path, result);
  const text = report(result);
  const markdown = join(dirname(path), `${basename(path, '.json')}.md`);
  writeFileSync(markdown, text);
  return { text, paths: [path, markdown] };
}

function capabilitiesOf({ place, load }, name) {
  return place === name ? load?.facts.capabilities : undefined;
}

/** They are the same for every run of a place. */
function withoutCapabilities(run) {
  if (run.load === undefined) return run;
  const { capabilities: _, ...facts } = run.load.facts;
  return { ...run, load: { ...run.load, facts } };
}

/** A run that leaves something out does not take the place of one that does not. */
function defaultPath({ complete }, kernelClass = 'unknown-class') {
  return complete
    ? join(resultFolder, `peers-${kernelClass.replace(/\W+/g, '-')}.json`)
    : fromRoot('build/peers/latest.json');
}

try {
  await main();
} catch (error) {
  // Playwright adds the browser's log.
  say(String(error.message).split('\n')[0]);
  process.exitCode = 1;
}
