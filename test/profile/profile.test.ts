import { expect, test } from 'vitest';
import { load, profile, RunError } from '../../src/index.ts';
import { chromeTrace, type TraceEvent } from '../../src/profile/trace.ts';
import { random } from '../vocabulary.ts';
import { FakeMachine } from './clock.ts';

const file = 'models/fashion-mnist.onnx';
const next = random(1);
const picture = Uint8Array.from({ length: 28 * 28 }, () => next() * 256);

test('a profile has the steps of the plan and adds up', async () => {
  const model = await load(file);
  const before = (model.run(picture) as Float32Array).slice();
  const result = await profile(model, { runs: 7, inputs: [picture] });
  expect(result).toMatchObject({ model: 'fashion-mnist.onnx', binary: model.binary, runs: 7 });
  expect(
    result.steps.map(({ name, op, kernel, why, inputShape, outputShape, macs }) => {
      return { name, op, kernel, why, inputShape, outputShape, macs };
    }),
  ).toEqual(
    model.plan.steps.map(({ name, op, kernel, why, inputShape, outputShape, macs }) => {
      return { name, op, kernel, why, inputShape, outputShape, macs };
    }),
  );
  const sum = (of: (step: (typeof result.steps)[number]) => number): number =>
    result.steps.reduce((total, step) => total + of(step), 0);
  expect(result.macs).toBe(model.plan.macs);
  expect(sum(({ medianMs }) => medianMs)).toBeCloseTo(result.stepsMs, 9);
  expect(sum(({ share }) => share)).toBeCloseTo(1, 9);
  expect(result.overheadMs).toBeCloseTo(result.runMs - result.stepsMs, 9);
  for (const { medianMs, minMs, macs, macsPerSecond } of result.steps) {
    expect(minMs).toBeLessThanOrEqual(medianMs);
    expect(macsPerSecond).toBe(macs === 0 || medianMs === 0 ? 0 : (macs / medianMs) * 1000);
  }
  expect(model.run(picture)).toEqual(before);
});

test('the steps of a run, one after the other, give what the run gives', async () => {
  const model = await load(file);
  const expected = (model.run(picture) as Float32Array).slice();
  model.run(new Uint8Array(28 * 28));
  const order: number[] = [];
  model.runStepwise([picture], (step, run) => {
    order.push(step);
    run();
  });
  expect(order).toEqual([...model.plan.steps.keys()]);
  // The view that `run` gave stands on the model's memory.
  const view = model.run(picture) as Float32Array;
  view.fill(0);
  model.runStepwise([picture], (_, run) => run());
  expect(view).toEqual(expected);
});

test('disturbed samples are taken again', async () => {
  const model = await load(file);
  // Ten calibrations in a hundred find the machine twice as slow.
  const slowness = (spins: number) => (spins % 100 < 10 ? 2 : 1);
  const machine = new FakeMachine({ stepMs: 0.0001, isReal: true, slowness });
  const result = await profile(model, { runs: 10, machine });
  expect(result.repeated).toBeGreaterThan(0);
  expect(result.disturbed).toBe(0);
  for (const { medianMs } of result.steps) expect(medianMs).toBeGreaterThan(0);
});

test('where the machine never is quiet, samples count as disturbed', async () => {
  const model = await load(file);
  const slowness = (spins: number) => (spins % 2 === 0 ? 1 : 2);
  const machine = new FakeMachine({ stepMs: 0.0001, isReal: true, slowness });
  const { disturbed, steps } = await profile(model, { runs: 3, machine });
  // Three of each step, and of whole runs.
  expect(disturbed).toBe(3 * (steps.length + 1));
});

test('a coarse clock gets several calls a sample', async () => {
  const model = await load(file);
  // In a page the clock of today tells 0.1 ms apart.
  const machine = new FakeMachine({ stepMs: 0.1, isReal: true });
  const { steps } = await profile(model, { runs: 3, machine });
  for (const { medianMs } of steps) expect(medianMs).toBeGreaterThan(0);
});

test('what cannot be profiled is refused', async () => {
  const model = await load(file);
  await expect(profile(model, { runs: 0 })).rejects.toThrow(RunError);
  await expect(profile(model, { runs: 1.5 })).rejects.toThrow('expected a whole number above 0');
  await expect(profile(model, { inputs: [new Uint8Array(3)] })).rejects.toThrow('got 3 elements');
  const batch = new Uint8Array(2 * 28 * 28);
  await expect(profile(model, { inputs: [batch] })).rejects.toThrow('got 2 samples, expected one');
  const shared = await load(file, { threads: 2 });
  if (shared.threads > 1) await expect(profile(shared)).rejects.toThrow('a model of 2 threads');
  shared.dispose();
  model.dispose();
  await expect(profile(model)).rejects.toThrow('dispose');
});

test('a trace holds runs, and their steps inside of them', async () => {
  const model = await load(file);
  const result = await profile(model, { runs: 4, inputs: [picture] });
  const trace = chromeTrace(result);
  expect(JSON.parse(JSON.stringify(trace))).toEqual(trace);
  const { traceEvents } = trace;
  for (const event of traceEvents) {
    expect(event).toMatchObject({ pid: 1, tid: 1, name: expect.any(String) });
    expect(['X', 'M']).toContain(event.ph);
    if (event.ph === 'M') expect(event.args).toEqual({ name: expect.any(String) });
    else expect([event.ts! >= 0, event.dur! >= 0]).toEqual([true, true]);
  }
  const spans = traceEvents.filter(({ ph }) => ph === 'X');
  const runs = spans.filter(({ cat }) => cat === 'run');
  expect(runs.map(({ name }) => name)).toEqual(['run 1', 'run 2', 'run 3', 'run 4']);
  expect(runs[0]!.ts).toBe(0);
  const steps = spans.filter(({ cat }) => cat !== 'run');
  expect(steps).toHaveLength(4 * model.plan.steps.length);
  const end = ({ ts, dur }: TraceEvent): number => ts! + dur!;
  // Times are rounded to nanoseconds.
  const slack = 0.002;
  runs.forEach((run, i) => {
    const inside = steps.slice(i * model.plan.steps.length, (i + 1) * model.plan.steps.length);
    let free = run.ts!;
    for (const [s, step] of inside.entries()) {
      expect(step.name).toBe(model.plan.steps[s]!.name);
      expect(step.ts).toBeGreaterThanOrEqual(free - slack);
      free = end(step);
    }
    expect(free).toBeLessThanOrEqual(end(run) + slack);
  });
  expect(steps[1]!.args).toMatchObject({
    kernel: model.plan.steps[1]!.kernel,
    macs: model.plan.steps[1]!.macs,
  });
});
