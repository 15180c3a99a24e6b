import { dataSize, describeUncounted, figures, formatRange, unitOf } from '../energy/format.ts';
import type { EnergyReport, LayerEnergy } from '../index.ts';
import { columns, count, percent } from './report.ts';

const causes = ['macs', 'otherOps', 'weights', 'inputs', 'partialSums', 'outputs'] as const;
const operands = ['weights', 'inputs', 'partialSums', 'outputs'] as const;

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
    some(Object.values(layer.operations).reduce((sum: number, n: number) => sum + n, 0)),
    ...operands.map((operand) => levels(layer.bytes[operand])),
    ...causes.map((cause) => pj(layer.energyPj[cause])),
    ...(layer.energyPj.total === 0
      ? ['', 'no price', '']
      : (['low', 'total', 'high'] as const).map((bound) => figures(layer.energyPj[bound] / size))),
  ]);
  const head = [
    ...['layer', 'op', '', 'MACs', 'non-zero', 'executed', 'other ops'],
    ...['weights B', 'inputs B', 'sums B', 'outputs B'],
    ...['MACs', 'other', 'weights', 'inputs', 'sums', 'outputs'],
    ...['low', `total ${unit}`, 'high'],
  ];
  return columns([head, ...rows], '<<<>>>>>>>>>>>>>>>>>');
}

function kindOf({ macs }: LayerEnergy): string {
  const kinds = ['int8', 'ternary', 'float'] as const;
  return kinds.find((kind) => macs[kind] > 0) ?? '';
}

function some(value: number): string {
  return value === 0 ? '' : count(Math.round(value));
}

/** Bytes from the home memory, and those that tiles load again from the first level. */
function levels({ home, firstLevel }: { readonly home: number; readonly firstLevel: number }) {
  return firstLevel === 0
    ? some(home)
    : `${count(Math.round(home))}+${count(Math.round(firstLevel))}`;
}

/** Bytes by operand and level of memory, and what they cost. */
export function traffic({ bytes: moved, energyPj }: EnergyReport): string {
  const [size, unit] = unitOf(energyPj.total);
  const cost = (cause: (typeof causes)[number]): string[] => [
    `${figures(energyPj[cause] / size)} ${unit}`,
    percent(energyPj.total === 0 ? 0 : energyPj[cause] / energyPj.total),
  ];
  const rows = operands.map((operand) => [
    { weights: 'weights', inputs: 'inputs', partialSums: 'partial sums', outputs: 'outputs' }[
      operand
    ],
    dataSize(Math.round(moved[operand].home)),
    dataSize(Math.round(moved[operand].firstLevel)),
    ...cost(operand),
  ]);
  const compute = [
    ['MACs', '', '', ...cost('macs')],
    ['other operations', '', '', ...cost('otherOps')],
  ];
  return columns([['', 'home', 'first level', 'nominal', ''], ...compute, ...rows], '<>>>>');
}

/** The totals, and what they rest on. */
export function describeReport(report: EnergyReport): string {
  const { macs, energyPj, pjPerMac, pjPerCorrect, accuracy, operations } = report;
  const kinds = (['int8', 'ternary', 'float'] as const).filter((kind) => macs[kind] > 0);
  const byKind =
    kinds.length > 0 ? ` (${kinds.map((kind) => `${count(macs[kind])} ${kind}`).join(', ')})` : '';
  const others = Object.entries(operations).filter(([, n]) => n > 0);
  const executed =
    macs.executed === null ? '' : `, ${count(macs.executed)} executed with the tiles' padding`;
  const rows = [
    [
      'energy',
      formatRange({ low: energyPj.low, nominal: energyPj.total, high: energyPj.high }) +
        (report.uncounted.length > 0 ? ' of what could be counted' : ''),
    ],
    ['per MAC', formatRange(pjPerMac)],
    ...(pjPerCorrect === null
      ? []
      : [['per correct answer', `${formatRange(pjPerCorrect)} at ${percent(accuracy!)}`]]),
    [
      'model',
      `node ${report.node}; table ${report.table}; reuse ${report.reuse}; zero weights ${report.zeros}`,
    ],
    ['memory', report.memory],
    ['MACs', `${count(macs.nominal)}${byKind}, ${count(macs.nonZero)} non-zero${executed}`],
    ['other operations', others.map(([kind, n]) => `${count(n)} ${kind}`).join(', ')],
  ];
  const lines = [
    columns(
      rows.map(([a, b]) => [a!, b!]),
      '<<',
    ),
    ...report.notes,
    ...describeUncounted(report),
  ];
  return lines.join('\n');
}
