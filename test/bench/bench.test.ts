import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { Bed } from '../../src/bench/bed.ts';
import { bench } from '../../src/bench/bench.ts';
import {
  type Ceilings,
  loadOf,
  productsPerTurn,
  roofOf,
  wideProductsPerTurn,
} from '../../src/bench/ceilings.ts';
import { pathsOf } from '../../src/bench/instructions.ts';
import { operandsOf } from '../../src/bench/operands.ts';
import { difference, expectedOf } from '../../src/bench/oracle.ts';
import { allShapes } from '../../src/bench/shapes.ts';
import { type TimingCounts, timeRivals } from '../../src/bench/timing.ts';
import { compile, supports } from '../../src/kernels/binaries.ts';
import { catalogue } from '../../src/kernels/catalogue.ts';
import { doesWithoutDots } from '../../src/kernels/kernel.ts';
import { chooseKernel } from '../../src/plan/choose.ts';
import { Stopwatch } from '../../src/profile/stopwatch.ts';
import { FakeMachine } from '../profile/clock.ts';
import { random } from '../vocabulary.ts';
import { takeApart } from '../wasmFile.ts';

const binaries = (['baseline', 'relaxed'] as const).filter(supports);
const wasm = (name: string): Uint8Array => new Uint8Array(readFileSync(`build/${name}.wasm`));

/** A report of one shape, and quick. */
const quick = { filter: 'dw 3x3 s1 25x5x64', samples: 1 };

describe.each(binaries)('bench on the %s binary', (binary) => {
  test('verifies and times every kernel that fits, and marks the pick', async () => {
    const done: [number, number][] = [];
    const progress = (count: number, total: number) => void done.push([count, total]);
    const { rows, dots, absent, ...report } = await bench({ ...quick, binary, progress });
    expect(report.binary).toBe(binary);
    expect(done).toEqual([[1, 1]]);
    const work = allShapes()
      .find(({ name }) => name === quick.filter)!
      .work();
    const fitting = catalogue.filter(
      (kernel) => kernel.family === work.family && kernel.fits(work) !== undefined,
    );
    const missing = absent.flatMap(({ kernels }) => kernels);
    expect(rows.map(({ kernel }) => kernel)).toEqual(
      fitting.map(({ name }) => name).filter((name) => !missing.includes(name)),
    );
    const { kernel: pick, why } = chooseKernel(work, '', dots);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.filter(({ isPick }) => isPick)).toMatchObject([{ kernel: pick.name, why }]);
    for (const row of rows) {
      const { macs, timing, macsPerSecond, roof } = row;
      expect(row).toMatchObject({ shape: quick.filter, networks: ['KWS'], fault: undefined });
      expect(macs).toBe(25 * 5 * 64 * 9);
      expect(row.bytes).toBeGreaterThan(2 * 25 * 5 * 64 + 64 * 9);
      expect(macsPerSecond).toBeCloseTo((1000 * macs) / timing!.medianMs, 0);
      expect(row.share).toBeCloseTo(macsPerSecond / roof.perSecond, 6);
    }
  });

  test('has a ceiling for every path of its kernels', async () => {
    const { ceilings } = await bench({ ...quick, binary });
    const paths = new Set(
      pathsOf(wasm(binary === 'relaxed' ? 'kernels.relaxed' : 'kernels')).values(),
    );
    const measured = ceilings.paths.map(({ path }) => path);
    for (const path of paths) expect(measured).toContain(path);
    for (const { macsPerSecond } of ceilings.paths) expect(macsPerSecond).toBeGreaterThan(0);
    const sizes = ceilings.loads.map(({ bytes }) => bytes);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  });

  test('knows a wrong result', async () => {
    const bed = new Bed(await compile(binary));
    for (const family of ['convU8', 'binaryU8', 'softmaxF32', 'copy'] as const) {
      const shape = allShapes().findLast(({ work }) => work().family === family)!;
      const work = shape.work();
      const kernel = catalogue.find(
        ({ family: of, fits, name }) =>
          of === family && fits(work) !== undefined && name in bed.kernels,
      )!;
      const operands = operandsOf(work, random(2));
      const [placed] = bed.place([kernel], work, operands);
      placed!.clear();
      const [expected] = expectedOf(work, operands);
      expect(difference(placed!.outputs()[0]!, expected!), family).toBeDefined();
      placed!.run();
      expect(difference(placed!.outputs()[0]!, expected!), family).toBeUndefined();
      const [other] = expectedOf(work, operandsOf(work, random(3)));
      expect(difference(placed!.outputs()[0]!, other!), family).toBeDefined();
    }
  });
});

