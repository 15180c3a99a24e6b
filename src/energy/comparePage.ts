import { embed, escapeHtml, htmlPage } from '../page/html.ts';
import { type Compared, latencyOf, nominalPj, paretoFront } from './compare.ts';
import { dataSize, figures, unitOf } from './format.ts';
import { pageStyle } from './pageStyle.ts';
import type { Range } from './range.ts';
import { unpack } from './unpackBrowser.ts';

export interface ComparePageFacts {
  /** What the energy is modelled by, in words. */
  readonly assumptions: string;
  /** What the latency was measured on. */
  readonly machine: string;
  readonly date: string;
}

/**
 * Models side by side as one HTML file that needs nothing else.
 * @param charts the built pageBrowser.ts, gzipped, in base64
 */
export function comparePage(
  models: readonly Compared[],
  { assumptions, machine, date }: ComparePageFacts,
  charts: string,
): string {
  const unknown = models.filter(({ accuracy }) => accuracy === null);
  const missing =
    unknown.length === 0
      ? ''
      : `<p class="note">Not drawn, their accuracy is not known: ${escapeHtml(unknown.map(({ model }) => model).join(', '))}.</p>`;
  const body = `<h1>${models.length} models side by side</h1>
<p class="facts">Energy is modelled: ${escapeHtml(assumptions)}.<br>Latency is measured: ${escapeHtml(machine)}.<br>
microjoule compare, ${escapeHtml(date)}</p>
<h2>Accuracy for energy</h2>
<p class="note">The line joins the models that no other beats. Bars reach from the low to the high figure.</p>
<figure id="pareto-energy"></figure>
<h2>Accuracy for time</h2>
<figure id="pareto-latency"></figure>
${missing}
<h2>Models</h2>
<div class="scroll">
${table(models)}
</div>
<p class="note">* no other model is as accurate for less, or more accurate for as much. Beneath each energy its low and high
figure.</p>
<script type="application/json" id="data">${embed(models)}</script>
<script type="text/plain" id="charts">${charts}</script>
<script>${unpack}</script>`;
  return htmlPage('microjoule compare', pageStyle, body);
}

/** The nominal figure, and its bounds beneath it. */
function inTwoLines({ low, nominal, high }: Range, mark = ''): string {
  const [size, unit] = unitOf(nominal);
  const [first, last] = [low, high].map((pj) => figures(pj / size));
  return `${figures(nominal / size)} ${unit}${mark}<small>${first} to ${last}</small>`;
}

interface Column {
  readonly title: string;
  readonly cell: (model: Compared) => string;
  /** What it is sorted by; text without one. */
  readonly value?: (model: Compared) => number;
  /** Left out where the screen is narrow. */
  readonly isWide?: true;
}

function table(models: readonly Compared[]): string {
  const energy = new Set(paretoFront(models, nominalPj));
  const latency = new Set(paretoFront(models, latencyOf));
  const whole = (value: number): string => value.toLocaleString('en-US');
  const columns: readonly Column[] = [
    {
      title: 'model',
      cell: ({ model, macs }) =>
        `${escapeHtml(model)}<div class="narrow">${whole(macs)} MACs</div>`,
    },
    {
      title: 'accuracy %',
      cell: ({ accuracy }) => (accuracy === null ? '?' : (100 * accuracy).toFixed(2)),
      value: ({ accuracy }) => accuracy ?? 0,
    },
    { title: 'MACs', cell: ({ macs }) => whole(macs), value: ({ macs }) => macs, isWide: true },
    {
      title: 'parameters',
      cell: ({ params }) => whole(params),
      value: ({ params }) => params,
      isWide: true,
    },
    {
      title: 'weights',
      cell: ({ weightBytes }) => dataSize(weightBytes),
      value: ({ weightBytes }) => weightBytes,
      isWide: true,
    },
    {
      title: 'maps',
      cell: ({ arenaBytes }) => dataSize(arenaBytes),
      value: ({ arenaBytes }) => arenaBytes,
      isWide: true,
    },
    {
      title: 'energy',
      cell: (model) => inTwoLines(model.energyPj, energy.has(model) ? ' *' : ''),
      value: nominalPj,
    },
    {
      title: 'per right answer',
      cell: ({ pjPerCorrect }) => (pjPerCorrect === null ? '?' : inTwoLines(pjPerCorrect)),
      value: ({ pjPerCorrect }) => pjPerCorrect?.nominal ?? 0,
      isWide: true,
    },
    {
      title: 'latency ms',
      cell: (model) => `${figures(model.latencyMs)}${latency.has(model) ? ' *' : ''}`,
      value: latencyOf,
    },
  ];
  const classOf = ({ value, isWide }: Column): string =>
    `${value === undefined ? 'name' : 'number'}${isWide ? ' wide' : ''}`;
  const heads = columns.map((column) => {
    const kind = column.value === undefined ? 'text' : 'number';
    return `<th scope="col" data-kind="${kind}" class="${classOf(column)}"><button type="button">${column.title}</button></th>`;
  });
  const rows = models.map((model) => {
    const cells = columns.map((column) => {
      const sortedBy = column.value === undefined ? '' : ` data-value="${column.value(model)}"`;
      return `<td class="${classOf(column)}"${sortedBy}>${column.cell(model)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table id="rows">
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>`;
}
