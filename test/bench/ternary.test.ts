import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chart, readSpeed, withTables } from '../../bench/ternaryPage.mjs';
import { ternaryTwin } from '../../bench/ternaryTwin.mjs';
import { load } from '../../src/index.ts';
import { hasShared, readShared } from '../shared.ts';

test('docs/ternary.md says what bench/results holds: npm run generate:ternary', () => {
  const page = readFileSync('docs/ternary.md', 'utf8');
  expect(withTables(page, readSpeed())).toBe(page);
  expect(chart(readSpeed())).toBe(readFileSync('docs/ternary.svg', 'utf8'));
});

test.skipIf(!hasShared)(
  'a twin has ternary 1x1 layers, with as many zeros as asked for',
  async () => {
    const file = readShared('models/onnx/mobilenet_v1_1_0_224_qlinear.onnx');
    using model = await load(await ternaryTwin(file, 0.8), { name: 'twin' });
    const layers = model.plan.steps.flatMap(({ work }) =>
      work.family === 'convU8' && work.ternary !== undefined ? [work] : [],
    );
    expect(layers).toHaveLength(14);
    for (const { weights } of layers) {
      const zeros = [...weights].filter((weight) => weight === 0).length;
      // Weights that were 0 before count too, and what is left is whole.
      expect(zeros / weights.length).toBeGreaterThan(0.799);
      expect(zeros / weights.length).toBeLessThan(0.81);
    }
  },
);
