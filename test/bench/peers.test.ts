import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compare } from '../../bench/peers/agreement.mjs';
import { contestantsOf } from '../../bench/peers/contestants.mjs';
import { makeInput, toChannelsLast } from '../../bench/peers/inputs.mjs';
import { inputOf, models } from '../../bench/peers/models.mjs';
import { oneLayer } from '../../bench/peers/oneLayer.mjs';
import { onnxTwin } from '../../bench/peers/onnxTwin.mjs';
import { readOptions } from '../../bench/peers/options.mjs';
import { race } from '../../bench/peers/race.mjs';
import { performanceSection, report } from '../../bench/peers/report.mjs';
import { formatResult, readResults } from '../../bench/peers/results.mjs';
import { quantile, ratio, summarize } from '../../bench/peers/statistics.mjs';
import { formatMs } from '../../bench/peers/table.mjs';
import { load } from '../../src/index.ts';
import { supports } from '../../src/kernels/binaries.ts';
import { executable, hasChromium } from '../browser/page.ts';
import { hasShared, readShared } from '../shared.ts';

const recorded = JSON.parse(readFileSync('test/fixtures/peers.json', 'utf8'));

describe('statistics', () => {
  test('quantiles lie between the values', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([7], 0.75)).toBe(7);
  });

  test('a figure is the median of the medians of the rounds', () => {
    const rounds = [[1, 2, 9], [4], [3, 5]];
    expect(summarize(rounds)).toEqual({
      medianMs: 4,
      minMs: 1,
      q1Ms: 3,
      q3Ms: 4,
      roundsMs: [2, 4, 4],
    });
  });

  test('a ratio is taken round by round', () => {
    // The machine was half as fast in the second round; the ratio of the medians would be 2.
    expect(ratio([30, 60, 30], [10, 20, 15])).toEqual({ median: 3, q1: 2.5, q3: 3 });
  });
});

describe('agreement', () => {
  const output = (dtype: string, values: readonly number[]) => ({ dtype, values });

  test('of bytes, classes and directions', () => {
    const got = [output('Uint8Array', [1, 9, 3]), output('Uint8Array', [8, 2, 3])];
    const other = [output('Uint8Array', [1, 9, 3]), output('Uint8Array', [2, 8, 3])];
    expect(compare(got, got)).toEqual({ inputs: 2, sameTop1: 2, cosine: 1, sameBytes: 2 });
    expect(compare(got, other)).toMatchObject({ inputs: 2, sameTop1: 1, sameBytes: 1 });
    expect(compare(got, other).cosine).toBeLessThan(0);
  });

  test('says nothing of bytes where the types differ', () => {
    const twin = compare([output('Int8Array', [-128, 0])], [output('Uint8Array', [0, 128])]);
    expect(twin).toEqual({ inputs: 1, sameTop1: 1, cosine: 1 });
  });

  test('is not lost on outputs that never vary', () => {
    const flat = [output('Uint8Array', [7, 7])];
    expect(compare(flat, flat).cosine).toBe(1);
    expect(compare(flat, [output('Uint8Array', [7, 8])]).cosine).toBe(0);
  });
});

describe('inputs', () => {
  test('are one picture in every form of a network', () => {
    const bytes = makeInput(3, { dtype: 'uint8', shape: [1, 5, 7, 3] }, false);
    expect(new Set(bytes).size).toBeGreaterThan(50);
    const signed = makeInput(3, { dtype: 'int8', shape: [1, 5, 7, 3] }, false);
    expect(Array.from(signed, (value) => value + 128)).toEqual([...bytes]);
    const planes = makeInput(3, { dtype: 'uint8', shape: [1, 3, 5, 7] }, true);
    expect(toChannelsLast([...planes], [1, 5, 7, 3])).toEqual([...bytes]);
    const pixel = { mean: 127, std: 127.5 };
    const real = makeInput(3, { dtype: 'float32', shape: [1, 5, 7, 3], pixel }, false);
    expect(Array.from(real, (value) => Math.round(value * 127.5 + 127))).toEqual([...bytes]);
  });

  test('differ by their seed', () => {
    const input = { dtype: 'uint8', shape: [1, 640] };
    expect(makeInput(1, input, false)).not.toEqual(makeInput(2, input, false));
  });
});

