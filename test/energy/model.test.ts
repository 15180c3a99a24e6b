import { describe, expect, test } from 'vitest';
import type { EnergyOptions } from '../../src/energy/assumptions.ts';
import { costTables } from '../../src/energy/costTable.ts';
import type { Layer } from '../../src/energy/layer.ts';
import { parseNode, scaleEnergy } from '../../src/energy/node.ts';
import { energyOf, type Tally } from '../../src/energy/report.ts';
import { sramPj } from '../../src/energy/sram.ts';
import { RunError } from '../../src/errors.ts';

const kB = 1024;

describe('operation costs', () => {
  test('Horowitz: 10, 20, 100 and 1300 pJ per 64 bit; MACs from 0.23 to 4.6 pJ', () => {
    const { memory, macs, integer } = costTables.horowitz;
    expect([8, 32, 1024].map((size) => sramPj(memory!, size * kB))).toEqual([10, 20, 100]);
    expect(memory!.dram).toEqual({ low: 1300, nominal: 1300, high: 2600 });
    expect(macs.int8.nominal).toBeCloseTo(0.3, 12);
    expect(macs.int8.low).toBeCloseTo(0.23, 12);
    expect(macs.float.nominal).toBeCloseTo(4.6, 12);
    expect(macs.ternary.nominal).toBe(0.1);
    expect(integer.requantization).toBeCloseTo(3.2, 12);
  });

  test('Jouppi, 7 nm: 7.5, 8.5 and 14 pJ per 64 bit; an int8 MAC 0.10 pJ, a ternary one 0.03', () => {
    const { memory, macs } = costTables.jouppi;
    expect([8, 32, 1024].map((size) => sramPj(memory!, size * kB))).toEqual([7.5, 8.5, 14]);
    expect(sramPj(memory!, 128 * kB)).toBeCloseTo(10.38, 2);
    expect(macs.int8.nominal).toBeCloseTo(0.1, 12);
    expect(macs.ternary.nominal).toBe(0.03);
    expect(memory!.dram.nominal).toBe(1300);
  });

  test.each([
    [4, 10],
    [16, 14.14],
    [64, 27.59],
    [100, 33.95],
    [128, 38.07],
    [256, 52.53],
    [512, 72.48],
    [4096, 200],
  ])('an SRAM of %s kB: %s pJ per 64 bit', (size, pj) => {
    expect(sramPj(costTables.horowitz.memory!, size * kB)).toBeCloseTo(pj, 2);
  });

  test('bounds stand on either side', () => {
    for (const { macs, memory } of Object.values(costTables)) {
      for (const { low, nominal, high } of [
        ...Object.values(macs),
        ...(memory ? [memory.dram] : []),
      ]) {
        expect(low).toBeLessThanOrEqual(nominal);
        expect(nominal).toBeLessThanOrEqual(high);
      }
    }
  });

  test('each figure has a source and its standing', () => {
    for (const { sources } of Object.values(costTables)) {
      expect(sources.length).toBeGreaterThan(0);
      for (const { text, standing } of sources) {
        expect(text).not.toBe('');
        expect(['read', 'second-hand', 'from memory']).toContain(standing);
      }
    }
  });
});

describe('process nodes', () => {
  // Stillmaker and Baas, from Horowitz' 45 nm at 0.9 V.
  test.each([
    ['90nm@1.2V', 4.596],
    ['90nm@1.0V', 2.966],
    ['65nm@1.1V', 2.405],
    ['HP45nm@1.0V', 1.232],
    ['32nm', 0.654],
    ['20 nm', 0.287],
    ['16nm', 0.172],
    ['hp14nm @ 0.8 V', 0.138],
    ['10nm', 0.101],
    ['7nm', 0.0684],
  ])('%s: %s times', (node, factor) => {
    expect(scaleEnergy(parseNode('45nm'), parseNode(node))).toBeCloseTo(
      factor,
      factor < 0.1 ? 4 : 3,
    );
  });

  test('low power transistors as the base: 0.828 of that', () => {
    const [hp, lp] = [parseNode('45nm'), parseNode('LP45nm')];
    expect(scaleEnergy(lp, parseNode('7nm')) / scaleEnergy(hp, parseNode('7nm'))).toBeCloseTo(
      0.828,
      3,
    );
  });

  test.each(['28nm', '180nm', '5nm', '0nm', '-45nm', '45', 'nm', '', '45nm@9V', '7nm@0.1V'])(
    '%o is refused',
    (node) => expect(() => parseNode(node)).toThrow(RunError),
  );
});

/** energy.md §3.8, by hand: conv 3x3, depthwise 3x3 stride 2, fully connected. */
const byHand: Tally = {
  model: 'three layers',
  layers: [
    product('conv', { m: 64, n: 8, k: 27, groups: 1, inputs: 192 }),
    product('depthwise', { m: 16, n: 8, k: 9, groups: 8, inputs: 512 }),
    product('linear', { m: 1, n: 10, k: 128, groups: 1, inputs: 128 }),
  ],
  activationBytes: 704,
};

