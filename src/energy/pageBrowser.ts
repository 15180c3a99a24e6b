import { makeSortable } from '../page/sortBrowser.ts';
import type { ChartData } from './chartData.ts';
import { type Compared, latencyOf, nominalPj } from './compare.ts';
import { drawLayers, drawMacs, drawMemory } from './layerChartsBrowser.ts';
import { drawPareto } from './paretoBrowser.ts';

/** What the page of a report or of a comparison does once it is open: the charts, and sorting. */

const data: unknown = JSON.parse(document.getElementById('data')!.textContent!);

makeSortable(document.querySelector<HTMLTableElement>('table#rows')!);
drawAll();
new ResizeObserver(drawAll).observe(document.body);

function drawAll(): void {
  if (Array.isArray(data)) drawComparison(data as Compared[]);
  else drawReport(data as ChartData);
}

function drawReport(report: ChartData): void {
  draw('layers', (width) => drawLayers(report, width), 'Energy of each layer by its cause');
  draw('macs', (width) => drawMacs(report, width), 'Energy of a MAC over MACs per byte');
  draw('memory', (width) => drawMemory(report, width), 'Memory of the maps over the layers');
}

function drawComparison(models: readonly Compared[]): void {
  const energy = (width: number) => drawPareto(models, 'energy a run', nominalPj, width);
  const latency = (width: number) => drawPareto(models, 'ms a run', latencyOf, width);
  draw('pareto-energy', energy, 'Accuracy over energy');
  draw('pareto-latency', latency, 'Accuracy over latency');
}

/** Draws a chart as wide as there is room. */
function draw(id: string, chart: (width: number) => Element, label: string): void {
  const figure = document.getElementById(id)!;
  const width = Math.max(280, figure.clientWidth);
  if (figure.dataset.width === String(width)) return;
  figure.dataset.width = String(width);
  const drawn = chart(width);
  drawn.setAttribute('role', 'img');
  drawn.setAttribute('aria-label', label);
  figure.replaceChildren(drawn);
}