test('a wrong result is told, and not timed', async () => {
  const kernel = catalogue.find(({ name }) => name === 'tanh_f32')!;
  const bind = kernel.bind;
  // One element too few.
  const broken = vi.spyOn(kernel, 'bind').mockImplementation((work, at) => {
    const fields = bind(work, at);
    return { ...fields, count: fields.count! - 4 };
  });
  try {
    const { rows } = await bench({ filter: 'tanh_f32', samples: 1 });
    expect(rows).toMatchObject([
      { kernel: 'tanh_f32', timing: undefined, bytesPerSecond: 0, share: 0 },
    ]);
    expect(rows[0]!.fault).toMatch(/^element 50172 is /);
  } finally {
    broken.mockRestore();
  }
});

test('a filter takes kernels, shapes and networks', async () => {
  const byKernel = await bench({ filter: 'TANH_f32', samples: 1 });
  expect(byKernel.rows.map(({ kernel }) => kernel)).toEqual(['tanh_f32']);
  const byNetwork = await bench({ filter: 'ad', samples: 1 });
  expect(byNetwork.rows.length).toBeGreaterThan(5);
  for (const { kernel, shape, networks } of byNetwork.rows)
    expect(/ad/i.test([kernel, shape, ...networks].join())).toBe(true);
  await expect(bench({ filter: 'no such thing' })).rejects.toThrow("got 'no such thing'");
});

test('kernels of relaxed dots are not on the baseline', async () => {
  const { absent } = await bench({ ...quick, binary: 'baseline' });
  const needing = catalogue
    .filter((kernel) => kernel.dots !== undefined && !doesWithoutDots(kernel))
    .map(({ name }) => name);
  expect(absent).toEqual([{ kernels: needing, reason: 'needs relaxed SIMD' }]);
});

describe('instruction paths', () => {
  test('each ceiling is one path', () => {
    expect(Object.fromEntries(pathsOf(wasm('ceilings')))).toEqual({
      ceiling_add_i16: 'addI16',
      ceiling_dot_i16: 'dotI16',
      ceiling_f32: 'f32',
    });
    expect(Object.fromEntries(pathsOf(wasm('ceilings.relaxed')))).toEqual({
      ceiling_relaxed_quads: 'relaxedQuads',
      ceiling_relaxed_pairs: 'relaxedPairs',
      // An xor before them does not show.
      ceiling_relaxed_masked_pairs: 'relaxedPairs',
      ceiling_relaxed_two_pairs: 'relaxedTwoPairs',
      ceiling_relaxed_pairs_i16: 'relaxedPairsI16',
    });
  });

  test('every kernel that multiplies and sums has one', () => {
    const paths = new Map([...pathsOf(wasm('kernels')), ...pathsOf(wasm('kernels.relaxed'))]);
    const families = ['convU8', 'convF32', 'matMulF32'];
    for (const { name, family } of catalogue.filter((kernel) => families.includes(kernel.family)))
      expect(paths.get(name) === 'f32', name).toBe(family !== 'convU8');
    expect(paths.get('conv_u8t2_sums_32')).toBe('addI16');
    expect(paths.get('conv_u8t2_2x16c4')).toBe('relaxedPairsI16');
    expect(paths.get('conv_u8t2_2x32')).toBe('dotI16');
    expect(paths.get('table_u8')).toBeUndefined();
  });

  test('a turn of a ceiling multiplies as often as is counted', () => {
    const count = (name: string, instruction: number): number => {
      // Vector instructions from 128 on: the prefix, then the number in two bytes.
      const bytes = [0xfd, (instruction & 127) | 128, instruction >> 7];
      const text = Buffer.from(wasm(name)).toString('latin1');
      return text.split(String.fromCharCode(...bytes)).length - 1;
    };
    expect(count('ceilings', 186), 'i32x4.dot_i16x8_s').toBe(productsPerTurn);
    expect(count('ceilings', 230), 'f32x4.mul').toBe(productsPerTurn);
    expect(count('ceilings.relaxed', 275), 'relaxed quads').toBe(wideProductsPerTurn);
    // Four loops are made of them; one adds two before it widens them, one never does.
    expect(count('ceilings.relaxed', 274), 'relaxed pairs').toBe(4 * productsPerTurn);
    expect(count('ceilings.relaxed', 186), 'widened').toBe(2.5 * productsPerTurn);
  });

  test('the load ceiling reads every byte', () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const module = new WebAssembly.Module(wasm('ceilings') as Uint8Array<ArrayBuffer>);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    const load = exports.ceiling_load as (at: number, turns: number, bytes: number) => number;
    const bytes = new Uint8Array(memory.buffer);
    for (let at = 4096 - 16; at < 4096 + 512 + 16; at++) {
      bytes[at] = 1;
      const isInside = at >= 4096 && at < 4096 + 512;
      expect(load(4096, 3, 512) !== 0, `byte ${at - 4096}`).toBe(isInside);
      bytes[at] = 0;
    }
  });

  test.each(['ceilings', 'ceilings.relaxed'])('%s.wasm is loops and nothing else', (name) => {
    const file = takeApart(wasm(name));
    expect(file.imports).toEqual(['memory env.memory']);
    expect(file.exports.every((entry) => entry.startsWith('function ceiling_'))).toBe(true);
    expect(file.forbidden).toEqual([]);
  });
});

