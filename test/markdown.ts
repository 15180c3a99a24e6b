import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A fenced block of a document. */
export interface Block {
  /** `README.md:42` */
  readonly where: string;
  /** What stands behind the fence: the language, then words of ours such as `output`. */
  readonly info: string;
  readonly code: string;
  /** The `text output` block that is the next one. */
  readonly output?: string;
}

export interface Document {
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Every Markdown file of the given folders and paths, links between which are checked. */
export function readDocuments(paths: readonly string[]): Document[] {
  return paths.flatMap((path) => {
    if (path.endsWith('.md')) return [readDocument(path)];
    const inside = readdirSync(path, { recursive: true, encoding: 'utf8' });
    const names = inside.filter((name) => name.endsWith('.md')).sort();
    return names.map((name) => readDocument(join(path, name)));
  });
}

function readDocument(path: string): Document {
  const text = readFileSync(path, 'utf8');
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const info = /^```(.*)$/.exec(lines[i]!)?.[1]?.trim();
    if (info === undefined) continue;
    const start = i + 1;
    while (++i < lines.length && lines[i] !== '```');
    blocks.push({ where: `${path}:${start}`, info, code: lines.slice(start, i).join('\n') });
  }
  const paired = blocks.map((block, i) => {
    const next = blocks[i + 1];
    return next?.info === 'text output' ? { ...block, output: next.code } : block;
  });
  return { path, text, blocks: paired };
}

/** Prose without code, which may hold brackets of its own. */
function proseOf(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, 'code');
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(text: string): string[] {
  const headings = text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replace(/ /g, '-'),
  );
}

/** Links that lead nowhere, but for those to other sites. */
export function brokenLinks({ path, text }: Document): string[] {
  const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(target)) return true;
    return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
  });
}

/**
 * True where the lines of `output` are those of `expected`. A line of three dots stands for any
 * lines, times are not compared, and neither is the width of gaps, which follows from them.
 */
export function matches(output: string, expected: string): boolean {
  const parts = expected
    .split('\n')
    .map(plain)
    .map((line) =>
      line === '...' ? '(.*\n)*' : `${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\n`,
    );
  return new RegExp(`^\n*${parts.join('')}\n*$`).test(
    `${output.split('\n').map(plain).join('\n')}\n`,
  );
}

/** Puts what a program prints in the place of what a document says; three dots still cut it short. */
export function updateOutput(where: string, output: string, got: string): void {
  const path = where.replace(/:\d+$/, '');
  const [head = '', ...rest] = output.split('\n...');
  const length = rest.length === 0 ? undefined : head.split('\n').length;
  const lines = got
    .replace(/^\n+|\n+$/g, '')
    .split('\n')
    .slice(0, length);
  const updated = [lines.join('\n'), ...rest].join('\n...');
  // A function: a dollar in the text has no meaning of its own.
  const text = readFileSync(path, 'utf8').replace(output, () => updated);
  writeFileSync(path, text);
}

function plain(line: string): string {
  return line
    .replace(/\d+(\.\d+)? (ms|s)\b/g, 'TIME')
    .replace(/\s+/g, ' ')
    .trim();
}
