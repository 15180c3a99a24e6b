import { describe, expect, test } from 'vitest';
import { energyOf } from '../../src/energy/report.ts';
import { hasShared, readShared } from '../shared.ts';
import { allTernary, networks, tallyOf } from './networkLayers.ts';

const text = hasShared ? new TextDecoder().decode(readShared('reference/networks.md')) : '';
const summary = text
  .slice(text.indexOf('## 0.'), text.indexOf('## 1.'))
  .split('\n')
  .filter((line) => /^\| \w+_/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** '1195 (59 %)' */
function figures(cell: string): [microjoule: number, percent: number] {
  const [, energy, share] = /([\d.]+) \((\d+) %\)/.exec(cell)!;
  return [Number(energy), Number(share)];
}

describe.skipIf(!hasShared)('networks.md: energy with memory at 45 nm', () => {
  test('has rows', () => expect(summary.length).toBeGreaterThan(35));

  test.each(summary.map((row) => [row[0]!, row] as const))('%s', (name, row) => {
    const [, , , macs, weightBytes, , activations, , int8, ternary] = row;
    const number = (cell: string): number => Number(cell.replaceAll(',', ''));
    const tally = tallyOf(name);
    const report = energyOf(tally);
    expect(report.macs.nominal).toBe(number(macs!));
    expect(tally.activationBytes).toBe(number(activations!));
    const weights = tally.layers.reduce((sum, { product }) => sum + (product?.weights ?? 0), 0);
    expect(weights).toBe(number(weightBytes!));
    for (const [cell, { energyPj }] of [
      [int8!, report],
      [ternary!, energyOf(tallyOf(name, allTernary(name)))],
    ] as const) {
      const [expected, share] = figures(cell);
      const microjoules = energyPj.total / 1e6;
      const decimals = expected < 10 ? 3 : expected < 100 ? 1 : 0;
      expect(microjoules.toFixed(decimals), cell).toBe(expected.toFixed(decimals));
      expect(Math.round((100 * energyPj.weights) / energyPj.total)).toBe(share);
    }
  });

  test('operations beside the MACs are those of networks.json', () => {
    for (const [name, { totals }] of Object.entries(networks().nets)) {
      const tally = tallyOf(name);
      const { operations } = energyOf(tally);
      // An affine layer counts as an addition and a multiplication there.
      const affine = tally.layers
        .filter(({ op }) => op === 'affine')
        .reduce((sum, { counts }) => sum + counts.requantizations!, 0);
      const additions = (operations.additions ?? 0) + affine;
      const multiplications = (operations.multiplications ?? 0) + affine;
      const { comparisons = 0 } = operations;
      expect({ name, additions, multiplications, comparisons }).toEqual({
        name,
        ...totals.otherOps,
      });
    }
  });
});
