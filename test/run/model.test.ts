import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../models/manifest.json' with { type: 'json' };
import { PlanError, RunError } from '../../src/errors.ts';
import { readModel } from '../../src/formats/table.ts';
import type { TypedArray } from '../../src/graph/tensor.ts';
import { load, Model } from '../../src/index.ts';
import { compile } from '../../src/kernels/binaries.ts';
import { optimize } from '../../src/passes/pipeline.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { Model as AnyModel } from '../../src/run/model.ts';
import { info, modelBytes } from '../formats/onnx/modelFile.ts';
import { random } from '../vocabulary.ts';

const classifier = 'models/fashion-mnist.onnx';
const pixels = 28 * 28;

/** Two inputs, two outputs: what the floats and the integers are, each plus itself. */
const twice = modelBytes({
  inputs: [info('a', [1, 3]), info('b', [1, 2], 'int32')],
  outputs: [info('2a', [1, 3]), info('b as float', [1, 2])],
  nodes: [
    { op: 'Add', inputs: ['a', 'a'], outputs: ['2a'] },
    { op: 'Cast', inputs: ['b'], outputs: ['b as float'], attributes: { to: 1 } },
  ],
});

function picture(seed: number, samples = 1): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: samples * pixels }, () => next() * 256);
}

function run(model: Model, ...inputs: TypedArray[]): Float32Array {
  return model.run(...inputs) as Float32Array;
}

test('a model tells its inputs, outputs, plan and name', async () => {
  const model = await load(classifier);
  expect(model).toBeInstanceOf(Model);
  expect(model.name).toBe('fashion-mnist.onnx');
  const quantization = { scale: 1 / 128, zeroPoint: 0 };
  expect(model.inputs).toEqual([
    { name: 'image', dtype: 'uint8', shape: [1, 1, 28, 28], ...quantization },
  ]);
  expect(model.outputs.map(({ dtype, shape }) => [dtype, shape])).toEqual([['float32', [1, 10]]]);
  const { macs, params } = manifest.models.find(({ file }) => classifier.endsWith(file))!;
  expect(model.plan).toMatchObject({ format: 'onnx', macs, params });
  expect(model.plan.arenaBytes).toBeLessThan(model.plan.memoryBytes);
});

test('inputs of the wrong number are refused', async () => {
  const model = await load(classifier);
  const expected =
    'got 0 inputs, expected 1: uint8 [1][1][28][28] "image"; pass one typed array per input';
  expect(() => model.run()).toThrow(expected);
  expect(() => model.run(picture(1), picture(2))).toThrow('got 2 inputs, expected 1');
});

test('inputs of the wrong type are refused', async () => {
  const model = await load(classifier);
  // What callers without types may pass.
  const wrong: [unknown, string][] = [
    [new Float32Array(pixels), 'got a Float32Array, expected uint8 [1][1][28][28]'],
    [new Float64Array(pixels), 'got a Float64Array'],
    [new DataView(new ArrayBuffer(4 * pixels)), 'got a DataView'],
    [Array.from(picture(1)), 'got an object'],
    [undefined, 'got undefined'],
    [null, 'got null'],
    ['pixels', 'got a string'],
  ];
  for (const [input, message] of wrong) {
    const call = (): unknown => model.run(input as TypedArray);
    expect(call, message).toThrow(RunError);
    expect(call).toThrow(`input 0 "image": ${message}`);
  }
});

test('inputs of the wrong length are refused', async () => {
  const model = await load(classifier);
  for (const length of [0, 1, pixels - 1, pixels + 1, 3 * pixels - 1]) {
    const call = (): unknown => model.run(new Uint8Array(length));
    expect(call).toThrow(RunError);
    expect(call).toThrow(`got ${length} elements, expected uint8 [1][1][28][28] "image", 784`);
  }
  const two = await load(twice);
  expect(() => two.run(new Float32Array(6), new Int32Array(2))).toThrow(
    'input 1 "b": got 2 elements, expected int32 [1][2] "b", 2 elements times 2',
  );
});

test('a refused call leaves the model as it was', async () => {
  const model = await load(classifier);
  const before = run(model, picture(1)).slice();
  expect(() => model.run(new Uint8Array(5))).toThrow(RunError);
  expect(run(model, picture(1))).toEqual(before);
});

test('after dispose every call is refused, dispose itself is not', async () => {
  const model = await load(classifier);
  model.dispose();
  model.dispose();
  expect(() => model.run(picture(1))).toThrow(RunError);
  expect(() => model.run(picture(1))).toThrow(
    'fashion-mnist.onnx: got a call after dispose(), expected a model that is still loaded',
  );
  await expect(model.classify('models/samples/00-ankle-boot.png')).rejects.toThrow(RunError);
  const other = await load(classifier);
  other[Symbol.dispose]();
  expect(() => other.run(picture(1))).toThrow('got a call after dispose()');
});

