import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { engines } from './engines.mjs';
import { withoutVnni } from './machine.mjs';
import { models } from './models.mjs';
import { fromRoot } from './paths.mjs';

export const help = `npm run bench:peers -- [options]

  --model a,b        models: ${models.map(({ key }) => key).join(', ')}
  --engines a,b      engines: ${engines.map(({ name }) => name).join(', ')}
  --where a,b        chromium, node; both unless told
  --threads 1,2      numbers of threads, each a contestant of its own; 1 unless told
  --rounds n         rounds of bursts, 9 unless told; 0: no rounds
  --burst ms         length of a burst, 300 unless told
  --warm ms          least time of warming up, 1500 unless told; at most 14 times that
  --cold n           also n cold starts in fresh browsers, of --model or else of one model
  --node PATH        a Node to run in, may be repeated; this one unless told
  --chromium PATH    the browser, /usr/bin/chromium unless told ($CHROMIUM)
  --without-vnni     V8 without AVX-VNNI: on x86 the class of most machines, saturating
  --models DIR       the folder that holds tflite/ and onnx/, ../shared/models unless told
  --dist DIR         the build of microjoule, dist unless told
  --json FILE        where the figures go, and a table beside them (.md)
`;

const names = (known, list) => ({ known, list });

/**
 * What the command line asks for.
 * @throws Error that names the option, what was got and what is expected
 */
export function readOptions(args) {
  const text = { type: 'string' };
  const { values } = parseArgs({
    args,
    options: {
      model: text,
      engines: text,
      where: { ...text, default: 'chromium,node' },
      threads: { ...text, default: '1' },
      rounds: { ...text, default: '9' },
      burst: { ...text, default: '300' },
      warm: { ...text, default: '1500' },
      cold: { ...text, default: '0' },
      node: { ...text, multiple: true, default: [process.execPath] },
      chromium: { ...text, default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
      models: { ...text, default: fromRoot('../shared/models') },
      dist: { ...text, default: fromRoot('dist') },
      'without-vnni': { type: 'boolean', default: false },
      json: text,
      help: { type: 'boolean', default: false },
    },
  });
  const keys = models.map(({ key }) => key);
  const engineNames = engines.map(({ name }) => name);
  const usual = engines.filter(({ onDemand }) => !onDemand).map(({ name }) => name);
  return {
    help: values.help,
    /** Nothing was left out: the figures of such a run are worth keeping. */
    complete: isComplete(values),
    models: listOf('--model', values.model, names(keys, keys)),
    coldModels: listOf('--model', values.model, names(keys, ['mobilenet_v2_ptq'])),
    engines: listOf('--engines', values.engines, names(engineNames, usual)),
    where: listOf('--where', values.where, names(['chromium', 'node'])),
    threads: values.threads.split(',').map((value) => count('--threads', value, 1)),
    rounds: count('--rounds', values.rounds, 0),
    burstMs: count('--burst', values.burst, 1),
    warmMs: count('--warm', values.warm, 0),
    cold: count('--cold', values.cold, 0),
    nodes: values.node.map((path) => resolve(path)),
    chromium: values.chromium,
    modelFolder: resolve(values.models),
    dist: resolve(values.dist),
    json: values.json,
    v8Flags: values['without-vnni'] ? withoutVnni : [],
  };
}

function isComplete({ model, engines, where, rounds }) {
  const places = ['chromium', 'node'].every((kind) => where.split(',').includes(kind));
  return model === undefined && engines === undefined && places && Number(rounds) > 0;
}

function listOf(option, value, { known, list }) {
  if (value === undefined) return list;
  const got = value.split(',');
  const unknown = got.filter((name) => !known.includes(name));
  if (unknown.length === 0) return got;
  throw new Error(`${option}: got ${unknown.join(', ')}, expected some of ${known.join(', ')}`);
}

function count(option, value, least) {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`${option}: got '${value}', expected a whole number from ${least}`);
}
