import { execFileSync, fork, spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { callsOf } from './chromium.mjs';
import { withinLimit } from './limit.mjs';
import { pathOf } from './models.mjs';
import { fromHere } from './paths.mjs';

/** A Node as a place for engines: each gets a process of its own. */
export function nodePlace({ executable, modelFolder, dist, v8Flags }) {
  const version = execFileSync(executable, ['--print', 'process.version'], { encoding: 'utf8' });
  const module = pathToFileURL(`${dist}/index.js`).href;
  const execArgv = v8Flags.filter((flag) => knows(executable, flag));
  return {
    kind: 'node',
    name: `Node ${version.trim().slice(1)}`,
    open: (contestant) => openProcess({ executable, execArgv, modelFolder, module, ...contestant }),
    close: () => undefined,
  };
}

/** A V8 that does not know the flag does not use the instructions either. */
function knows(executable, flag) {
  const { status } = spawnSync(executable, [flag, '--eval', '']);
  return status === 0;
}

async function openProcess({ executable, execArgv, modelFolder, module, ...contestant }) {
  const { engine, model, format, options } = contestant;
  const adapter = `./engines/${engine.adapter}.mjs`;
  const child = fork(fromHere('nodeChild.mjs'), [adapter], {
    execPath: executable,
    execArgv,
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
