import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect } from 'vitest';

const schema = JSON.parse(readFileSync('docs/energy-report.schema.json', 'utf8')) as object;
const validate = new Ajv({ allErrors: true, strict: true }).compile(schema);

/** Holds a report to docs/energy-report.schema.json, and to what no schema can say. */
export function expectReport(report: unknown): void {
  // As it leaves the program: fields that are undefined are gone.
  const plain = JSON.parse(JSON.stringify(report));
  validate(plain);
  expect(validate.errors ?? []).toEqual([]);
  const { energyPj, macs, layers } = plain;
  const parts = ['macs', 'otherOps', 'weights', 'inputs', 'partialSums', 'outputs'];
  const sum = (of: (part: string) => number): number => parts.reduce((n, part) => n + of(part), 0);
  expect(sum((part) => energyPj[part]) / energyPj.total).toBeCloseTo(1, 9);
  expect(macs.int8 + macs.ternary + macs.float).toBe(macs.nominal);
  for (const part of [...parts, 'total', 'low', 'high']) {
    const total = layers.reduce(
      (n: number, layer: { energyPj: Record<string, number> }) => n + layer.energyPj[part]!,
      0,
    );
    expect(Math.abs(total - energyPj[part]), part).toBeLessThanOrEqual(1e-9 * energyPj.total);
  }
}
