import { escapeHtml } from '../page/html.ts';
import { causeNames } from './causeNames.ts';
import { figures, formatRange, unitOf } from './format.ts';
import { causes } from './price.ts';
import type { EnergyReport, LayerEnergy } from './report.ts';
import { type Levels, movedBytes, operands } from './traffic.ts';

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
  // Columns of nothing but 0 only take room.
  const columns = columnsOf(size, unit, energyPj.total).filter(
    ({ value }) => value === undefined || layers.some((layer, i) => value(layer, i) > 0),
  );
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
      'number wide screen',
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
    { title: 'operator', kind: 'text', className: 'wide screen', cell: ({ op }) => escapeHtml(op) },
    {
      ...number(
        `total ${unit}`,
        'number share',
        ({ energyPj }) => energyPj.total,
        (pj) => figures(pj / size),
      ),
      cell: ({ energyPj }) => {
        const { low, total: nominal, high } = energyPj;
        if (nominal === 0) return '<span title="What it does has no price">–</span>';
        return `<span title="${formatRange({ low, nominal, high })}">${figures(nominal / size)}</span>`;
      },
    },
    ...(['low', 'high'] as const).map((bound) =>
      number(
        `${bound} ${unit}`,
        'number wide screen',
        ({ energyPj }) => energyPj[bound],
        (pj) => figures(pj / size),
      ),
    ),
    number(
      'share %',
      'number screen',
      ({ energyPj }) => (total > 0 ? (100 * energyPj.total) / total : 0),
      (value) => value.toFixed(1),
    ),
    number('MACs', 'number', ({ macs }) => macs.nominal),
    number('non-zero', 'number wide', ({ macs }) => macs.nonZero),
    number('executed', 'number wide screen', ({ macs }) => macs.executed ?? 0),
    {
      ...number('other ops', 'number wide screen', ({ operations }) => operationsIn(operations)),
      cell: ({ operations }) => otherOperations(operations),
    },
    ...operands.map((operand) => ({
      ...number(`${causeNames[operand]} B`, 'number wide', ({ bytes }) =>
        movedBytes(bytes[operand]),
      ),
      cell: ({ bytes }: LayerEnergy) => levels(bytes[operand]),
    })),
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

function operationsIn(operations: LayerEnergy['operations']): number {
  return Object.values(operations).reduce((sum: number, n: number) => sum + n, 0);
}

/** Their number, and of which kinds they are. */
function otherOperations(operations: LayerEnergy['operations']): string {
  const kinds = Object.entries(operations).filter(([, n]) => n > 0);
  if (kinds.length === 0) return '';
  const title = kinds.map(([kind, n]) => `${whole(n)} ${kind}`).join(', ');
  return `<span title="${title}">${whole(operationsIn(operations))}</span>`;
}

/** Bytes from the home memory, and beneath them those from the first level. */
function levels({ home, firstLevel }: Levels): string {
  if (firstLevel === 0) return home === 0 ? '' : whole(home);
  return `${whole(home)}<small>+ ${whole(firstLevel)}</small>`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Nothing where it is 0. */
function number(
  title: string,
  className: string,
  value: (layer: LayerEnergy, index: number) => number,
  show: (value: number) => string = whole,
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
