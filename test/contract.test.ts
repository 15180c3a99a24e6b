import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sectionIds } from '../src/bench/wasmCursor.ts';
import type { Work } from '../src/graph/work.ts';
import { catalogue } from '../src/kernels/catalogue.ts';
import { doesWithoutDots, type Kernel } from '../src/kernels/kernel.ts';
import { takeApart } from './wasmFile.ts';

const kernelNames = [...new Set(catalogue.map(({ name }) => name))].sort();
const namesOf = (rows: readonly Kernel<Work>[]) => [...new Set(rows.map(({ name }) => name))];
const baseline = catalogue.filter((row) => row.dots === undefined || doesWithoutDots(row));
const relaxed = catalogue.filter((row) => !doesWithoutDots(row));
const files = [
  ['kernels.wasm', namesOf(baseline)],
  ['kernels.relaxed.wasm', [...namesOf(relaxed), 'probe_dots']],
].map(([file, names]) => {
  return [
    file as string,
    new Uint8Array(readFileSync(`build/${file}`)),
    names as string[],
  ] as const;
});

describe.each(files)('%s', (_, bytes, names) => {
  const file = takeApart(bytes);

  test('imports the memory and nothing else', () => {
    expect(file.imports).toEqual(['memory env.memory']);
  });

  test('exports the kernels of the catalogue, what calls them, and nothing else', () => {
    const functions = [...names, 'run_program'].map((name) => `function ${name}`);
    expect([...file.exports].sort()).toEqual([...functions, 'table table'].sort());
  });

  test('holds no data, runs nothing on its own, reserves no memory', () => {
    const { start, data, dataCount, elements, memories } = sectionIds;
    for (const id of [start, data, dataCount, elements, memories]) {
      expect(file.sections).not.toContain(id);
    }
    expect(file.forbidden).toEqual(['call_indirect']);
  });

  test('takes a memory of any size, and one that is shared by turning one bit', () => {
    expect(file.memory).toEqual({ minimum: 1, maximum: 65536, flags: 1 });
  });

  test('leaves the table of functions to the host', () => {
    expect(file.table).toEqual({ flags: 0, minimum: 1, maximum: undefined });
  });

  test('stays small', () => {
    expect(bytes.length).toBeLessThan(65536);
  });
});

describe('pack.wasm', () => {
  const bytes = new Uint8Array(readFileSync('build/pack.wasm'));
  const file = takeApart(bytes);

  test('imports the memory and nothing else, holds no data', () => {
    expect(file.imports).toEqual(['memory env.memory']);
    const names = ['channel_bounds', 'channel_sums', 'pack_blocks', 'pack_depthwise'];
    expect([...file.exports].sort()).toEqual(names.map((name) => `function ${name}`));
    expect(file.sections).not.toContain(sectionIds.data);
  });
});

test('a name in the catalogue belongs to one kernel', () => {
  expect(catalogue.map(({ name }) => name).sort()).toEqual(kernelNames);
});

test('every kernel has a test against its oracle', async () => {
  const tests = readdirSync('test/assembly', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(`test/assembly/${path}`, 'utf8'));
  const rows = await kernelRows();
  for (const kernel of catalogue) {
    const names = rows.filter(([, row]) => row === kernel).map(([name]) => name);
    const isTested = tests.some((text) =>
      names.some((name) => new RegExp(`\\b${name}\\b`).test(text)),
    );
    expect(
      isTested,
      `${kernel.name}: a file in test/assembly that names ${names.join(' or ')}`,
    ).toBe(true);
  }
});

/** What src/kernels exports, as pairs of a name there and a kernel; a list is a pair for each. */
async function kernelRows(): Promise<(readonly [name: string, row: unknown])[]> {
  const names = readdirSync('src/kernels').map((file) => file.replace(/\.ts$/, ''));
  const modules = await Promise.all(
    names
      .filter((name) => name !== 'catalogue')
      .map((name): Promise<object> => import(`../src/kernels/${name}.ts`)),
  );
  return modules
    .flatMap((module) => Object.entries(module))
    .flatMap(([name, value]) => [value].flat().map((row) => [name, row] as const));
}