describe('the roofline', () => {
  const ceilings: Ceilings = {
    paths: [{ path: 'dotI16', instructions: '', macsPerSecond: 40 }],
    loads: [
      { bytes: 100, bytesPerSecond: 80 },
      { bytes: 1000, bytesPerSecond: 20 },
    ],
  };

  test('reads as fast as the smallest memory that holds the operands', () => {
    expect([1, 100, 101, 1000, 5000].map((bytes) => loadOf(ceilings, bytes))).toEqual([
      80, 80, 20, 20, 20,
    ]);
  });

  test('is the lower of instructions and loads', () => {
    expect(roofOf(ceilings, new Map([['dotI16', 1]] as const), 100, 100)).toEqual({
      perSecond: 40,
      by: 'path',
    });
    expect(roofOf(ceilings, new Map([['dotI16', 1]] as const), 10, 100)).toEqual({
      perSecond: 8,
      by: 'load',
    });
    expect(roofOf(ceilings, new Map([['dotI16', 1]] as const), 1000, 1000)).toEqual({
      perSecond: 20,
      by: 'load',
    });
    expect(roofOf(ceilings, new Map([['f32', 1]] as const), 1000, 100)).toEqual({
      perSecond: 800,
      by: 'load',
    });
  });
});

describe('rivals', () => {
  const start = (): TimingCounts => ({ repeated: 0, disturbed: 0 });

  test('are timed in turn, and the median is theirs', () => {
    const machine = new FakeMachine({ stepMs: 0.0001 });
    const watch = new Stopwatch(machine);
    const counts = start();
    const order: string[] = [];
    const rival = (name: string, ms: number) => ({
      run: () => {
        order.push(name);
        machine.time += ms;
      },
    });
    const timings = timeRivals([rival('a', 1), rival('b', 3)], 5, watch, counts);
    expect(timings[0]!.medianMs).toBeCloseTo(1, 2);
    expect(timings[1]!.medianMs).toBeCloseTo(3, 2);
    expect(order.slice(-10).join('')).toBe('ababababab');
    expect(counts).toEqual({ repeated: 0, disturbed: 0 });
  });

  test('that are short run often in a sample', () => {
    const machine = new FakeMachine({ stepMs: 0.0001 });
    const run = () => {
      machine.time += 0.003;
    };
    const [timing] = timeRivals([{ run }], 5, new Stopwatch(machine), start());
    expect(timing!.medianMs).toBeCloseTo(0.003, 4);
  });

  // What a baseline compiler's code looks like: slower at first. 40: in the middle of the samples.
  test.each([20, 40])('begin when they are fast, %i slow calls', (slow) => {
    const machine = new FakeMachine({ stepMs: 0.0001 });
    let calls = 0;
    const run = () => {
      machine.time += calls++ < slow ? 5 : 1;
    };
    const [timing] = timeRivals([{ run }], 15, new Stopwatch(machine), start());
    expect(timing!.medianMs).toBeCloseTo(1, 2);
    expect(timing!.spread).toBeCloseTo(0, 2);
  });

  test('that were disturbed run again, but not for ever', () => {
    const run = (slowness: (spins: number) => number) => {
      const machine = new FakeMachine({ stepMs: 0.0001, slowness });
      const counts = start();
      const call = () => {
        machine.time += 0.5;
      };
      timeRivals([{ run: call }], 5, new Stopwatch(machine), counts);
      return counts;
    };
    const sometimes = run((spins) => (spins % 7 === 0 ? 2 : 1));
    expect(sometimes.repeated).toBeGreaterThan(0);
    expect(sometimes.disturbed).toBe(0);
    const always = run((spins) => (spins % 2 === 0 ? 2 : 1));
    expect(always.disturbed).toBe(5);
  });

  test('long samples that stand out run again', () => {
    const machine = new FakeMachine({ stepMs: 0.0001 });
    const counts = start();
    let calls = 0;
    const run = () => {
      machine.time += ++calls % 40 === 0 ? 20 : 2;
    };
    const [timing] = timeRivals([{ run }], 50, new Stopwatch(machine), counts);
    expect(counts.repeated).toBeGreaterThan(0);
    expect(timing!.spread).toBeCloseTo(0, 1);
  });
});
