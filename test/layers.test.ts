import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/**
 * Who may import whom: each row names what stands directly to the left of a layer, and what stands
 * further left may be imported too. A layer is a folder of src/, or a file there.
 */
const leftOf: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  labels: [],
  graph: ['errors.ts'],
  ops: ['graph'],
  formats: ['ops'],
  passes: ['ops'],
  // The vocabulary of work stands in graph/work.ts: ops write it, kernels read it.
  kernels: ['graph', 'assembly/arguments.ts', 'build/kernels.generated.ts'],
  plan: ['passes', 'kernels'],
  image: ['graph', 'labels'],
  page: [],
  energy: ['plan', 'page'],
  run: ['formats', 'energy'],
  profile: ['run'],
  quantize: ['run'],
  meter: ['profile'],
  // It verifies by the oracles of the tests.
  bench: [
    'profile',
    'page',
    'build/ceilings.generated.ts',
    ...['binaryU8', 'cast', 'convF32', 'convU8', 'copy', 'float32', 'meanU8', 'poolU8'].map(oracle),
    ...['quantize', 'select', 'softmaxU8', 'ternarySums'].map(oracle),
  ],
  'index.ts': ['meter', 'quantize', 'image'],
  browser: ['profile', 'image', 'build/energyPage.generated.ts'],
  cli: ['index.ts', 'bench', 'build/benchPage.generated.ts', 'build/energyPage.generated.ts'],
};

function oracle(name: string): string {
  return `test/reference/${name}.ts`;
}

/** Where a layer's Node half and browser half know more than the layer does. */
const halves: Readonly<Record<string, readonly string[]>> = { run: ['image'] };

/** Packages of others, by layer. */
const packages: Readonly<Record<string, readonly string[]>> = {
  formats: ['@bufbuild/protobuf', 'flatbuffers', 'fflate'],
  kernels: ['@assemblyscript/loader'],
  energy: ['@observablehq/plot'],
  bench: ['@assemblyscript/loader', '@observablehq/plot'],
  image: ['sharp'],
  cli: ['commander', 'cli-progress', 'csv-parse', 'fflate'],
};

const nodeNames = /^(process|Buffer|require|__dirname|__filename|NodeJS)$/;
const pageNames =
  /^(document|navigator|localStorage|requestAnimationFrame|createImageBitmap|CanvasImageSource|ImageData|ImageBitmap|OffscreenCanvas|HTML\w*Element|\w*RenderingContext\w*)$/;

interface SourceFile {
  readonly path: string;
  readonly layer: string;
  /** Paths from the root of the repository, and names of packages. */
  readonly imports: readonly string[];
  readonly identifiers: ReadonlySet<string>;
}

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(path, 'utf8');
      const imports = ts
        .preProcessFile(text)
        .importedFiles.map(({ fileName }) =>
          fileName.startsWith('.') ? posix.join(posix.dirname(path), fileName) : fileName,
        );
      return { path, layer: layerOf(path), imports, identifiers: identifiersOf(text) };
    });
}

/** 'src/plan/place.ts' is of the layer 'plan', 'src/errors.ts' of a layer of its own. */
function layerOf(path: string): string {
  return path.startsWith('src/') ? path.split('/')[1]! : path;
}

function identifiersOf(text: string): Set<string> {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, true, ts.LanguageVariant.Standard, text);
  const found = new Set<string>();
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token === ts.SyntaxKind.Identifier) found.add(scanner.getTokenText());
  }
  return found;
}

/** A layer and everything to its left. */
function visible(layer: string): Set<string> {
  const seen = new Set([layer]);
  // A set hands out what is added while it is walked.
  for (const at of seen) for (const left of leftOf[at] ?? []) seen.add(left);
  return seen;
}

const isNodeFile = ({ path, layer }: SourceFile): boolean =>
  layer === 'cli' || path.endsWith('Node.ts');
const isPageFile = ({ path, layer }: SourceFile): boolean =>
  layer === 'browser' || path.endsWith('Browser.ts');

/** 'csv-parse/sync' is of the package 'csv-parse'. */
function packagesOf({ imports }: SourceFile): string[] {
  return imports
    .filter((name) => !/\.(ts|json)$/.test(name) && !name.startsWith('node:'))
    .map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)![0]);
}

const source = sourceFiles('src');
const assembly = sourceFiles('assembly');
const rows = source.map((file) => [file.path, file] as const);

describe.each(rows)('%s', (_, file) => {
  test('imports what stands to its left', () => {
    const isHalf = file.path.endsWith('Node.ts') || file.path.endsWith('Browser.ts');
    const allowed = [...visible(file.layer), ...(isHalf ? (halves[file.layer] ?? []) : [])];
    expect(Object.keys(leftOf), 'a layer of the table').toContain(file.layer);
    const own = file.imports.filter((path) => path.endsWith('.ts'));
    expect(own.filter((path) => !allowed.includes(layerOf(path)))).toEqual([]);
  });

  test('imports the packages of its layer', () => {
    const allowed = packages[file.layer] ?? [];
    expect(packagesOf(file).filter((name) => !allowed.includes(name))).toEqual([]);
  });

  test('knows of Node and of pages only where its name says so', () => {
    const modules = file.imports.filter((name) => name.startsWith('node:') || name === 'sharp');
    const names = [...file.identifiers];
    if (!isNodeFile(file)) {
      expect(modules).toEqual([]);
      expect(names.filter((name) => nodeNames.test(name))).toEqual([]);
    }
    if (!isPageFile(file)) expect(names.filter((name) => pageNames.test(name))).toEqual([]);
  });
});

test('the kernels know nothing of models, graphs or JavaScript', () => {
  const outside = assembly.flatMap(({ path, imports }) =>
    imports.filter((name) => !name.startsWith('assembly/')).map((name) => `${path}: ${name}`),
  );
  expect(outside).toEqual([]);
});

test('every row and every package of the table is in use', () => {
  const layers = new Set(source.map(({ layer }) => layer));
  expect(Object.keys(leftOf).filter((layer) => !layers.has(layer))).toEqual([]);
  const used = new Set(
    source.flatMap((file) => packagesOf(file).map((name) => `${file.layer}: ${name}`)),
  );
  const listed = Object.entries(packages).flatMap(([layer, names]) =>
    names.map((name) => `${layer}: ${name}`),
  );
  expect(listed.filter((entry) => !used.has(entry))).toEqual([]);
});
