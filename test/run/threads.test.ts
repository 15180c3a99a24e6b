import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { PlanError, RunError } from '../../src/errors.ts';
import type { TypedArray } from '../../src/graph/tensor.ts';
import { load, type Model } from '../../src/index.ts';
import { supports } from '../../src/kernels/binaries.ts';
import { type LoadOptions, loadBytes } from '../../src/run/load.ts';
import { Model as AnyModel } from '../../src/run/model.ts';
import type { WorkerTask } from '../../src/run/workerScript.ts';
import type { Worker, Workers } from '../../src/run/workers.ts';
import { nodeWorkers } from '../../src/run/workersNode.ts';
import { info, modelBytes } from '../formats/onnx/modelFile.ts';
import { randomInput } from '../vocabulary.ts';

const path = 'models/mote-l.onnx';
const binaries = (['baseline', 'relaxed'] as const).filter(supports);

function joined(inputs: readonly (Uint8Array | Float32Array)[]): Uint8Array | Float32Array {
  const values = inputs.flatMap((input) => Array.from(input));
  return inputs[0] instanceof Uint8Array ? Uint8Array.from(values) : Float32Array.from(values);
}

function bytesOf(result: TypedArray | TypedArray[]): TypedArray[] {
  return [result].flat().map((output) => output.slice() as TypedArray);
}

describe.each(binaries)('%s', (binary) => {
  test.each([2, 3, 8])('%i threads give the bits of one', async (threads) => {
    for (const name of ['mote-l', 'fashion-mnist']) {
      const file = `models/${name}.onnx`;
      using one = await load(file, { binary });
      using model = await load(file, { binary, threads });
      expect(model.threads).toBe(model.plan.threads);
      expect(model.threads).toBeGreaterThan(1);
      expect(model.threadsWhy === undefined).toBe(model.threads === threads);
      for (let seed = 0; seed < 20; seed++) {
        const input = randomInput(model, seed);
        expect(bytesOf(model.run(input))).toEqual(bytesOf(one.run(input)));
      }
    }
  });
});

test('one thread is what there is unless more are asked for', async () => {
  using model = await load(path);
  expect([model.threads, model.threadsWhy]).toEqual([1, undefined]);
  expect(model.plan.steps.every(({ parts }) => parts.length === 1)).toBe(true);
});

test('threads that went to sleep between runs wake up', async () => {
  using one = await load(path);
  using model = await load(path, { threads: 2 });
  for (let seed = 0; seed < 5; seed++) {
    const input = randomInput(model, seed);
    expect(bytesOf(model.run(input))).toEqual(bytesOf(one.run(input)));
    await new Promise((resolve) => setTimeout(resolve, 20 * seed));
  }
});

test('a batch runs on threads too, and two models beside each other', async () => {
  using one = await load(path);
  using two = await load(path, { threads: 2 });
  using three = await load(path, { threads: 3 });
  const inputs = [1, 2, 3].map((seed) => randomInput(one, seed));
  const batch = joined(inputs);
  const expected = bytesOf(one.run(batch));
  for (const model of [two, three, two]) expect(bytesOf(model.run(batch))).toEqual(expected);
});

test('steps that are started one by one give the same, on this thread alone', async () => {
  for (const threads of [1, 3]) {
    using model = await load(path, { threads });
    const input = randomInput(model, 1);
    const expected = bytesOf(model.run(input));
    model.run(randomInput(model, 2));
    const output = model.run(randomInput(model, 3)) as Float32Array;
    const started: number[] = [];
    model.runStepwise([input], (step, run) => {
      started.push(step);
      run();
    });
    expect([output]).toEqual(expected);
    expect(started).toEqual([...model.plan.steps.keys()]);
    expect(bytesOf(model.run(input))).toEqual(expected);
    const two = joined([input, input]);
    expect(() => model.runStepwise([two], () => {})).toThrow('runStepwise(): got 2 samples');
  }
});

test('a number that is none of threads is refused', async () => {
  for (const threads of [0, -1, 1.5, Number.NaN, 65, Number.POSITIVE_INFINITY, '2', null]) {
    // What callers without types may pass; null too is no number.
    const refused = load(path, { threads: threads as number });
    if (threads === null) await refused;
    else await expect(refused, String(threads)).rejects.toThrow(PlanError);
  }
  await expect(load(path, { threads: 0 })).rejects.toThrow(
    'option threads: got 0, expected a whole number from 1 to 64',
  );
});

