import { dot, gridX, gridY, line, plot, pointer, tip } from '@observablehq/plot';
import { makeSortable } from '../page/sortBrowser.ts';
import { type PlotData, type PlotPoint, roofline } from './roofline.ts';

/** What the page of a report does once it is open: the plot, sorting, filtering. */

const data = JSON.parse(document.getElementById('plot-data')!.textContent!) as PlotData;
const figure = document.getElementById('roofline')!;
const table = document.querySelector<HTMLTableElement>('table#rows')!;
const search = document.querySelector<HTMLInputElement>('#search')!;
const picksOnly = document.querySelector<HTMLInputElement>('#picks')!;

draw();
new ResizeObserver(draw).observe(figure.parentElement!);

makeSortable(table);
search.addEventListener('input', select);
picksOnly.addEventListener('change', select);

/** Draws the plot as wide as there is room. */
function draw(): void {
  const width = Math.max(280, figure.clientWidth);
  const points = data.points.filter(isSelected);
  const { x, y, roofs, loads } = roofline({ ...data, points });
  const color = (path: string): string => `var(--${path})`;
  const ofPoint = { x: 'intensity', y: 'rate' } as const;
  const chart = plot({
    width,
    height: Math.round(Math.min(520, Math.max(320, width * 0.55))),
    marginLeft: 44,
    marginRight: 12,
    marginBottom: 40,
    style: { fontSize: '12px', background: 'none', overflow: 'visible' },
    x: { type: 'log', domain: x, label: 'MACs per byte', ticks: ticksOf(x), tickFormat: String },
    y: { type: 'log', domain: y, label: 'GMAC/s', ticks: ticksOf(y), tickFormat: String },
    marks: [
      gridX({ strokeOpacity: 0.08 }),
      gridY({ strokeOpacity: 0.08 }),
      ...loads.map((load) =>
        line(load, { stroke: 'currentColor', strokeOpacity: 0.45, strokeDasharray: '4 3' }),
      ),
      ...roofs.map(({ path, line: ends }) =>
        line(ends, { stroke: color(path), strokeWidth: 1.75, strokeOpacity: 0.9 }),
      ),
      ...roofs.map(({ path }) =>
        dot(
          points.filter((point) => point.path === path && !point.isPick),
          { ...ofPoint, r: 3, stroke: color(path), strokeOpacity: 0.6 },
        ),
      ),
      ...roofs.map(({ path }) =>
        dot(
          points.filter((point) => point.path === path && point.isPick),
          {
            ...ofPoint,
            r: 4,
            fill: color(path),
            fillOpacity: 0.85,
            stroke: 'var(--paper)',
            strokeWidth: 0.5,
          },
        ),
      ),
      tip(
        points,
        pointer({
          ...ofPoint,
          title: 'title',
          fill: 'var(--paper)',
          maxRadius: 24,
          lineHeight: 1.3,
        }),
      ),
    ],
  });
  chart.setAttribute('role', 'img');
  chart.setAttribute('aria-label', 'Roofline: rate of each kernel over its MACs per byte');
  figure.replaceChildren(chart);
}

/** Those of 1, 2, 5, 10, 20, ... and of 0.5, 0.2, ... that lie in the domain. */
function ticksOf([low = 1, high = 1]: readonly number[]): number[] {
  const powers = Array.from({ length: 9 }, (_, i) => i - 3);
  const series = powers.flatMap((power) => [1, 2, 5].map((first) => Number(`${first}e${power}`)));
  return series.filter((value) => value >= low && value <= high);
}

function isSelected({ title, isPick }: PlotPoint): boolean {
  const wanted = search.value.trim().toLowerCase();
  return title.toLowerCase().includes(wanted) && (isPick || !picksOnly.checked);
}

/** Shows the rows, and the points, that the controls ask for. */
function select(): void {
  const wanted = search.value.trim().toLowerCase();
  let shown = 0;
  for (const row of Array.from(table.tBodies[0]!.rows)) {
    const isWanted = (row.dataset.text ?? '').includes(wanted);
    row.hidden = !isWanted || (picksOnly.checked && row.dataset.pick === undefined);
    if (!row.hidden) shown++;
  }
  document.getElementById('shown')!.textContent = `${shown} rows`;
  draw();
}
