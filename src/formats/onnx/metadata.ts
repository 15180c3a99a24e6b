import type { Metadata, Preprocessing } from '../../graph/graph.ts';
import { fail } from './fault.ts';

const advice = 'correct the metadata of the model, or remove it';

/**
 * What a model of ours says of its input and classes: `microjoule.input` holds a Preprocessing and
 * `microjoule.labels` a list of names, both as JSON.
 */
export function metadataOf(entries: ReadonlyMap<string, string>): Metadata {
  const input = entries.get('microjoule.input');
  const labels = entries.get('microjoule.labels');
  return {
    ...(input === undefined ? {} : { input: preprocessingOf(parse('microjoule.input', input)) }),
    ...(labels === undefined ? {} : { labels: labelsOf(parse('microjoule.labels', labels)) }),
  };
}

function parse(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail(`metadata ${key}`, 'text that is no JSON', 'JSON', advice);
  }
}

function labelsOf(value: unknown): string[] {
  if (Array.isArray(value) && value.every((label) => typeof label === 'string')) return value;
  return fail('metadata microjoule.labels', show(value), 'a list of strings', advice);
}

type Check = (value: unknown) => boolean;

const numbers: Check = (value) =>
  Array.isArray(value) && value.length >= 1 && value.every((n) => Number.isFinite(n));

const checks: Readonly<Record<keyof Preprocessing, { expected: string; fits: Check }>> = {
  size: {
    expected: 'two sizes, height and width',
    fits: (value) =>
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((n) => Number.isInteger(n) && n > 0),
  },
  order: {
    expected: 'rgb, bgr or grey',
    fits: (value) => value === 'rgb' || value === 'bgr' || value === 'grey',
  },
  mean: { expected: 'a list of numbers', fits: numbers },
  std: {
    expected: 'a list of numbers other than 0',
    fits: (value) => numbers(value) && !(value as number[]).includes(0),
  },
  fit: { expected: 'crop or squash', fits: (value) => value === 'crop' || value === 'squash' },
};

function preprocessingOf(value: unknown): Preprocessing {
  const where = 'metadata microjoule.input';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(where, show(value), 'an object', advice);
  }
  for (const [key, entry] of Object.entries(value)) {
    const names = Object.keys(checks);
    if (!names.includes(key)) fail(where, `the key ${key}`, names.join(', '), advice);
    const { expected, fits } = checks[key as keyof Preprocessing];
    if (!fits(entry)) fail(`${where}.${key}`, show(entry), expected, advice);
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
