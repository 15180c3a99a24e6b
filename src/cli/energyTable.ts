import { dataSize, figures, formatEnergy, formatRange, unitOf } from '../energy/format.ts';
import type { EnergyReport, LayerEnergy } from '../index.ts';
import { columns, count, percent } from './report.ts';

const causes = ['macs', 'otherOps', 'weights', 'inputs', 'partialSums', 'outputs'] as const;
const operands = ['weights', 'inputs', 'partialSums', 'outputs'] as const;
const levels = ['home', 'firstLevel', 'registers'] as const;

/** A row for each layer: MACs by kind, bytes by operand, energy by cause. */
export function layerTable({ layers, energyPj }: EnergyReport): string {
  const [size, unit] = unitOf(energyPj.total / Math.max(1, layers.length));
  const pj = (value: number): string => (value === 0 ? '' : figures(value / size));
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    kindOf(layer),
    some(layer.macs.nominal),
    some(layer.macs.nonZero),
    layer.macs.executed === null ? '?' : some(layer.macs.executed),
    ...operands.map((operand) => some(levels.reduce((n, l) => n + layer.bytes[operand][l], 0))),
    ...causes.map((cause) => pj(layer.energyPj[cause])),
    figures(layer.energyPj.total / size),
  ]);
  const head = [
    ...['layer', 'op', '', 'MACs', 'non-zero', 'executed'],
    ...['weights B', 'inputs B', 'sums B', 'outputs B'],
    ...['MACs', 'other', 'weights', 'inputs', 'sums', 'outputs', `total ${unit}`],
  ];
  return columns([head, ...rows], '<<<>>>>>>>>>>>>>>');
}

function kindOf({ macs }: LayerEnergy): string {
  const kinds = ['int8', 'ternary', 'float'] as const;
  return kinds.find((kind) => macs[kind] > 0) ?? '';
}

function some(value: number): string {
  return value === 0 ? '' : count(Math.round(value));
}

/** Bytes by operand and level of memory, and what they cost. */
export function traffic({ bytes: moved, energyPj }: EnergyReport): string {
  const rows = operands.map((operand) => [
    { weights: 'weights', inputs: 'inputs', partialSums: 'partial sums', outputs: 'outputs' }[
      operand
    ],
    dataSize(Math.round(moved[operand].home)),
    dataSize(Math.round(moved[operand].firstLevel)),
    formatEnergy(energyPj[operand]),
    percent(energyPj[operand] / energyPj.total),
  ]);
  const compute = [
    ['MACs', '', '', formatEnergy(energyPj.macs), percent(energyPj.macs / energyPj.total)],
    [
      'other operations',
      '',
      '',
      formatEnergy(energyPj.otherOps),
      percent(energyPj.otherOps / energyPj.total),
    ],
  ];
  return columns([['', 'home', 'first level', 'energy', ''], ...compute, ...rows], '<>>>>');
}

/** The totals, and what they rest on. */
export function describeReport(report: EnergyReport): string {
  const { macs, energyPj, pjPerMac, pjPerCorrect, accuracy, operations } = report;
  const kinds = (['int8', 'ternary', 'float'] as const).filter((kind) => macs[kind] > 0);
  const others = Object.entries(operations).filter(([, n]) => n > 0);
  const executed =
    macs.executed === null ? '' : `, ${count(macs.executed)} executed with the tiles' padding`;
  const rows = [
    ['energy', formatRange({ low: energyPj.low, nominal: energyPj.total, high: energyPj.high })],
    ['per MAC', formatRange(pjPerMac)],
    ...(pjPerCorrect === null
      ? []
      : [['per correct answer', `${formatRange(pjPerCorrect)} at ${percent(accuracy!)}`]]),
    [
      'model',
      `node ${report.node}; table ${report.table}; reuse ${report.reuse}; zero weights ${report.zeros}`,
    ],
    ['memory', report.memory],
    [
      'MACs',
      `${count(macs.nominal)} (${kinds.map((kind) => `${count(macs[kind])} ${kind}`).join(', ')}), ${count(macs.nonZero)} non-zero${executed}`,
    ],
    ['other operations', others.map(([kind, n]) => `${count(n)} ${kind}`).join(', ')],
  ];
  const lines = [
    columns(
      rows.map(([a, b]) => [a!, b!]),
      '<<',
    ),
    ...report.notes,
  ];
  for (const { name, op, why } of report.uncounted)
    lines.push(`not counted: ${name} (${op}): ${why}`);
  return lines.join('\n');
}
