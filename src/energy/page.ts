import { embed, escapeHtml, htmlPage } from '../page/html.ts';
import { causeNames } from './causeNames.ts';
import { chartData } from './chartData.ts';
import {
  dataSize,
  describeBasis,
  describeUncounted,
  figures,
  formatRange,
  nodeLabel,
  unitOf,
} from './format.ts';
import { pageStyle } from './pageStyle.ts';
import { layerTable } from './pageTable.ts';
import { causes } from './price.ts';
import type { EnergyReport } from './report.ts';
import { unpack } from './unpackBrowser.ts';

/** What a page says beside the report. */
export interface EnergyPageOptions {
  /** The same model under other assumptions, for comparison. */
  readonly others?: readonly EnergyReport[] | undefined;
  /** Energy measured on a machine, in sentences: it stands apart from what is modelled. */
  readonly measured?: readonly string[] | undefined;
  readonly date: string;
}

/**
 * The report as one HTML file that needs nothing else: totals, charts, a table that can be sorted.
 * Without scripts the totals and the table still stand there.
 * @param charts the built pageBrowser.ts, gzipped, in base64
 */
export function energyPage(
  report: EnergyReport,
  { others = [], measured = [], date }: EnergyPageOptions,
  charts: string,
): string {
  const title = `Energy of ${report.model}`;
  const body = `<h1>${escapeHtml(title)}</h1>
<p class="facts">One forward pass. Modelled: ${escapeHtml(describeBasis(report))}. <span class="together">microjoule energy, ${escapeHtml(date)}</span></p>
${warning(report)}
${tiles(report)}
${otherAssumptions([report, ...others])}
${measuredSection(measured)}
<h2>Energy by layer</h2>
<p class="note">Each bar is a layer, in the order of the network, cut by what causes its energy.</p>
${legend(report)}
<figure id="layers"></figure>
<h2>Energy of a MAC</h2>
<p class="note">Each mark is a layer, the larger the more energy it takes: how many multiply-accumulates it makes of
a byte that it moves, and what one costs, traffic included. The line is what the arithmetic alone costs in the mean;
the dashed curve adds bytes at this network's mean price. Layers far above the line spend their energy on memory.</p>
<figure id="macs"></figure>
<h2>Memory of the maps</h2>
<p class="note">What lies where between which layers; ${dataSize(report.bytes.activationBytes)} at most.</p>
<figure id="memory"></figure>
<h2>Layers</h2>
<p class="note">B are bytes from the memory where they lie; beneath them, where tiles are counted, those loaded again from
the first level. – is what has no price.</p>
<div class="scroll">
${layerTable(report)}
</div>
<h2>Notes</h2>
${notes(report)}
<script type="application/json" id="data">${embed(chartData(report))}</script>
<script type="text/plain" id="charts">${charts}</script>
<script>${unpack}</script>`;
  return htmlPage(title, pageStyle, body);
}

/** Figures that lack something say so where they stand. */
function warning({ uncounted }: EnergyReport): string {
  if (uncounted.length === 0) return '';
  const names = uncounted.slice(0, 3).map(nodeLabel);
  const more = uncounted.length > 3 ? ` and ${uncounted.length - 3} more` : '';
  return `<p class="warning">Not complete: the figures are without ${escapeHtml(names.join(', '))}${more}, which could not be counted.</p>`;
}

