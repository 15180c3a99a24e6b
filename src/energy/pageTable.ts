import { escapeHtml } from '../page/html.ts';
import { figures, formatRange, unitOf } from './format.ts';
import { causeNames } from './pageStyle.ts';
import { causes } from './price.ts';
import type { EnergyReport, LayerEnergy } from './report.ts';
import { type Operand, operands } from './traffic.ts';

interface Column {
  readonly title: string;
  readonly kind: 'text' | 'number';
  readonly className: string;
  /** What it shows, as HTML. */
  readonly cell: (layer: LayerEnergy, index: number) => string;
  /** What it is sorted by. */
  readonly value?: (layer: LayerEnergy, index: number) => number;
}

/** A row for each layer. */
export function layerTable({ layers, energyPj }: EnergyReport): string {
  const largest = Math.max(...layers.map((layer) => layer.energyPj.total), 1);
  const [size, unit] = unitOf(largest / 10);
  const columns = columnsOf(size, unit, energyPj.total);
  const heads = columns.map(
    ({ title, kind, className }) =>
      `<th scope="col" data-kind="${kind}" class="${className}"><button type="button">${title}</button></th>`,
  );
  const lines = layers.map((layer, i) => {
    const cells = columns.map(({ cell, value, className }) => {
      const sortedBy = value === undefined ? '' : ` data-value="${short(value(layer, i))}"`;
      const share = (100 * layer.energyPj.total) / largest;
      const bar = className.includes('share') ? ` style="--share: ${share.toFixed(1)}%"` : '';
      return `<td class="${className}"${sortedBy}${bar}>${cell(layer, i)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table id="rows">
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}

function columnsOf(size: number, unit: string, total: number): Column[] {
  return [
    number(
      '#',
      'number wide',
      (_, i) => i,
      (value) => String(value),
    ),
    {
      title: 'layer',
      kind: 'text',
      className: 'name',
      cell: ({ name, op, kernel }) =>
        `<span title="${escapeHtml(kernel ?? '')}">${escapeHtml(name)}</span>` +
        `<div class="narrow">${escapeHtml(op)}</div>`,
    },
    { title: 'operator', kind: 'text', className: 'wide', cell: ({ op }) => escapeHtml(op) },
    {
      ...number(
        `total ${unit}`,
        'number share',
        ({ energyPj }) => energyPj.total,
        (pj) => figures(pj / size),
      ),
      cell: ({ energyPj }) => {
        const { low, total: nominal, high } = energyPj;
        return `<span title="${formatRange({ low, nominal, high })}">${figures(nominal / size)}</span>`;
      },
    },
    number(
      '% of all',
      'number',
      ({ energyPj }) => (total > 0 ? (100 * energyPj.total) / total : 0),
      (value) => value.toFixed(1),
    ),
    number('MACs', 'number', ({ macs }) => macs.nominal),
    number('non-zero', 'number wide', ({ macs }) => macs.nonZero),
    number('executed', 'number wide', ({ macs }) => macs.executed ?? 0),
    ...operands.map((operand) =>
      number(`${causeNames[operand]} B`, 'number wide', ({ bytes }) => movedOf(bytes, operand)),
    ),
    ...causes.map((cause) =>
      number(
        `${causeNames[cause]} ${unit}`,
        'number wide',
        ({ energyPj }) => energyPj[cause],
        (pj) => figures(pj / size),
      ),
    ),
  ];
}

function movedOf(bytes: LayerEnergy['bytes'], operand: Operand): number {
  const { home, firstLevel, registers } = bytes[operand];
  return home + firstLevel + registers;
}

/** Nothing where it is 0. */
function number(
  title: string,
  className: string,
  value: (layer: LayerEnergy, index: number) => number,
  show: (value: number) => string = (x) => Math.round(x).toLocaleString('en-US'),
): Column {
  const cell = (layer: LayerEnergy, index: number): string => {
    const x = value(layer, index);
    return x === 0 && title !== '#' ? '' : show(x);
  };
  return { title, kind: 'number', className, cell, value };
}

/** For sorting six figures are enough. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
