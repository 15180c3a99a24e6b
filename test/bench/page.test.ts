import { describe, expect, test } from 'vitest';
import type { BenchReport, BenchRow } from '../../src/bench/bench.ts';
import { benchPage, binaryBytes } from '../../src/bench/page.ts';
import { plotData, roofline } from '../../src/bench/roofline.ts';

const row: BenchRow = {
  shape: 'conv 1x1 s1 14x14x96 to 576',
  networks: ['MobileNetV2'],
  family: 'convU8',
  kernel: 'conv_u8u8_4x8',
  isPick: true,
  why: 'because 1 < 2',
  macs: 1e6,
  bytes: 1e5,
  path: 'dotI16',
  fault: undefined,
  nonZeroMacs: undefined,
  additions: undefined,
  additionsPerSecond: undefined,
  timing: { medianMs: 0.05, minMs: 0.04, spread: 0.1 },
  macsPerSecond: 2e10,
  bytesPerSecond: 2e9,
  roof: { perSecond: 4e10, by: 'path' },
  share: 0.5,
};
const report: BenchReport = {
  binary: 'baseline',
  dots: { quads: 'none', pairs: 'none' },
  ceilings: {
    paths: [
      { path: 'dotI16', instructions: 'i32x4.dot_i16x8', macsPerSecond: 4e10 },
      { path: 'f32', instructions: 'f32x4.mul', macsPerSecond: 2e10 },
    ],
    loads: [
      { bytes: 16384, bytesPerSecond: 8e10 },
      { bytes: 2 ** 22, bytesPerSecond: 2e10 },
    ],
  },
  rows: [
    row,
    { ...row, kernel: 'slow', isPick: false, macsPerSecond: 1e8, share: 0.0025 },
    { ...row, kernel: 'wrong', isPick: false, timing: undefined, fault: 'element 3 is <4>' },
    { ...row, kernel: 'table_u8', macs: 0, macsPerSecond: 0, path: undefined },
  ],
  absent: [{ kernels: ['other', 'more'], reason: 'needs relaxed SIMD' }],
  repeated: 7,
  disturbed: 0,
};
const facts = { machine: 'a <cpu> & "engine"', date: '2026-01-02', script: 'run()' };

test('points of the plot are the kernels that multiply and were right', () => {
  const { points, paths, loads } = plotData(report);
  expect(
    points.map(({ intensity, rate, isPick, path }) => [intensity, rate, isPick, path]),
  ).toEqual([
    [10, 20, true, 'dotI16'],
    [10, 0.1, false, 'dotI16'],
  ]);
  expect(points[0]!.title).toBe(
    'conv 1x1 s1 14x14x96 to 576 *\nconv_u8u8_4x8\n20.0 GMAC/s, 50 % of dotI16\nMobileNetV2',
  );
  expect(paths).toEqual([
    { path: 'dotI16', rate: 40 },
    { path: 'f32', rate: 20 },
  ]);
  expect(loads).toEqual([80, 20]);
});

test('roofs begin where loads no longer hold back, and everything is in the frame', () => {
  const data = plotData(report);
  // Kernels with fewer products than the formula are above the ceilings.
  const above = data.points.map((point) => ({ ...point, rate: 300 }));
  for (const points of [data.points, above, []]) {
    const { x, y, roofs, loads } = roofline({ ...data, points });
    expect(roofs.map(({ line }) => line[0])).toEqual([
      [0.5, 40],
      [0.25, 20],
    ]);
    expect(loads.map((line) => line[1])).toEqual([
      [0.5, 40],
      [2, 40],
    ]);
    for (const [start, end] of loads) expect(start[1] / start[0]).toBeCloseTo(end[1] / end[0]);
    const lines = [...loads, ...roofs.map(({ line }) => line)].flat();
    const all = [...lines, ...points.map(({ intensity, rate }) => [intensity, rate] as const)];
    for (const [px, py] of all) {
      expect(px).toBeGreaterThanOrEqual(x[0]);
      expect(px).toBeLessThanOrEqual(x[1]);
      expect(py).toBeGreaterThanOrEqual(y[0]);
      expect(py).toBeLessThanOrEqual(y[1]);
    }
  }
});

describe('the page', () => {
  const page = benchPage(report, facts);

  test('asks for nothing from anywhere', () => {
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test('has a row for each result, wrong ones too, and says what is missing', () => {
    expect(page.match(/<tr data-text=/g)).toHaveLength(report.rows.length);
    expect(page.match(/<tr [^>]*data-pick>/g)).toHaveLength(2);
    expect(page).toContain('wrong: element 3 is &lt;4&gt;');
    expect(page).toContain('1 of 4 results are wrong and were not timed.');
    expect(page).toContain('Not on this machine: other, more (needs relaxed SIMD).');
    expect(page).toContain('7 disturbed samples were taken again.');
    expect(page).toMatch(/<b>40\.0 GMAC\/s<\/b>/);
    expect(page).toMatch(/load 16 KiB<\/span><b>80\.0 GB\/s<\/b>/);
  });

  test('text cannot become code', () => {
    expect(page).toContain('a &lt;cpu&gt; &amp; &quot;engine&quot;');
    expect(page).toContain('title="because 1 &lt; 2"');
    const evil = { ...report, rows: [{ ...row, shape: '</script><script>bad()' }] };
    const text = benchPage(evil, { ...facts, script: 'const end = "</script>";' });
    expect(text).not.toContain('<script>bad()');
    expect(text.match(/<\/script>/g)).toHaveLength(2);
    const json = /<script type="application\/json" id="plot-data">(.*)<\/script>/.exec(text)![1]!;
    expect(JSON.parse(json).points[0].title).toContain('</script><script>bad()');
  });
});

test('sizes of memory are powers of 2', () => {
  expect([2 ** 14, 2 ** 18, 2 ** 22].map(binaryBytes)).toEqual(['16 KiB', '256 KiB', '4 MiB']);
});
