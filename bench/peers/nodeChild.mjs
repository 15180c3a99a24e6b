/** One engine in a process of its own; node.mjs sends it calls of Runner. */
import { readFileSync } from 'node:fs';
import { Runner } from './runner.mjs';

let runner;

async function open(path, options) {
  const bytes = new Uint8Array(readFileSync(path));
  const start = performance.now();
  const adapter = await import(process.argv[2]);
  await adapter.prepare?.(options);
  const importMs = performance.now() - start;
  runner = new Runner(adapter);
  const loadMs = await runner.load(bytes, options);
  const firstMs = await runner.first();
  const facts = await runner.facts();
  return { importMs, loadMs, firstMs, facts };
}

process.on('message', async ({ id, verb, args }) => {
  try {
    const value = verb === 'open' ? await open(...args) : await runner[verb](...args);
    process.send({ id, value });
  } catch (error) {
    process.send({ id, error: String(error?.message ?? error) });
  }
});