test('the twin of a network computes what the network does', async () => {
  const file = oneLayer();
  const network = await load(file);
  const twin = await load(await onnxTwin(file));
  const codes = makeInput(1, { dtype: 'int8', shape: [1, 8, 8, 8] }, false);
  const planes = makeInput(1, { dtype: 'uint8', shape: [1, 8, 8, 8] }, true);
  const expected = Array.from(network.run(codes) as Int8Array, (value) => value + 128);
  expect(new Set(expected).size).toBeGreaterThan(100);
  const got = toChannelsLast(Array.from(twin.run(planes) as Uint8Array), [1, 8, 8, 8]);
  expect(got).toEqual(expected);
});

/** Windows of every kind, pads, groups, adds, pools: engines of the two formats round differently. */
const twinned = ['mobilenet_v1_025_128', 'vww', 'resnet8', 'kws', 'ad'];
test.skipIf(!hasShared).each(twinned)('the twin of %s agrees with it', async (key) => {
  const model = models.find((other) => other.key === key)!;
  const file = readShared(`models/${model.tflite}`);
  const network = await load(file);
  const twin = await load(await onnxTwin(file));
  const run = (of: typeof network, format: 'tflite' | 'onnx', seed: number) => {
    const input = inputOf(model, format);
    const channelsFirst = format === 'onnx' && input.shape.length === 4;
    const output = of.run(makeInput(seed, input, channelsFirst)) as Int8Array;
    return { dtype: output.constructor.name, values: Array.from(output) };
  };
  const seeds = [1, 2, 3, 4];
  const agreement = compare(
    seeds.map((seed) => run(twin, 'onnx', seed)),
    seeds.map((seed) => run(network, 'tflite', seed)),
  );
  expect(agreement.cosine).toBeGreaterThan(0.99);
  expect(agreement.sameTop1).toBe(4);
});

