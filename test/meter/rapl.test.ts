import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, interval, measure } from '../../src/meter/measure.ts';
import { findMeter, type RaplMeter } from '../../src/meter/raplNode.ts';

/** A server of two packages, as its files stood; colons in file names are not for every system. */
const recorded = JSON.parse(readFileSync('test/fixtures/powercap.json', 'utf8')) as Record<
  string,
  string
>;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'powercap-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeTree(files: Readonly<Record<string, string>> = recorded): void {
  for (const [path, text] of Object.entries(files)) write(path, text);
}

function meterOf(): RaplMeter {
  const meter = findMeter(root);
  if ('why' in meter) throw new Error(meter.why);
  return meter;
}

const why = (): unknown => (findMeter(root) as { why?: string }).why;

describe('the tree of counters', () => {
  test('packages and DRAM are summed: no part of a package, and none twice', () => {
    writeTree();
    const meter = meterOf();
    expect(meter.domains).toEqual(['package-0', 'dram', 'package-1']);
    write('intel-rapl:0:0/energy_uj', '999999999999\n');
    write('intel-rapl:2/energy_uj', '999999999999\n');
    write('intel-rapl-mmio:0/energy_uj', '5\n');
    expect(meter.read()).toBe(0);
    write('intel-rapl:1/energy_uj', `${88005118230 + 2_000_000}\n`);
    write('intel-rapl:0:1/energy_uj', `${38190263511 + 500_000}\n`);
    expect(meter.read()).toBeCloseTo(2.5, 9);
  });

  test('a counter that has begun anew', () => {
    writeTree();
    const meter = meterOf();
    // 850 to the end of its range, and 150 more.
    write('intel-rapl:0/energy_uj', '150\n');
    expect(meter.read()).toBeCloseTo(0.001, 12);
    write('intel-rapl:0/energy_uj', '250\n');
    expect(meter.read()).toBeCloseTo(0.0011, 12);
  });

  test('990, then 5, of 1000: 15 µJ', () => {
    writeTree({
      'intel-rapl:0/name': 'package-0\n',
      'intel-rapl:0/max_energy_range_uj': '1000\n',
      'intel-rapl:0/energy_uj': '990\n',
    });
    const meter = meterOf();
    write('intel-rapl:0/energy_uj', '5\n');
    expect(meter.read()).toBeCloseTo(15e-6, 12);
  });

  test('why there is none', () => {
    expect((findMeter(join(root, 'missing')) as { why: string }).why).toMatch(
      /not Linux, a virtual/,
    );
    expect(why()).toMatch(/has no intel-rapl zones/);
    writeTree({ 'intel-rapl:0/name': 'psys\n' });
    expect(why()).toMatch(/no zone of a package/);
    writeTree({ 'intel-rapl:0/name': 'package-0\n' });
    expect(why()).toMatch(/cannot be read: ENOENT/);
    writeTree({
      'intel-rapl:0/max_energy_range_uj': '1000\n',
      'intel-rapl:0/energy_uj': 'none\n',
    });
    expect(why()).toMatch(/holds no number/);
  });

  test.skipIf(process.seteuid === undefined)('counters that only root may read', () => {
    writeTree();
    chmodSync(root, 0o755);
    chmodSync(join(root, 'intel-rapl:0/energy_uj'), 0o000);
    // Root reads whatever the mode says.
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(65534);
    try {
      expect(why()).toMatch(/by root only .*CVE-2020-8694/);
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  });
});

/** A machine of a given power whose time passes only by sleep and work. */
function machine(idleWatts: number, joulesPerRun: number, msPerRun: number) {
  let [ms, joules] = [0, 0];
  const pass = (time: number): void => {
    ms += time;
    joules += (idleWatts * time) / 1000;
  };
  const clock: Clock = {
    now: () => ms,
    sleep: async (time) => pass(time),
  };
  const work = (): void => {
    pass(msPerRun);
    joules += joulesPerRun;
  };
  return { meter: { domains: ['package-0'], read: () => joules }, clock, work };
}

describe('joules of a run', () => {
  test('what the machine takes at rest is subtracted', async () => {
    const { meter, clock, work } = machine(20, 0.003, 0.5);
    const measured = await measure(meter, work, { pairs: 5, burstMs: 100 }, clock);
    if ('why' in measured) throw new Error(measured.why);
    expect(measured.joules).toBeCloseTo(0.003, 9);
    expect(measured.high - measured.low).toBeLessThan(1e-9);
    expect(measured.idleWatts).toBeCloseTo(20, 9);
    expect(measured.activeWatts).toBeCloseTo(26, 9);
    expect(measured.runs).toBe(5 * 208);
    expect(measured.method).toMatch(/RAPL counters of package-0.*5 bursts of 100 ms.*95 %/);
  });

  test('a counter that stands still is no meter', async () => {
    const { meter, clock, work } = machine(0, 0, 1);
    expect(await measure(meter, work, { pairs: 2, burstMs: 20 }, clock)).toEqual({
      why: 'the counters do not move, as in most virtual machines',
    });
  });

  test('through the recorded tree, across its wrap', async () => {
    writeTree();
    const meter = meterOf();
    let [ms, microjoules] = [0, 262_143_328_000];
    const pass = (time: number, more: number): void => {
      ms += time;
      microjoules = (microjoules + 1000 * time + more) % 262_143_328_850;
      write('intel-rapl:0/energy_uj', `${Math.round(microjoules)}\n`);
    };
    const clock: Clock = { now: () => ms, sleep: async (time) => pass(time, 0) };
    const work = (): void => pass(1, 500);
    const measured = await measure(meter, work, { pairs: 3, burstMs: 32 }, clock);
    if ('why' in measured) throw new Error(measured.why);
    expect(measured.joules).toBeCloseTo(500e-6, 9);
    expect(measured.idleWatts).toBeCloseTo(1, 9);
  });

  test('the interval of a mean', () => {
    // Of 1 to 10: deviation 3.0277, t 2.262.
    const { mean, half } = interval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(mean).toBe(5.5);
    expect(half).toBeCloseTo((2.262 * 3.02765) / Math.sqrt(10), 4);
    expect(interval([1]).half).toBe(Number.POSITIVE_INFINITY);
  });
});
