import type { Range } from './range.ts';
import type { EnergyReport, Uncounted } from './report.ts';

const units = [
  [1e9, 'mJ'],
  [1e6, 'µJ'],
  [1e3, 'nJ'],
  [1, 'pJ'],
] as const;

/** 766038 as 0.766 µJ: the unit in which figures of this size are spoken of. */
export function formatEnergy(pj: number): string {
  const [size, unit] = unitOf(pj);
  return `${figures(pj / size)} ${unit}`;
}

/** Low, nominal and high in one unit: 0.766 µJ (0.682 to 3.06). */
export function formatRange({ low, nominal, high }: Range): string {
  const [size, unit] = unitOf(nominal);
  return `${figures(nominal / size)} ${unit} (${figures(low / size)} to ${figures(high / size)})`;
}

/** What a report's figures rest on; none is printed without it. */
export function describeBasis({ node, table, reuse, memory }: EnergyReport): string {
  return `node ${node}; table ${table}; reuse ${reuse}; ${memory}`;
}

/** A node and its operator, which names of TFLite nodes hold already. */
export function nodeLabel({ name, op }: Pick<Uncounted, 'name' | 'op'>): string {
  return name.endsWith(op) ? name : `${name} (${op})`;
}

/** Every node that is not counted, those of one cause in a line. */
export function describeUncounted({ uncounted }: EnergyReport): string[] {
  const causes = new Map<string, string[]>();
  for (const node of uncounted) {
    const nodes = causes.get(node.why) ?? [];
    causes.set(node.why, [...nodes, nodeLabel(node)]);
  }
  return [...causes].map(([why, nodes]) => `Not counted: ${nodes.join(', ')}: ${why}.`);
}

/** Microjoules from a tenth of one on, and so with the others. */
export function unitOf(pj: number): readonly [size: number, unit: string] {
  return units.find(([size]) => pj >= 0.1 * size) ?? units[units.length - 1]!;
}

/** Three figures. */
export function figures(value: number): string {
  if (value === 0) return '0';
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Sizes of data, in units of 1000; those of memories are in units of 1024 (memory.ts). */
export function dataSize(value: number): string {
  if (value < 1000) return `${value} B`;
  const [unit, size] = value < 1e6 ? ['kB', 1e3] : ['MB', 1e6];
  return `${(value / size).toPrecision(value / size < 1000 ? 3 : 4)} ${unit}`;
}
