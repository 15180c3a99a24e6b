import { embed, escapeHtml, htmlPage } from '../page/html.ts';
import type { BenchReport, BenchRow } from './bench.ts';
import { pageStyle } from './pageStyle.ts';
import { plotData } from './roofline.ts';

/** What a page says beside the figures. */
export interface PageFacts {
  /** Processor, engine, kernels. */
  readonly machine: string;
  readonly date: string;
  /** What the plot and the table do in the browser: the built pageBrowser.ts. */
  readonly script: string;
}

/**
 * The report as one HTML file that needs nothing else: a roofline plot, the ceilings, a table that
 * can be sorted. Without scripts the table still stands there.
 */
export function benchPage(report: BenchReport, { machine, date, script }: PageFacts): string {
  const body = `<h1>Kernel throughput</h1>
<p class="facts">${escapeHtml(machine)}<br>microjoule bench, ${escapeHtml(date)}, one thread</p>
<h2>Roofline</h2>
<p class="note">Each dot is a kernel on a layer: how much it multiplies for each byte of its operands
and weights, and how fast. Filled dots are what a plan takes. Lines are what this machine does at
most, measured in the same run: level, the instructions; dashed, reading memory.</p>
<figure id="roofline"></figure>
${legend(report)}
<h2>Kernels</h2>
<div class="controls">
<input type="search" id="search" placeholder="kernel, shape or network" aria-label="Filter">
<label><input type="checkbox" id="picks"> what plans take only</label>
<output id="shown">${report.rows.length} rows</output>
</div>
<div class="scroll">
${table(report.rows)}
</div>
${notes(report)}
<script type="application/json" id="plot-data">${embed(plotData(report))}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>`;
  return htmlPage(`microjoule bench: ${machine}`, pageStyle, body);
}

function legend({ ceilings }: BenchReport): string {
  const paths = ceilings.paths.map(
    ({ path, instructions, macsPerSecond }) =>
      `<li><i style="color: var(--${path})"></i><span>${path}</span>` +
      `<b>${(macsPerSecond / 1e9).toFixed(1)} ${path === 'addI16' ? 'Gadd/s' : 'GMAC/s'}</b><small>${escapeHtml(instructions)}</small></li>`,
  );
  const loads = ceilings.loads.map(
    ({ bytes, bytesPerSecond }) =>
      `<li><i class="load"></i><span>load ${binaryBytes(bytes)}</span>` +
      `<b>${(bytesPerSecond / 1e9).toFixed(1)} GB/s</b></li>`,
  );
  return `<ul class="legend">\n${[...paths, ...loads].join('\n')}\n</ul>`;
}

/** Caches come in powers of 2. */
export function binaryBytes(value: number): string {
  return value < 2 ** 20 ? `${value / 2 ** 10} KiB` : `${value / 2 ** 20} MiB`;
}

interface Column {
  readonly title: string;
  readonly kind: 'text' | 'number';
  readonly className?: string;
  /** What it shows, as HTML. */
  readonly cell: (row: BenchRow) => string;
  /** What it is sorted by. */
  readonly value?: (row: BenchRow) => number;
}

const columns: readonly Column[] = [
  { title: 'shape', kind: 'text', className: 'shape', cell: shapeCell },
  { title: 'kernel', kind: 'text', className: 'kernel wide', cell: kernelCell },
  number('µs', (row) => 1000 * (row.timing?.medianMs ?? 0), 'three figures'),
  { ...number('± %', (row) => 50 * (row.timing?.spread ?? 0), 1), className: 'number wide' },
  number('GMAC/s', ({ macsPerSecond }) => macsPerSecond / 1e9, 1),
  {
    ...number('Gadd/s', (row) => (row.additionsPerSecond ?? 0) / 1e9, 1),
    className: 'number wide',
  },
  { ...number('GB/s', ({ bytesPerSecond }) => bytesPerSecond / 1e9, 1), className: 'number wide' },
  { ...number('% of ceiling', ({ share }) => 100 * share, 1), className: 'number share' },
  {
    title: 'ceiling',
    kind: 'text',
    className: 'wide',
    cell: ({ roof, path, fault }) =>
      fault === undefined
        ? (roof.by === 'path' && path) || 'load'
        : `<span class="wrong">wrong: ${escapeHtml(fault)}</span>`,
  },
  {
    title: 'networks',
    kind: 'text',
    className: 'networks wide',
    cell: ({ networks }) => escapeHtml(networks.join(', ')),
  },
];

/** On a narrow screen the kernel stands below its shape. */
function shapeCell(row: BenchRow): string {
  return `${escapeHtml(row.shape)}<div class="narrow kernel">${kernelCell(row)}</div>`;
}

function kernelCell({ kernel, isPick, why }: BenchRow): string {
  const star = isPick ? ' <span class="pick" title="what a plan takes">*</span>' : '';
  return `<span title="${escapeHtml(why)}">${escapeHtml(kernel)}</span>${star}`;
}

/** Nothing where it is 0: another unit is the row's. */
function number(
  title: string,
  value: (row: BenchRow) => number,
  digits: number | 'three figures',
): Column {
  const cell = (row: BenchRow): string => {
    const x = value(row);
    const count = digits === 'three figures' ? (x < 100 ? 2 : x < 1000 ? 1 : 0) : digits;
    const format = { minimumFractionDigits: count, maximumFractionDigits: count };
    return x > 0 ? x.toLocaleString('en-US', format) : '';
  };
  return { title, kind: 'number', className: 'number', cell, value };
}

function table(rows: readonly BenchRow[]): string {
  const heads = columns.map(
    ({ title, kind, className = '' }) =>
      `<th scope="col" data-kind="${kind}" class="${className}">` +
      `<button type="button">${title}</button></th>`,
  );
  const lines = rows.map((row) => {
    const text = `${row.shape} ${row.kernel} ${row.networks.join(' ')}`.toLowerCase();
    const cells = columns.map(({ cell, title, value, className = '' }) => {
      // What a cell shows on a narrow screen is more than its own value.
      const key = value?.(row) ?? (title === 'shape' ? escapeHtml(row.shape) : undefined);
      const sortedBy = key === undefined ? '' : ` data-value="${key}"`;
      const bar = className.includes('share')
        ? ` style="--share: ${Math.min(100, 100 * row.share).toFixed(1)}%"`
        : '';
      return `<td class="${className}"${sortedBy}${bar}>${cell(row)}</td>`;
    });
    const pick = row.isPick ? ' data-pick' : '';
    return `<tr data-text="${escapeHtml(text)}"${pick}>${cells.join('')}</tr>`;
  });
  return `<table id="rows">
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}

function notes({ rows, absent, repeated, disturbed }: BenchReport): string {
  const wrong = rows.filter(({ fault }) => fault !== undefined).length;
  const lines = [
    '* what a plan takes. µs: median of a call; ±: half of the middle half of the samples. GB/s of operands and weights, once each.',
    'Kernels that need fewer products than MACs may be above a ceiling: Winograd, two channels in a product.',
    wrong === 0
      ? `${rows.length} results were verified before they were timed.`
      : `${wrong} of ${rows.length} results are wrong and were not timed.`,
    `${repeated} disturbed samples were taken again${disturbed > 0 ? `, ${disturbed} counted` : ''}.`,
    ...absent.map(
      ({ kernels, reason }) => `Not on this machine: ${kernels.join(', ')} (${reason}).`,
    ),
  ];
  const items = lines.map((text) => `<p class="note">${escapeHtml(text)}</p>`);
  return `<h2>Notes</h2>\n${items.join('\n')}`;
}
