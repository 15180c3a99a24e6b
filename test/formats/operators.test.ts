import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { domains } from '../../src/formats/onnx/operators.ts';
import { operators } from '../../src/formats/tflite/operators.ts';

const text = readFileSync('docs/operators.md', 'utf8');

function namesIn(from: string, to: string): string[] {
  const section = text.slice(text.indexOf(from), text.indexOf(to));
  return [...section.matchAll(/`(\w+)`/g)].map(([, name]) => name!).sort();
}

test('docs/operators.md lists what the importers read', () => {
  const [standard, microsoft] = [domains['']!, domains['com.microsoft']!];
  expect(namesIn('## TFLite', '## ONNX\n')).toEqual([...operators.keys()].sort());
  expect(namesIn('## ONNX\n', 'Of the domain')).toEqual(Object.keys(standard).sort());
  expect(namesIn('Of the domain', '## ONNX node')).toEqual(Object.keys(microsoft).sort());
});