function product(
  name: string,
  { m, n, k, groups, inputs }: Record<'m' | 'n' | 'k' | 'groups' | 'inputs', number>,
): Layer {
  const outputs = m * n;
  const moved = { inputBytes: inputs, outputBytes: outputs };
  return {
    ...{ name, op: 'Conv', arithmetic: 'integer', moved, fused: moved },
    counts: { requantizations: outputs },
    product: {
      precision: 'int8',
      macs: { nominal: outputs * k, nonZero: outputs * k, executed: undefined },
      ...{ m, n, k, groups, outputs, inputElementBytes: 1 },
      ...{ weights: n * k, weightBits: 8, epilogueBytes: 8 * n },
    },
  };
}

describe('three layers by hand', () => {
  test.each([
    ['ideal', 2220, 1040, 0, 11029.3],
    ['tiled', 11900, 8880, 0, 28549.3],
    ['none', 20580, 20320, 159310, 207979.3],
  ] as const)('reuse %s', (reuse, weights, inputs, partialSums, total) => {
    const { energyPj, macs } = energyOf(byHand, { reuse });
    expect(macs).toMatchObject({ nominal: 16_256, int8: 16_256, executed: null });
    const expected = {
      macs: 4876.8,
      otherOps: 2080,
      weights,
      inputs,
      partialSums,
      outputs: 812.5,
      total,
    };
    for (const [part, pj] of Object.entries(expected))
      expect(energyPj[part as keyof typeof expected], part).toBeCloseTo(pj, 6);
  });

  test('the flat price is that of the MACs and nothing else', () => {
    const { energyPj, node, memory } = energyOf(byHand, { table: 'flat' });
    expect(energyPj).toMatchObject({ macs: 16_256, total: 16_256, low: 0.3 * 16_256 });
    expect([node, memory]).toEqual(['none', "in the MAC's figure"]);
  });

  test('DRAM does not follow the node, arithmetic does', () => {
    const [here, there] = ['45nm', '7nm'].map((node) => energyOf(byHand, { node, memory: 'dram' }));
    expect(there!.energyPj.weights).toBe(here!.energyPj.weights);
    expect(there!.energyPj.weights).toBeCloseTo((1776 * 1300) / 8, 6);
    expect(there!.energyPj.macs / here!.energyPj.macs).toBeCloseTo(0.0684, 4);
    expect(there!.notes.join(' ')).toMatch(/optimistic.*DRAM is not scaled/);
    const sram = energyOf(byHand, { node: '7nm' });
    // The bounds of SRAM reach from the fit to no scaling at all.
    expect(sram.energyPj.high).toBeGreaterThan(energyOf(byHand).energyPj.outputs);
  });

  test('Eyeriss: ratios to a MAC by 16-bit words', () => {
    const ideal = energyOf(byHand, { memory: 'eyeriss' }).energyPj;
    // The buffer, 6 MACs a word of two bytes.
    expect(ideal.weights).toBeCloseTo(1776 * 0.5 * 6 * 0.3, 6);
    expect(ideal.partialSums).toBe(0);
    const tiled = energyOf(byHand, { memory: 'eyeriss', reuse: 'tiled' }).energyPj;
    const sums = 2 * (16_256 - 650) * 4;
    expect(tiled.partialSums).toBeCloseTo(sums * 0.5 * 0.3, 6);
    const weightReads = (11900 - 2220) / 2.5;
    expect(tiled.weights).toBeCloseTo((1776 * 6 + weightReads * 6 + 16_256) * 0.5 * 0.3, 6);
  });

  test('parts add up, and bounds stand on either side', () => {
    const tables = ['horowitz', 'jouppi', 'flat'] as const;
    for (const table of tables) {
      for (const memory of table === 'flat' ? ['auto'] : ['auto', 'sram:32KB', 'dram', 'eyeriss']) {
        for (const node of table === 'flat' ? [undefined] : [undefined, '90nm', 'LP7nm', '45nm']) {
          for (const reuse of ['ideal', 'none', 'tiled'] as const) {
            const { energyPj, layers, pjPerMac } = energyOf(byHand, { table, memory, node, reuse });
            const { total, low, high, ...parts } = energyPj;
            const sum = Object.values(parts).reduce((a, b) => a + b, 0);
            expect(sum).toBeCloseTo(total, 6);
            expect(low).toBeLessThanOrEqual(total);
            expect(total).toBeLessThanOrEqual(high);
            expect(layers.reduce((pj, layer) => pj + layer.energyPj.total, 0)).toBeCloseTo(
              total,
              6,
            );
            expect(pjPerMac.nominal).toBeCloseTo(total / 16_256, 9);
          }
        }
      }
    }
  });

  test('every assumption is named', () => {
    const report = energyOf(byHand, { node: '14nm@0.75V', memory: 'sram:64KB', reuse: 'tiled' });
    expect(report).toMatchObject({
      model: 'three layers',
      node: '14 nm HP, 0.75 V',
      table: 'horowitz',
      reuse: 'tiled',
    });
    expect(report.memory).toMatch(/^SRAM of 64 kB \([\d.]+ pJ per 64 bit\)$/);
  });

  test('energy per right answer, where the accuracy is known', () => {
    expect(energyOf(byHand).pjPerCorrect).toBeNull();
    const { pjPerCorrect } = energyOf(byHand, { accuracy: 0.5 });
    expect(pjPerCorrect!.nominal).toBeCloseTo(2 * 11029.3, 6);
  });

  test('a memory that does not hold the parameters is a what-if', () => {
    expect(energyOf(byHand, { memory: 'sram:1KB' }).notes.join(' ')).toMatch(/1 kB does not hold/);
    expect(energyOf(byHand, { memory: 'sram:2KB' }).notes.join(' ')).not.toMatch(/what-if/);
    expect(energyOf(byHand, { memory: 'sram:4MB' }).notes.join(' ')).toMatch(/extrapolated/);
  });
});

