import { RunError } from '../errors.ts';
import type { CostTable } from './costTable.ts';
import { parseNode } from './node.ts';
import { exactly, type Range } from './range.ts';

/**
 * A cost table of the user's, from parsed JSON:
 *
 *   name         what reports call it
 *   node         as the option node
 *   operations   pJ of add8, add32, multiply8, multiply32, addF32, multiplyF32; add16 if known
 *   int8Mac, ternaryMac, floatMac   if they are other than sums of these: a number, or { low,
 *                nominal, high }
 *   sram         [{ bytes, pj }, ...] rising, pJ of a 64-bit access
 *   dram         the same of DRAM: a number or a range
 *   source       where the figures come from
 *
 * @throws RunError with all that is wrong with it
 */
export function readTable(json: object): CostTable {
  const faults: { where: string; got: string; expected: string }[] = [];
  const fields = json as Fields;
  const refuse = (where: string, value: unknown, expected: string): void => {
    const got = JSON.stringify(value) ?? 'nothing';
    faults.push({
      where: `table ${where}`,
      got: got.length > 60 ? `${got.slice(0, 59)}…` : got,
      expected,
    });
  };
  const text = (where: string): string => {
    const value = fields[where];
    if (typeof value === 'string' && value.trim() !== '') return value;
    refuse(where, value, 'a text');
    return '';
  };
  const picojoules = (where: string, value: unknown): number => {
    if (typeof value === 'number' && value >= 0 && value <= 1e9) return value;
    refuse(where, value, 'picojoules, 0 or more');
    return 0;
  };
  const range = (where: string, value: unknown): Range => {
    if (typeof value !== 'object' || value === null) return exactly(picojoules(where, value));
    const { low, nominal, high } = value as Record<string, unknown>;
    const found: Range = {
      low: picojoules(`${where}.low`, low),
      nominal: picojoules(`${where}.nominal`, nominal),
      high: picojoules(`${where}.high`, high),
    };
    if (found.low > found.nominal || found.nominal > found.high)
      refuse(where, value, 'low <= nominal <= high');
    return found;
  };

  const name = text('name');
  const node = text('node');
  const operations = Object(fields.operations) as Fields;
  const operation = (key: string): number => picojoules(`operations.${key}`, operations[key]);
  const add8 = operation('add8');
  const add32 = operation('add32');
  const multiply8 = operation('multiply8');
  const multiply32 = operation('multiply32');
  const addF32 = operation('addF32');
  const multiplyF32 = operation('multiplyF32');
  const add16 = operations.add16 === undefined ? add32 : operation('add16');
  const mac = (key: string, sum: Range): Range =>
    fields[key] === undefined ? sum : range(key, fields[key]);
  const int8 = { low: multiply8 + add8, nominal: multiply8 + add32, high: multiply8 + add32 };
  const float = multiplyF32 + addF32;
  const macs = {
    int8: mac('int8Mac', int8),
    ternary: mac('ternaryMac', { low: add16, nominal: add32, high: add32 }),
    ternaryOfReals: exactly(addF32),
    float: mac('floatMac', exactly(float)),
  };
  const sram = readSram(fields.sram, picojoules, refuse);
  const dram = range('dram', fields.dram);
  const refuseOthers = (where: string, object: Fields, names: readonly string[]): void => {
    for (const key of Object.keys(object)) {
      if (names.includes(key)) continue;
      refuse(`${where}${key}`, object[key], `no other fields than ${names.join(', ')}`);
    }
  };
  refuseOthers('', fields, fieldNames);
  refuseOthers('operations.', operations, operationNames);
  if (faults.length > 0) {
    const advice = 'docs/energy-model.md says what a table holds';
    throw new RunError(faults.map((fault) => ({ ...fault, advice })));
  }
  return {
    name,
    node: parseNode(node),
    macs,
    integer: {
      addition: add32,
      multiplication: multiply8,
      comparison: add8,
      requantization: multiply32 + add32,
    },
    float: {
      addition: addF32,
      multiplication: multiplyF32,
      comparison: addF32,
      requantization: float,
    },
    memory: { sram, dram },
    sources: [{ text: String(fields.source ?? 'not stated'), standing: "the user's" }],
  };
}

type Fields = Readonly<Record<string, unknown>>;

const fieldNames = [
  ...['name', 'node', 'operations', 'int8Mac', 'ternaryMac', 'floatMac', 'sram', 'dram', 'source'],
];
const operationNames = [
  ...['add8', 'add16', 'add32', 'multiply8', 'multiply32', 'addF32', 'multiplyF32'],
];

function readSram(
  value: unknown,
  picojoules: (where: string, value: unknown) => number,
  refuse: (where: string, value: unknown, expected: string) => void,
) {
  if (!Array.isArray(value) || value.length === 0) {
    refuse('sram', value, 'a list of at least one { bytes, pj }');
    return [];
  }
  let before = 0;
  return value.map((entry: unknown, i) => {
    const { bytes, pj } = Object(entry) as Record<string, unknown>;
    const isRising = typeof bytes === 'number' && bytes > before;
    if (!isRising) refuse(`sram[${i}].bytes`, bytes, 'a size above the one before');
    else before = bytes;
    // Interpolated in logarithms: 0 has none.
    if (pj === 0) refuse(`sram[${i}].pj`, pj, 'more than 0');
    return { bytes: isRising ? bytes : 1, pj: picojoules(`sram[${i}].pj`, pj) };
  });
}
