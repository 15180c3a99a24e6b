import { describe, expect, test } from 'vitest';
import { energyOf } from '../../src/energy/report.ts';
import { accumulatorBits, macPj, perBit, qtoolsEnergy, sramPj } from '../reference/qtools.ts';
import { hasShared } from '../shared.ts';
import { networks, tallyOf } from './networkLayers.ts';

describe('the formulas of QTools', () => {
  test('fit an SRAM by the bit, and are applied by the word', () => {
    // Horowitz' sizes: 8 kB, 32 kB and 1 MB in bits, and 10, 20 and 100 pJ per 64 of them.
    for (const [log, pj] of [
      [16, 10],
      [18, 20],
      [23, 100],
    ] as const) {
      expect(64 * perBit(2 ** log)).toBeCloseTo(pj, 2);
      // A whole memory is read for what a 64th of its words cost.
      expect((64 * sramPj(2 ** log)) / (2 ** log / 64)).toBeCloseTo(pj, 2);
    }
    expect(sramPj(8 * 25 * 5 * 64)).toBeCloseTo(154.84, 2);
  });

  test.each([
    [40, 22, 0.2688],
    [9, 20, 0.2625],
    [64, 23, 0.2719],
  ])('%s taps: an accumulator of %s bits, %s pJ per MAC', (taps, bits, pj) => {
    expect(accumulatorBits(taps)).toBe(bits);
    expect(macPj(taps)).toBeCloseTo(pj, 4);
  });
});

describe.skipIf(!hasShared)('KWS DS-CNN beside QTools', () => {
  const products = () =>
    networks()
      .nets.mlperf_kws_dscnn!.layers.filter((row) => row[8] > 0)
      .map(([, , [hi, wi, ci], [ho, wo, co], [kh, kw], , , groups, macs, params]) => ({
        macs,
        taps: (kh * kw * ci) / groups,
        inputs: hi * wi * ci,
        outputs: ho * wo * co,
        weights: params - co,
        biases: co,
      }));

  test('its figures', () => {
    const { operations, inputs, parameters, outputs } = qtoolsEnergy(products());
    expect(Math.round(operations)).toBe(718_609);
    expect(inputs).toBeCloseTo(1253.9, 1);
    expect(parameters).toBeCloseTo(404.6, 1);
    expect(outputs).toBeCloseTo(1394.5, 1);
    expect([inputs, parameters, outputs].map((pj) => Math.round(64 * pj))).toEqual([
      80_249, 25_896, 89_250,
    ]);
  });

  test('ours are of the same kind once the 64 is put right', () => {
    const { operations, inputs, parameters, outputs } = qtoolsEnergy(products());
    const { energyPj } = energyOf(tallyOf('mlperf_kws_dscnn'));
    // A 32-bit accumulator in place of one of 20 to 23 bits.
    expect(energyPj.macs / operations).toBeCloseTo(1.11, 2);
    // One memory for all weights and one for all maps, in place of a small one for each tensor.
    const ratios = [
      energyPj.inputs / (64 * inputs),
      energyPj.weights / (64 * parameters),
      energyPj.outputs / (64 * outputs),
    ];
    for (const ratio of ratios) {
      expect(ratio).toBeGreaterThan(1);
      expect(ratio).toBeLessThan(3);
    }
    // As they are written, memory would be nothing beside arithmetic.
    expect((inputs + parameters + outputs) / operations).toBeLessThan(0.01);
    expect((energyPj.inputs + energyPj.weights + energyPj.outputs) / energyPj.macs).toBeGreaterThan(
      0.4,
    );
  });
});
