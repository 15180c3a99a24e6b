import { execFileSync, fork } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { callsOf } from './chromium.mjs';
import { withinLimit } from './limit.mjs';
import { pathOf } from './models.mjs';
import { fromHere } from './paths.mjs';

/** A Node as a place for engines: each gets a process of its own. */
export function nodePlace({ executable, modelFolder, dist }) {
  const version = execFileSync(executable, ['--print', 'process.version'], { encoding: 'utf8' });
  const module = pathToFileURL(`${dist}/index.js`).href;
  return {
    kind: 'node',
    name: `Node ${version.trim().slice(1)}`,
    open: (contestant) => openProcess({ executable, modelFolder, module, ...contestant }),
    close: () => undefined,
  };
}

async function openProcess({ executable, modelFolder, module, engine, model, format, options }) {
  const adapter = `./engines/${engine.adapter}.mjs`;
  const child = fork(fromHere('nodeChild.mjs'), [adapter], {
    execPath: executable,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const call = callerOf(child);
  const close = () => child.kill();
  try {
    const path = pathOf(model, format, modelFolder);
    const loaded = await call('open', path, { ...options, module });
    return { ...callsOf(call), loaded, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** A function that asks the process for a call of its Runner and waits for the answer. */
function callerOf(child) {
  const waiting = new Map();
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  });
  child.on('exit', (code) => {
    const error = new Error(`ended with ${code}: ${complaints.trim().slice(-300)}`);
    for (const { reject } of waiting.values()) reject(error);
  });
  let count = 0;
  return (verb, ...args) => {
    const answer = new Promise((resolve, reject) => {
      const id = count++;
      waiting.set(id, { resolve, reject });
      child.send({ id, verb, args });
    });
    return withinLimit(answer);
  };
}
