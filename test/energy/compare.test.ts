import { expect, test } from 'vitest';
import { type Compared, latencyOf, nominalPj, paretoFront } from '../../src/energy/compare.ts';
import { comparePage } from '../../src/energy/comparePage.ts';

function model(name: string, accuracy: number | null, microjoule: number, latencyMs = 1): Compared {
  return {
    model: name,
    accuracy,
    samples: 5000,
    ...{ macs: 1e6, params: 1e5, weightBytes: 1e5, arenaBytes: 2e4 },
    energyPj: { low: 0.8e6 * microjoule, nominal: 1e6 * microjoule, high: 3e6 * microjoule },
    pjPerCorrect: null,
    ...{ latencyMs, latencySpread: 0.1 },
  };
}

const models = [
  model('small', 0.8, 1, 3),
  model('beaten', 0.79, 2, 2),
  model('large', 0.9, 5, 5),
  model('as good for more', 0.9, 6, 1),
  model('as dear and worse', 0.7, 1, 9),
  model('unknown', null, 0.1, 0.1),
];

test('the front: those that no other beats, the cheapest first', () => {
  const names = (front: readonly Compared[]) => front.map((one) => one.model);
  expect(names(paretoFront(models, nominalPj))).toEqual(['small', 'large']);
  expect(names(paretoFront(models, latencyOf))).toEqual(['as good for more']);
  expect(paretoFront([], nominalPj)).toEqual([]);
  // Two of the same are both on it.
  expect(paretoFront([models[0]!, { ...models[0]! }], nominalPj)).toHaveLength(2);
});

test('the page: every model a row, those of the front marked, those not drawn named', () => {
  const facts = { assumptions: 'node 45 nm', machine: 'a <machine>', date: '2026-01-02' };
  const page = comparePage(models, facts, 'AAAA');
  expect(page).not.toMatch(/(src|href)="(?!data:)/);
  expect(page.match(/<tr><td/g)).toHaveLength(models.length);
  expect(page).toContain('a &lt;machine&gt;');
  expect(page.match(/µJ \*<small>[\d.]+ to [\d.]+<\/small>/g)).toHaveLength(2);
  expect(page).toContain('Not drawn, their accuracy is not known: unknown.');
  expect(comparePage(models.slice(0, 2), facts, '')).not.toContain('Not drawn');
});