test('a model too small to be shared runs alone, and says so', async () => {
  const bytes = modelBytes({
    inputs: [info('a', [1, 3])],
    outputs: [info('2a', [1, 3])],
    nodes: [{ op: 'Add', inputs: ['a', 'a'], outputs: ['2a'] }],
  });
  using model = await load(bytes, { threads: 4 });
  expect(model.threads).toBe(1);
  expect(model.threadsWhy).toBe('no step of the model is worth sharing');
  expect(model.run(Float32Array.of(1, 2, 3))).toEqual(Float32Array.of(2, 4, 6));
});

/** The workers of Node with something changed. */
function changed(change: (worker: Worker) => Partial<Worker>): Workers {
  return {
    ...nodeWorkers,
    start() {
      const worker = nodeWorkers.start();
      return { ...worker, ...change(worker) };
    },
  };
}

function loadWith(workers: Workers, options: LoadOptions = { threads: 2 }): Promise<AnyModel> {
  return loadBytes(new Uint8Array(readFileSync(path)), options, AnyModel, workers);
}

/** Gives the worker another task. */
function withTask(change: (task: WorkerTask) => object): Workers {
  return changed((worker) => ({ post: (task) => worker.post(change(task) as WorkerTask) }));
}

describe('where there can be no threads the model runs alone, and says why', () => {
  const start = (): never => {
    throw new Error('too many threads');
  };
  const endAtOnce = (worker: Worker): Partial<Worker> => ({
    listen(_, onEnd) {
      worker.end();
      onEnd('exit with code 1');
    },
  });
  test.each<[string, string, Workers]>([
    ['the platform says no', 'no sharing', { ...nodeWorkers, whyNot: () => 'no sharing' }],
    ['no worker can be started', 'too many threads', { ...nodeWorkers, start }],
    ['its script fails', 'TypeError', withTask(() => ({}))],
    ['it ends at once', 'exit with code 1', changed(endAtOnce)],
  ])('%s', async (_, why, workers) => {
    using one = await load(path);
    using model = await loadWith(workers);
    expect(model.threads).toBe(1);
    expect(model.threadsWhy).toContain(why);
    const input = randomInput(model, 1);
    expect(bytesOf(model.run(input))).toEqual(bytesOf(one.run(input)));
  });
});

describe('a thread that dies is an error and no wait without end', () => {
  test('it stops at a kernel', async () => {
    const model = await loadWith(withTask((task) => ({ ...task, functions: [] })));
    expect(model.threads).toBe(2);
    const run = (): unknown => model.run(randomInput(model, 1));
    expect(run).toThrow(RunError);
    expect(run).toThrow('run(): got the end of a thread (');
  });

  test('it ends between two runs', async () => {
    let tell = (_: string): void => {};
    const model = await loadWith(
      changed((worker) => ({
        listen(onMessage, onEnd) {
          tell = onEnd;
          worker.listen(onMessage, onEnd);
        },
      })),
    );
    model.run(randomInput(model, 1));
    tell('out of memory');
    expect(() => model.run(randomInput(model, 1))).toThrow('out of memory');
    model.dispose();
  });

  test('it ends without a word', async () => {
    const workers: Worker[] = [];
    const model = await loadWith(
      changed((worker) => {
        workers.push(worker);
        return {};
      }),
    );
    model.run(randomInput(model, 1));
    for (const worker of workers) worker.end();
    expect(() => model.run(randomInput(model, 1))).toThrow('a worker does not answer');
    expect(() => model.run(randomInput(model, 1))).toThrow(RunError);
  });
});

test.each(['', 'model.run(input);', 'model.dispose();'])('a process can end: %s', (line) => {
  const script = `
    import { load } from './dist/index.js';
    const model = await load('${path}', { threads: 2 });
    const type = model.inputs[0].dtype === 'uint8' ? Uint8Array : Float32Array;
    const input = new type(3 * 32 * 32);
    ${line}
    console.log(model.threads);`;
  const options = { encoding: 'utf8', timeout: 60_000 } as const;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], options);
  expect(output).toBe('2\n');
});

test('after dispose the threads are gone', async () => {
  let ended = 0;
  const model = await loadWith(
    changed((worker) => ({
      end() {
        ended++;
        worker.end();
      },
    })),
    { threads: 3 },
  );
  model.dispose();
  model.dispose();
  expect(ended).toBe(2);
  expect(() => (model as Model).run(new Float32Array(1))).toThrow('got a call after dispose()');
});

test('a model that is dropped without dispose takes its threads with it', async () => {
  let ended = 0;
  const workers = changed((worker) => ({
    end() {
      ended++;
      worker.end();
    },
  }));
  await (async () => {
    const model = await loadWith(workers);
    model.run(randomInput(model, 1));
  })();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let i = 0; i < 100 && ended === 0; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(ended).toBe(1);
});
