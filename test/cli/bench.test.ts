import { expect, test } from 'vitest';
import { supports } from '../../src/kernels/binaries.ts';
import { cause, json, microjoule } from './microjoule.ts';

const shape = 'conv 1x1 s1 25x5x64 to 64';
const quick = ['bench', '--filter', shape, '--samples', '1'];

test('bench --json: machine, ceilings, rows', async () => {
  const answer = await json(...quick);
  expect(answer.machine).toMatchObject({ cpu: expect.any(String), binary: answer.binary });
  expect(answer.ceilings.paths.map(({ path }: { path: string }) => path)).toContain('dotI16');
  const picks = answer.rows.filter(({ isPick }: { isPick: boolean }) => isPick);
  expect(picks).toHaveLength(1);
  expect(answer.rows[0]).toMatchObject({ shape, networks: ['KWS'], macs: 512_000 });
});

test('bench prints the ceilings, and a table with the pick marked', async () => {
  const { status, stdout } = await microjoule(...quick);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^dotI16 +[\d.]+ +GMAC\/s +i32x4\.dot_i16x8, i32x4\.add$/m);
  expect(stdout).toMatch(/^load 16 KiB +[\d.]+ +GB\/s/m);
  expect(stdout).toMatch(
    /^\* {2}conv 1x1 s1 25x5x64 to 64 +\w+ +[\d.,]+ +[\d.]+ %( +[\d.]+){3} %/m,
  );
  expect(stdout).toMatch(/^\d+ results verified before they were timed$/m);
});

test('bench says what does not run here', async () => {
  const { stdout } = await microjoule(...quick, '--binary', 'baseline');
  expect(stdout).toMatch(/^not on this machine: \w+, needs relaxed SIMD$/m);
});

test('bench refuses what it cannot do', async () => {
  expect(await cause('bench', '--filter', 'no such thing')).toContain("got 'no such thing'");
  expect(await cause('bench', '--samples', '0')).toContain('--samples');
  expect(await cause('bench', '--binary', 'fast')).toContain('baseline, relaxed');
  if (!supports('relaxed'))
    expect(await cause('bench', '--binary', 'relaxed')).toContain('a binary that this engine runs');
});