test('a batch is as many runs', async () => {
  const model = await load(classifier);
  const three = picture(7, 3);
  const batch = run(model, three).slice();
  expect(batch.length).toBe(30);
  for (let i = 0; i < 3; i++) {
    const sample = three.subarray(i * pixels, (i + 1) * pixels);
    expect(batch.subarray(i * 10, (i + 1) * 10)).toEqual(run(model, sample));
  }
});

test('a batch goes through every input and output', async () => {
  const model = await load(twice);
  const outputs = model.run(Float32Array.of(1, 2, 3, 4, 5, 6), Int32Array.of(7, 8, 9, -1));
  expect(outputs).toEqual([Float32Array.of(2, 4, 6, 8, 10, 12), Float32Array.of(7, 8, 9, -1)]);
});

test('results belong to the model: one view for all runs, changed by the next', async () => {
  const model = await load(classifier);
  const first = run(model, picture(1));
  const kept = first.slice();
  const second = run(model, picture(2));
  // The same object: nothing was allocated for it.
  expect(second).toBe(first);
  expect(second).not.toEqual(kept);
  const batch = run(model, picture(3, 2));
  expect(run(model, picture(4, 2))).toBe(batch);
  expect(run(model, picture(4, 3))).not.toBe(batch);
  expect(run(model, picture(1))).toEqual(kept);
});

test('inputs are copied: the caller may change them afterwards', async () => {
  const model = await load(twice);
  const input = Float32Array.of(1, 2, 3);
  const [sum] = model.run(input, Int32Array.of(0, 0)) as Float32Array[];
  input.fill(100);
  expect(sum).toEqual(Float32Array.of(2, 4, 6));
  // An input whose bytes begin anywhere, as those of a file do.
  const bytes = new Uint8Array(64);
  const shifted = new Float32Array(bytes.buffer, 4, 3).fill(5);
  expect(model.run(shifted, Int32Array.of(0, 0))).toEqual([
    Float32Array.of(10, 10, 10),
    new Float32Array(2),
  ]);
});

test('an output may be the input of the next run', async () => {
  const model = await load(twice);
  const integers = new Int32Array(2);
  let [map] = model.run(Float32Array.of(1, 2, 3), integers) as Float32Array[];
  for (let i = 0; i < 3; i++) [map] = model.run(map!, integers) as Float32Array[];
  expect(map).toEqual(Float32Array.of(16, 32, 48));
});

test('two models share nothing', async () => {
  const [one, two] = [await load(classifier), await load(classifier)];
  const result = run(one, picture(1));
  const kept = result.slice();
  run(two, picture(2));
  expect(result).toEqual(kept);
  two.dispose();
  expect(run(one, picture(1))).toEqual(kept);
});

test('both binaries give the same bits where both can run', async () => {
  const baseline = await load(classifier, { binary: 'baseline' });
  const auto = await load(classifier);
  expect(baseline.binary).toBe('baseline');
  expect(run(auto, picture(1))).toEqual(run(baseline, picture(1)));
});

test('keepAll keeps every map and changes no output', async () => {
  const bytes = new Uint8Array(readFileSync(classifier));
  const graph = optimize(await readModel(bytes, classifier));
  const facts = { name: classifier, outputIsProbability: false };
  const module = await compile('baseline');
  const [plain, kept] = [false, true].map((keepAll) => {
    const layout = makePlan(graph, { keepAll });
    return new AnyModel(graph, layout, module, 'baseline', facts);
  }) as [AnyModel, AnyModel];
  const expected = (plain.run(picture(1)) as Float32Array).slice();
  expect(kept.run(picture(1))).toEqual(expected);
  expect(kept.plan.arenaBytes).toBeGreaterThan(plain.plan.arenaBytes);
  const map = graph.nodes[0]!.outputs[0]!;
  const first = kept.peek(map);
  kept.run(picture(2));
  expect(kept.peek(map)).not.toEqual(first);
  kept.run(picture(1));
  expect(kept.peek(map)).toEqual(first);
  expect(kept.peek({ ...map })).toBeUndefined();
  kept.dispose();
  expect(() => kept.peek(map)).toThrow(RunError);
});

test('a model that would take more memory than allowed is a PlanError', async () => {
  const { plan } = await load(classifier);
  const refused = load(classifier, { maxMemoryBytes: plan.memoryBytes - 1 });
  await expect(refused).rejects.toThrow(PlanError);
  await expect(refused).rejects.toThrow(`got a need of ${plan.memoryBytes} bytes`);
  await load(classifier, { maxMemoryBytes: plan.memoryBytes });
});

test('dots that change after a while are an error, not another result', async () => {
  const bytes = new Uint8Array(readFileSync(classifier));
  const graph = optimize(await readModel(bytes, classifier, {}));
  const module = await compile('baseline');
  let looks = 0;
  const confirm = () => ++looks < 2;
  const facts = { name: 'm', outputIsProbability: false, confirm };
  const model = new AnyModel(graph, makePlan(graph), module, 'baseline', facts);
  const zeros = new Uint8Array(pixels);
  for (let i = 0; i < 1023; i++) model.run(zeros);
  expect(looks).toBe(1);
  expect(() => model.run(zeros)).toThrow("binary: 'baseline'");
  expect(looks).toBe(2);
});