/** The figures that are looked for first. */
function tiles(report: EnergyReport): string {
  const { macs, energyPj, pjPerMac, pjPerCorrect, accuracy, bytes, uncounted } = report;
  const total = { low: energyPj.low, nominal: energyPj.total, high: energyPj.high };
  const kinds = (['int8', 'ternary', 'float'] as const).filter((kind) => macs[kind] > 0);
  const executed = macs.executed === null ? '' : `, ${whole(macs.executed)} executed`;
  const list: [title: string, value: string, more: string][] = [
    [
      'Energy',
      formatRange(total),
      `low to high in brackets${uncounted.length > 0 ? ', of what could be counted' : ''}`,
    ],
    [
      'MACs',
      whole(macs.nominal),
      `${kinds.map((kind) => `${whole(macs[kind])} ${kind}, `).join('')}${whole(macs.nonZero)} non-zero${executed}`,
    ],
    ['Energy of a MAC', formatRange(pjPerMac), 'all energy over nominal MACs'],
    [
      'Parameters',
      dataSize(bytes.parameterBytes),
      `maps ${dataSize(bytes.activationBytes)} at most`,
    ],
  ];
  if (pjPerCorrect !== null) {
    const share = `${(100 * accuracy!).toFixed(1)} % right answers`;
    list.push(['Energy of a right answer', formatRange(pjPerCorrect), share]);
  }
  const items = list.map(([title, value, more]) => {
    const [first, ...rest] = value.split(' (');
    const range = rest.length > 0 ? `<span>(${rest.join(' (')}</span>` : '';
    return `<div><dt>${title}</dt><dd><b>${first}</b> ${range}<small>${more}</small></dd></div>`;
  });
  return `<dl class="tiles">\n${items.join('\n')}\n</dl>`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function otherAssumptions(reports: readonly EnergyReport[]): string {
  if (reports.length < 2) return '';
  const rows = reports.map(({ node, table, memory, reuse, energyPj }, i) => {
    const [size, unit] = unitOf(energyPj.total);
    const mark = i === 0 ? ' class="own"' : '';
    const bounds = [energyPj.low, energyPj.total, energyPj.high];
    const [name, ...rest] = [table, node, reuse, memory].map(escapeHtml);
    const first = `<td>${name}<div class="narrow">${rest[0]}</div></td>`;
    const cells = [first, ...rest.map((text) => `<td>${text}</td>`)];
    const numbers = bounds.map((pj) => `<td class="number">${figures(pj / size)} ${unit}</td>`);
    return `<tr${mark}>${cells.join('')}${numbers.join('')}</tr>`;
  });
  const heads = ['table', 'node', 'reuse', 'memory', 'low', 'nominal', 'high'];
  return `<h2>Under these and other assumptions</h2>
<div class="scroll"><table id="assumptions">
<thead><tr>${heads.map((head, i) => `<th scope="col"${i > 3 ? ' class="number"' : ''}>${head}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table></div>`;
}

function measuredSection(lines: readonly string[]): string {
  if (lines.length === 0) return '';
  const items = lines.map((line) => `<p>${escapeHtml(line)}</p>`);
  return `<h2>Measured on a machine</h2>\n${items.join('\n')}`;
}

function legend({ energyPj }: EnergyReport): string {
  const [size, unit] = unitOf(energyPj.total);
  const items = causes
    .filter((cause) => energyPj[cause] > 0)
    .map((cause) => {
      const share = ((100 * energyPj[cause]) / energyPj.total).toFixed(1);
      return `<li><svg width="26" height="14" aria-hidden="true"><rect width="26" height="14" fill="url(#fill-${cause})"/></svg>
<span>${causeNames[cause]}</span> <b>${figures(energyPj[cause] / size)} ${unit}</b> <small>${share} %</small></li>`;
    });
  return `${patterns()}<ul class="causes">\n${items.join('\n')}\n</ul>`;
}

/** A colour and a hatching for each cause: told apart without colour too. */
function patterns(): string {
  const lines: Readonly<Record<(typeof causes)[number], string>> = {
    macs: '',
    otherOps: '<path d="M0 6 6 0"/>',
    weights: '<circle cx="3" cy="3" r="1.1"/>',
    inputs: '<path d="M0 3h6"/>',
    partialSums: '<path d="M0 0l6 6M0 6l6-6"/>',
    outputs: '<path d="M3 0v6"/>',
  };
  const list = causes.map(
    (cause) =>
      `<pattern id="fill-${cause}" width="6" height="6" patternUnits="userSpaceOnUse">` +
      `<rect width="6" height="6" fill="var(--${cause})"/><g class="hatch">${lines[cause]}</g></pattern>`,
  );
  return `<svg width="0" height="0" class="patterns" aria-hidden="true"><defs>${list.join('')}</defs></svg>`;
}

function notes(report: EnergyReport): string {
  const lines = [...report.notes, ...describeUncounted(report)];
  return lines.map((line) => `<p class="note">${escapeHtml(line)}</p>`).join('\n');
}
