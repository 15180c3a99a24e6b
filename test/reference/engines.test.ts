import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Rounding } from '../../src/graph/graph.ts';
import type { BinaryU8Work, QuantizedOperand } from '../../src/graph/work.ts';
import { referenceBinaryU8 } from './binaryU8.ts';
import { referenceTableU8, type TableCase } from './tableU8.ts';

/** What an engine made of all 256 numbers, or of all pairs of them: parameters, bytes, as recorded. */
interface Recorded {
  readonly rounding: Rounding;
  readonly op: string;
  readonly dtype: 'int8' | 'uint8';
  readonly outputDtype?: 'int8' | 'uint8';
  readonly input?: QuantizedOperand;
  readonly a?: QuantizedOperand;
  readonly b?: QuantizedOperand;
  readonly output: QuantizedOperand;
  readonly alpha?: number;
  readonly bytes?: string;
  readonly sha256?: string;
}

const file = new URL('../fixtures/engineTables.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Recorded[] };
const tables = cases.filter(({ bytes }) => bytes !== undefined);
const pairs = cases.filter(({ sha256 }) => sha256 !== undefined);

const stored = (operand: QuantizedOperand, dtype: string): QuantizedOperand => ({
  scale: operand.scale,
  zeroPoint: operand.zeroPoint + (dtype === 'int8' ? 128 : 0),
});

/** The file's bytes in the order of its numbers, lowest first, from what stands inside. */
const asFiled = (bytes: Uint8Array, dtype: string): Uint8Array =>
  dtype === 'int8' ? bytes.map((byte) => byte ^ 0x80) : bytes;

describe('the oracles give what the engines gave', () => {
  test.each(tables)('$rounding $op $dtype $input $output', (recorded) => {
    const { op, rounding, dtype, outputDtype = dtype, alpha = 0 } = recorded;
    const table = referenceTableU8({
      op: op as TableCase['op'],
      rounding,
      input: stored(recorded.input!, dtype),
      output: stored(recorded.output, outputDtype),
      typesDiffer: dtype !== outputDtype,
      alpha,
    });
    const bytes = asFiled(table, outputDtype);
    expect(Buffer.from(bytes).toString('hex')).toBe(recorded.bytes);
  });

  test.each(pairs)('$rounding $op $dtype $a $b $output', (recorded) => {
    const { op, rounding, dtype } = recorded;
    const work: BinaryU8Work = {
      family: 'binaryU8',
      op: op as 'Add' | 'Mul',
      rounding,
      signed: dtype === 'int8',
      shape: [256, 256],
      aStrides: [1, 0],
      bStrides: [0, 1],
      a: stored(recorded.a!, dtype),
      b: stored(recorded.b!, dtype),
      result: { ...stored(recorded.output, dtype), min: 0, max: 255 },
    };
    const numbers = Uint8Array.from({ length: 256 }, (_, x) => x);
    const bytes = asFiled(referenceBinaryU8(work, numbers, numbers), dtype);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(recorded.sha256);
  });
});
