import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, transformSync } from 'esbuild';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { domains } from '../src/formats/onnx/operators.ts';
import { isOnlyFolded } from '../src/formats/tflite/fold.ts';
import { operators as tfliteOperators } from '../src/formats/tflite/operators.ts';
import type { OpName } from '../src/graph/node.ts';
import { operatorOf } from '../src/ops/table.ts';
import { type Block, brokenLinks, matches, readDocuments, updateOutput } from './markdown.ts';
import { type Accuracy, ownModels } from './shared.ts';

// What programs print changes with the models: UPDATE_DOCUMENTS=1 writes it into the documents.
const documents = readDocuments(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs']);
const linked = [...documents, ...readDocuments(['models/train', 'bench/peers/README.md'])];
const blocks = documents.flatMap((document) => document.blocks);
const inLanguage = (...infos: string[]): [string, Block][] =>
  blocks.filter(({ info }) => infos.includes(info)).map((block) => [block.where, block]);

/** Examples are written here: inside the repository, so that 'microjoule' is this package. */
const folder = join('build', 'documents');
mkdirSync(folder, { recursive: true });

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

function run(command: string, args: readonly string[], where: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect(status, `${where}: ${stderr}`).toBe(0);
  return stdout;
}

function expectOutput(got: string, { output, where }: Block): void {
  if (output === undefined || matches(got, output)) return;
  if (process.env.UPDATE_DOCUMENTS) updateOutput(where, output, got);
  // Not equal: show both, times and all.
  else expect(got, where).toBe(output);
}

describe('commands', () => {
  /** Commands that install, build or run for long: what they name must be there. */
  const named: readonly { readonly pattern: RegExp; readonly check: (match: string[]) => void }[] =
    [
      { pattern: /^npm (ci|install)$/, check: () => undefined },
      {
        pattern: /^npm (it|test)( .*)?$/,
        check: () => expect(manifest.scripts).toHaveProperty('test'),
      },
      {
        pattern: /^(?:\w+=\S+ )*npm run ([\w:]+)( .*)?$/,
        check: ([, script]) => expect(Object.keys(manifest.scripts)).toContain(script),
      },
      {
        pattern: /^(?:\w+=\S+ )*npx vitest run(.*)$/,
        check: ([, paths]) => {
          for (const path of paths!.split(' ').filter((word) => /^(test|src)/.test(word)))
            expect(existsSync(path), path).toBe(true);
        },
      },
      {
        pattern: /^npx (biome|tsc|asc) .*$/,
        check: ([, tool]) => expect(existsSync(join('node_modules', '.bin', tool!))).toBe(true),
      },
      {
        pattern: /^python3 (\S+).*$/,
        check: ([, script]) => expect(existsSync(script!), script).toBe(true),
      },
    ];

  test.each(inLanguage('sh'))('%s', (where, block) => {
    let output = '';
    for (const command of commandsOf(block)) {
      const match = named
        .map(({ pattern, check }) => ({ check, found: pattern.exec(command) }))
        .find(({ found }) => found !== null);
      if (command === 'npm start') {
        expect(manifest.scripts.start).toBe('node scripts/start.mjs');
        // It builds what is out of date, under the feet of other tests.
        if (!isBuilt()) return;
        output += run('node', ['scripts/start.mjs'], where);
      } else if (match !== undefined) {
        match.check(match.found!);
      } else {
        // Installing or building here would take the floor from under the other tests.
        expect(command, where).not.toMatch(/^(\w+=\S+ )*(npm|npx (?!microjoule))\b/);
        const own = command.replace(/^npx microjoule\b/, `node ${manifest.bin.microjoule}`);
        output += run('sh', ['-c', own], where);
      }
    }
    expectOutput(output, block);
  });

  /** Lines without their comments. */
  function commandsOf({ code }: Block): string[] {
    const lines = code.split('\n').map((line) => line.replace(/(^|\s)#.*$/, '').trim());
    return lines.filter((line) => line !== '');
  }

  /** True where nothing that goes into dist/ is newer than it. */
  function isBuilt(): boolean {
    const sources = ['src', 'assembly', 'scripts', 'package.json', 'package-lock.json'];
    return newest([...sources, 'asconfig.json']) <= newest([manifest.bin.microjoule!]);
  }

  function newest(paths: readonly string[]): number {
    const times = paths.map((path) => {
      const info = statSync(path);
      const inner = info.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
      return Math.max(info.mtimeMs, newest(inner));
    });
    return Math.max(0, ...times);
  }
});

describe('programs', () => {
  test.each(inLanguage('js', 'ts'))('%s', (where, block) => {
    const { code } = transformSync(block.code, {
      loader: block.info as 'js' | 'ts',
      target: 'node20',
      format: 'esm',
    });
    const path = join(folder, `${where.replace(/\W/g, '-')}.mjs`);
    writeFileSync(path, code);
    expectOutput(run('node', [path], where), block);
  });

  test('have the types that the package declares', () => {
    const paths = inLanguage('js', 'ts').map(([where, { code }]) => {
      const path = join(folder, `${where.replace(/\W/g, '-')}.ts`);
      // Programs are modules of their own.
      writeFileSync(path, `${code}\nexport {};\n`);
      return path;
    });
    const program = ts.createProgram(paths, {
      noEmit: true,
      strict: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
    });
    const faults = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
      return `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(faults).toEqual([]);
  });

  test.each(inLanguage('html'))('%s', async (where, { code }) => {
    const script = /<script type="module">([\s\S]*)<\/script>/.exec(code)?.[1];
    expect(script, where).toBeDefined();
    // A name that the bundle does not export is an error.
    const result = await build({
      stdin: { contents: script!, resolveDir: 'dist' },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
    });
    expect(result.warnings).toEqual([]);
  });
});

test('every block is one of these kinds', () => {
  const kinds = ['sh', 'js', 'ts', 'html', 'text', 'text output'];
  expect(blocks.filter(({ info, where }) => where && info !== '' && !kinds.includes(info))).toEqual(
    [],
  );
});

test.each(linked.map((document) => [document.path, document] as const))(
  '%s: links lead somewhere',
  (_, document) => expect(brokenLinks(document)).toEqual([]),
);

describe('ARCHITECTURE.md', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');
  const foldersOf = (path: string): string[] =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => [`${path}/${name}/`, ...foldersOf(`${path}/${name}`)]);

  test('names every folder of src/ and assembly/', () => {
    const folders = [...foldersOf('src'), ...foldersOf('assembly')];
    expect(folders.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test('names the rules in the order in which the pipeline applies them', () => {
    const pipeline = readFileSync('src/passes/pipeline.ts', 'utf8');
    const body = pipeline.slice(pipeline.indexOf('export function optimize'));
    const names = /\b(merge|sink|raise|fold|fuse|drop|unsigned|float)[A-Z]\w+/g;
    const section = text.slice(text.indexOf('## Passes'), text.indexOf('## Plan'));
    const told = [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
    const applied = [...body.matchAll(names)].map(([name]) => name);
    // One expression applies the second unsignedMaps before the rules that stand to its right.
    expect(told.filter((name) => applied.includes(name))).toEqual(applied);
  });
});

describe('docs/operators.md', () => {
  const text = readFileSync('docs/operators.md', 'utf8');
  const section = text.slice(text.indexOf('## Inside'), text.indexOf('## TFLite'));
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').slice(1, 4).map(namesIn));
  const inColumn = (column: number): string[] => rows.flatMap((row) => row[column]!);

  function namesIn(cell: string): string[] {
    return [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  }

  test('has a row for every operator', () => {
    const table = readFileSync('src/ops/table.ts', 'utf8');
    const body = table.slice(table.indexOf('const rows'));
    const names = [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name!);
    for (const name of names) expect(operatorOf(name as OpName), name).toBeDefined();
    expect(inColumn(0).sort()).toEqual(names.sort());
  });

  test('says where every operator of a file goes', () => {
    const onnx = Object.values(domains).flatMap((names) => Object.keys(names));
    expect([...new Set(inColumn(1))].sort()).toEqual([...tfliteOperators.keys()].sort());
    expect(inColumn(2).filter((name) => !onnx.includes(name))).toEqual([]);
    for (const name of ['SHAPE', 'PACK', 'REDUCE_PROD']) {
      expect(isOnlyFolded(name)).toBe(true);
      expect(text).toContain(name);
    }
  });
});

describe('the models in this repository', () => {
  const readme = readFileSync('README.md', 'utf8');
  const network = readFileSync('docs/network.md', 'utf8');
  const count = (value: number): string => value.toLocaleString('en-US');
  const share = ({ right, n }: Accuracy): string =>
    `${count(right)} of ${count(n)} (${((100 * right) / n).toFixed(2)} %)`;
  const rowOf = (text: string, file: string): string =>
    text.split('\n').find((line) => line.startsWith(`| [\`${file}\`]`)) ?? '';
  const expectFacts = (path: string, row: string, first: number, facts: readonly string[]) => {
    const cells = row.split('|').map((cell) => cell.trim());
    if (process.env.UPDATE_DOCUMENTS && row !== '') {
      const rest = cells.slice(first + facts.length);
      const updated = [...cells.slice(0, first), ...facts, ...rest].join(' | ').trim();
      writeFileSync(path, readFileSync(path, 'utf8').replace(row, updated));
    } else expect(cells.slice(first, first + facts.length)).toEqual(facts);
  };

  test.each(ownModels())('README.md states the facts of $file', (own) => {
    const facts = [count(own.macs), count(own.params)];
    expectFacts('README.md', rowOf(readme, own.file), 4, [
      ...facts,
      ...[share(own.accuracy.int8), share(own.accuracy.float)],
    ]);
  });

  test.each(ownModels())('docs/network.md states the facts of $file', (own) => {
    const { ideal, tiled } = own.energyNj;
    expectFacts('docs/network.md', rowOf(network, own.file), 2, [
      ...[count(own.macs), share(own.accuracy.int8), share(own.accuracy.float)],
      ...[`${ideal.toFixed(0)} nJ`, `${(tiled / 1000).toFixed(2)} µJ`, count(own.bytes)],
    ]);
  });
});
