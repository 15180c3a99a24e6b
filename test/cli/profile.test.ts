import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from '../../src/index.ts';
import { cause, json, microjoule } from './microjoule.ts';

const model = 'models/fashion-mnist.onnx';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'microjoule-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('profile --json: machine, steps, sums by kernel', async () => {
  const answer = await json('profile', model, '--runs', '3');
  const { plan, binary } = await load(model);
  expect(answer.machine).toEqual({
    cpu: expect.any(String),
    cores: expect.any(Number),
    engine: expect.stringMatching(/^Node \d+\..*, V8 \d+/),
    system: `${process.platform} ${process.arch}`,
    binary,
    dots: expect.any(Object),
  });
  expect(answer).toMatchObject({ model: 'fashion-mnist.onnx', macs: plan.macs, runs: 3 });
  expect(answer.steps.map((step: { kernel: string }) => step.kernel)).toEqual(
    plan.steps.map(({ kernel }) => kernel),
  );
  const { kernels } = answer as { kernels: { kernel: string; steps: number; macs: number }[] };
  expect(kernels.map(({ kernel }) => kernel).sort()).toEqual(
    [...new Set(plan.steps.map(({ kernel }) => kernel))].sort(),
  );
  expect(kernels.reduce((sum, { steps }) => sum + steps, 0)).toBe(plan.steps.length);
  expect(kernels.reduce((sum, { macs }) => sum + macs, 0)).toBe(plan.macs);
  expect(answer).not.toHaveProperty('timeline');
});

test('profile prints a table, and writes a trace', async () => {
  const trace = join(folder, 'trace.json');
  const { status, stdout } = await microjoule('profile', model, '--runs', '3', '--trace', trace);
  expect(status).toBe(0);
  const { plan } = await load(model);
  const lines = stdout.split('\n');
  const head = lines.findIndex((line) => /^layer +op .* GMAC\/s +kernel +why$/.test(line));
  plan.steps.forEach(({ name, op, why }, i) => {
    const line = lines[head + 1 + i]!;
    expect(line.startsWith(`${name} `) && line.includes(` ${op} `) && line.endsWith(why)).toBe(
      true,
    );
  });
  expect(stdout).toMatch(/^whole run +[\d.]+ ms/m);
  expect(stdout).toMatch(/^sum of the layers +[\d.]+ ms/m);
  expect(stdout).toMatch(/^calls and copies +-?[\d.]+ ms/m);
  expect(stdout).toMatch(/trace\.json: 3 runs/);
  const { traceEvents } = JSON.parse(await readFile(trace, 'utf8'));
  expect(traceEvents).toHaveLength(2 + 3 * (1 + plan.steps.length));
});

test('profile refuses what it cannot do', async () => {
  expect(await cause('profile', model, '--runs', '0')).toContain('--runs');
  expect(await cause('profile', join(folder, 'absent.onnx'))).toContain('no such file');
  const nowhere = join(folder, 'absent', 'trace.json');
  expect(await cause('profile', model, '--runs', '1', '--trace', nowhere)).toContain(
    'a place that can be written',
  );
});