test.each<[EnergyOptions, RegExp]>([
  [{ memory: 'sram:0KB' }, /memory: got "sram:0KB", expected auto, dram, eyeriss/],
  [{ memory: 'sram:100GB' }, /memory/],
  [{ memory: 'sram' }, /memory/],
  [{ memory: 'cache' }, /memory/],
  [{ node: '3nm' }, /node: got "3nm", expected one of 90nm/],
  [{ table: 'vax' as 'flat' }, /table: got "vax", expected horowitz, jouppi, flat/],
  [{ table: 'flat', node: '45nm' }, /node: got a node with the table "flat"/],
  [{ table: 'flat', memory: 'dram' }, /memory: got "dram" with the table "flat"/],
  [{ reuse: 'some' as 'none' }, /reuse: got "some", expected ideal, none, tiled/],
  [{ zeros: 'kept' as 'added' }, /zeros/],
  [{ accuracy: 80 }, /accuracy: got 80/],
  [{ accuracy: 0 }, /accuracy/],
])('%o is refused', (options, message) => {
  expect(() => energyOf(byHand, options)).toThrow(message);
  expect(() => energyOf(byHand, options)).toThrow(RunError);
});

describe('a table of the user', () => {
  const table = {
    name: 'ours',
    node: '28nm',
    operations: {
      add8: 0.01,
      add32: 0.05,
      multiply8: 0.1,
      multiply32: 1,
      addF32: 0.4,
      multiplyF32: 1.6,
    },
    sram: [{ bytes: 8192, pj: 8 }],
    dram: { low: 500, nominal: 1000, high: 1500 },
  };
  const own = { ...table, node: '32nm' };

  test('is taken as it is', () => {
    const { energyPj, node, table: name } = energyOf(byHand, { table: own });
    expect([name, node]).toEqual(['ours', '32 nm HP, 0.9 V']);
    expect(energyPj.macs).toBeCloseTo(16_256 * 0.15, 6);
    expect(energyPj.weights).toBeCloseTo(1776, 6);
    expect(energyPj.low).toBeLessThan(energyPj.total);
  });

  test('may price MACs by itself, and be scaled', () => {
    const priced = { ...own, int8Mac: { low: 0.1, nominal: 0.2, high: 0.4 } };
    expect(energyOf(byHand, { table: priced }).energyPj.macs).toBeCloseTo(16_256 * 0.2, 6);
    expect(energyOf(byHand, { table: priced, node: '16nm' }).energyPj.macs).toBeLessThan(
      16_256 * 0.2,
    );
  });

  test.each<[string, object, RegExp]>([
    ['nothing', {}, /table name: got nothing/],
    ['a node that is none', table, /node: got "28nm"/],
    ['text for a number', { ...own, dram: 'much' }, /table dram: got "much", expected picojoules/],
    [
      'a negative price',
      { ...own, operations: { ...table.operations, add8: -1 } },
      /operations.add8/,
    ],
    [
      'bounds in disorder',
      { ...own, dram: { low: 2, nominal: 1, high: 3 } },
      /low <= nominal <= high/,
    ],
    ['sizes that fall', { ...own, sram: [...own.sram, { bytes: 1, pj: 9 }] }, /sram\[1\].bytes/],
    ['a free memory', { ...own, sram: [{ bytes: 8192, pj: 0 }] }, /sram\[0\].pj/],
    ['no memory', { ...own, sram: [] }, /table sram/],
    ['a field of no meaning', { ...own, flash: 1 }, /table flash/],
    [
      'a misspelt operation',
      { ...own, operations: { ...own.operations, ad16: 0.05 } },
      /table operations\.ad16: got 0\.05/,
    ],
    ['a long text', { ...own, dram: 'x'.repeat(1000) }, /table dram: got "x{58}…, expected/],
  ])('%s is refused', (_, broken, message) => {
    expect(() => energyOf(byHand, { table: broken })).toThrow(message);
    expect(() => energyOf(byHand, { table: broken })).toThrow(RunError);
  });

  test('all that is wrong comes at once', () => {
    expect(() => energyOf(byHand, { table: {} })).toThrow(
      /name[\s\S]*node[\s\S]*add8[\s\S]*sram[\s\S]*dram/,
    );
  });
});