describe('options', () => {
  test('choose models, engines and threads', () => {
    const chosen = readOptions(['--model', 'vww,kws', '--threads', '1,2', '--rounds', '3']);
    expect(chosen).toMatchObject({ models: ['vww', 'kws'], threads: [1, 2], rounds: 3 });
    expect(chosen.complete).toBe(false);
    expect(readOptions([]).complete).toBe(true);
    expect(readOptions(['--threads', '1,2', '--cold', '9']).complete).toBe(true);
    for (const part of [
      ['--rounds', '0'],
      ['--where', 'node'],
      ['--engines', 'litert'],
    ])
      expect(readOptions(part).complete, part.join(' ')).toBe(false);
    expect(readOptions([]).engines).not.toContain('litert-compat');
  });

  test.each([
    [['--model', 'vvw'], '--model: got vvw, expected some of '],
    [['--threads', '0'], "--threads: got '0', expected a whole number from 1"],
    [['--rounds', 'many'], "--rounds: got 'many', expected a whole number from 0"],
  ])('%j is an error', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

test('engines meet in rounds, and one that fails does not stop the others', async () => {
  const model = models.find(({ key }) => key === 'one_layer')!;
  const own = { own: true, adapter: '', formats: ['tflite'], places: ['here'], options: {} };
  const engines = ['a', 'b', 'broken', 'bAgain', 'later'].map((name) => ({ ...own, name }));
  const turns: string[] = [];
  let waitedMs = 0;
  const values = [{ dtype: 'Int8Array', values: [1, 2] }];
  const place = {
    kind: 'here',
    name: 'here',
    open: async ({ engine: { name } }: { readonly engine: { readonly name: string } }) => {
      if (name === 'broken') throw new Error('cannot');
      return {
        loaded: { loadMs: 1, facts: { binary: name[0] } },
        outputs: async () => values,
        warmUp: async () => ({ bestMs: 1, warmUpMs: 1, steady: true }),
        burst: async () => {
          if (name === 'later') throw new Error('too slow');
          turns.push(name);
          // Somebody else had the core in the second burst of all.
          waitedMs += turns.length === 3 ? 1000 : 0;
          return { samples: name === 'a' ? [2, 4, 6] : [1], dropped: 1, disturbed: false };
        },
        close: async () => turns.push(`close ${name}`),
      };
    },
  };
  const contestants = contestantsOf({ engines, threads: [1], model, place });
  const said: string[] = [];
  const rows = await race({
    place,
    contestants,
    references: new Map([['peer', { format: 'tflite', outputs: values }]]),
    rounds: 3,
    burstMs: 1,
    warmUp: { leastMs: 0, mostMs: 1 },
    queue: { waitedMs: () => waitedMs },
    say: (line: string) => said.push(line),
  });
  // What runs the same binary again is no contestant; a burst that had to wait is repeated.
  const rounds = ['a', 'b', 'b', 'b', 'a', 'a', 'b'];
  expect(turns).toEqual(['close bAgain', ...rounds, 'close a', 'close b', 'close later']);
  expect(rows[0]).toMatchObject({ medianMs: 4, minMs: 2, roundsMs: [4, 4, 4], dropped: 3 });
  expect(rows[1]).toMatchObject({ waited: 0, disturbedRounds: 0, samples: 3 });
  expect(rows[0]!.agreements).toMatchObject([{ with: 'peer', sameBytes: 1, sameFile: true }]);
  expect(rows[2]).toMatchObject({ engine: 'broken', error: 'cannot' });
  expect(rows[3]).toMatchObject({ engine: 'later', error: 'too slow' });
  expect(rows).toHaveLength(4);
  expect(said).toEqual(['  broken: cannot', '  later: too slow']);
});

test.each([
  ['node', true],
  ['chromium', hasChromium],
])('the command runs microjoule in %s, without peers or models', (where, able) => {
  if (!able) return;
  const path = `build/peers/test-${where}.json`;
  const chosen = ['--where', where, '--model', 'one_layer', '--json', path];
  const engines = ['--engines', 'microjoule,microjoule-baseline'];
  const short = ['--rounds', '2', '--burst', '5', '--warm', '20', '--chromium', executable];
  const args = ['bench/peers/bench.mjs', ...chosen, ...engines, ...short];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const { version, places, runs } = JSON.parse(readFileSync(path, 'utf8'));
  expect([version, places[0].kind]).toEqual([1, where]);
  const binaries =
    supports('relaxed') || where === 'chromium' ? ['relaxed', 'baseline'] : ['baseline'];
  expect(runs.map(({ load }: Run) => load.facts.binary)).toEqual(binaries);
  for (const { roundsMs, samples } of runs as Run[]) {
    expect(roundsMs).toHaveLength(2);
    expect(samples).toBeGreaterThanOrEqual(2);
  }
});

interface Run {
  readonly load: { readonly facts: { readonly binary: string } };
  readonly roundsMs: readonly number[];
  readonly samples: number;
}

describe('documents', () => {
  test('times have three digits and a unit that suits', () => {
    const times = [123.4, 14.345, 3.1, 0.4131, 0.01234, 0.0006];
    expect(times.map(formatMs)).toEqual([
      '123 ms',
      '14.3 ms',
      '3.10 ms',
      '0.413 ms',
      '12.3 µs',
      '0.6 µs',
    ]);
  });

  test('the report of a recorded run', async () => {
    await expect(report(recorded)).toMatchFileSnapshot('../fixtures/peers.report.md');
  });

  test('what the README would say of a recorded run', async () => {
    const section = performanceSection([recorded]);
    await expect(section).toMatchFileSnapshot('../fixtures/peers.readme.md');
  });

  test('results are JSON with a row of numbers in a line', () => {
    const text = formatResult({ roundsMs: [1.234567, 2], runs: [{ place: 'a' }, { place: 'b' }] });
    expect(text).toContain('"roundsMs": [1.2346, 2]');
    expect(JSON.parse(text)).toEqual({
      roundsMs: [1.2346, 2],
      runs: [{ place: 'a' }, { place: 'b' }],
    });
  });

  test('README.md says what bench/results holds: npm run generate:performance', () => {
    const readme = readFileSync('README.md', 'utf8');
    const [, section] =
      /<!-- performance: npm run generate:performance -->\n([\s\S]*?)<!-- \/performance -->/.exec(
        readme,
      ) ?? [];
    expect(section?.trim()).toBe(performanceSection(readResults()));
  });
});
