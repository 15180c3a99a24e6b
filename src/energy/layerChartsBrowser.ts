import {
  axisX,
  barX,
  dot,
  gridX,
  gridY,
  line,
  plot,
  pointer,
  pointerY,
  rect,
  ruleY,
  tip,
} from '@observablehq/plot';
import type { ChartData, ChartLayer } from './chartData.ts';
import { nothing, shorten, style, ticksOf, tipStyle } from './chartPartsBrowser.ts';
import { formatEnergy, unitOf } from './format.ts';
import { causes } from './price.ts';

/** A bar for each layer that costs something, cut by cause. */
export function drawLayers(data: ChartData, width: number): Element {
  const layers = data.layers
    .map((layer, index) => ({ ...layer, index, total: sum(layer.pj) }))
    .filter(({ total }) => total > 0);
  const largest = Math.max(...layers.map(({ total }) => total));
  const [size, unit] = unitOf(largest / 10);
  const parts = layers.flatMap((layer) => {
    let start = 0;
    return causes.map((cause, i) => {
      const from = start;
      start += layer.pj[i]! / size;
      return { index: layer.index, cause, from, to: start };
    });
  });
  const isNarrow = width < 600;
  const longest = Math.max(...layers.map(({ name }) => name.length));
  const most = isNarrow ? 16 : 34;
  const marginLeft = 10 + 7.4 * Math.min(longest, most);
  const rowHeight = layers.length > 40 ? 15 : 19;
  return plot({
    width,
    height: 58 + rowHeight * layers.length,
    marginLeft,
    marginRight: 12,
    marginTop: 44,
    marginBottom: 8,
    style,
    x: { label: unit, domain: [0, (1.02 * largest) / size] },
    y: {
      domain: layers.map(({ index }) => index),
      label: null,
      tickSize: 0,
      tickFormat: (index: number) => shorten(data.layers[index]!.name, most),
    },
    marks: [
      gridX({ strokeOpacity: 0.1 }),
      axisX({ anchor: 'top', ticks: isNarrow ? 4 : 8, label: unit, labelOffset: 34 }),
      barX(
        parts.filter(({ from, to }) => to > from),
        {
          y: 'index',
          x1: 'from',
          x2: 'to',
          fill: (part: { cause: string }) => `url(#fill-${part.cause})`,
          insetTop: 1.5,
          insetBottom: 1.5,
          insetRight: 0.5,
        },
      ),
      tip(layers, {
        ...pointerY({
          y: 'index',
          x: (layer: { total: number }) => layer.total / size,
          title: titleOf,
        }),
        ...tipStyle,
      }),
    ],
  });
}

/** Each layer that multiplies: how many MACs a byte serves, and what a MAC then costs. */
export function drawMacs(data: ChartData, width: number): Element {
  const layers = data.layers
    .filter(({ macs, bytes }) => macs > 0 && bytes > 0)
    .map((layer) => ({
      ...layer,
      intensity: layer.macs / layer.bytes,
      cost: sum(layer.pj) / layer.macs,
    }));
  if (layers.length === 0) return nothing('No layer multiplies.');
  const intensities = layers.map(({ intensity }) => intensity);
  const [left, right] = [0.7 * Math.min(...intensities), 1.4 * Math.max(...intensities)];
  const { macPj, bytePj } = data;
  const curve = Array.from({ length: 60 }, (_, i) => {
    const x = left * (right / left) ** (i / 59);
    return { x, y: macPj + bytePj / x };
  });
  const costs = [...layers.map(({ cost }) => cost), ...curve.map(({ y }) => y), macPj];
  const y: [number, number] = [0.7 * Math.min(...costs), 1.4 * Math.max(...costs)];
  const x: [number, number] = [left, right];
  return plot({
    width,
    height: Math.round(Math.min(440, Math.max(300, width * 0.5))),
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 40,
    style,
    x: {
      type: 'log',
      domain: x,
      label: 'MACs per byte moved',
      ticks: ticksOf(x),
      tickFormat: String,
    },
    y: { type: 'log', domain: y, label: 'pJ per MAC', ticks: ticksOf(y), tickFormat: String },
    symbol: {
      domain: ['convolution', 'depthwise', 'fully connected'],
      range: ['circle', 'triangle', 'square'],
      legend: true,
    },
    marks: [
      gridX({ strokeOpacity: 0.08 }),
      gridY({ strokeOpacity: 0.08 }),
      ruleY([macPj], { stroke: 'var(--macs)', strokeWidth: 1.75 }),
      line(curve, {
        x: 'x',
        y: 'y',
        stroke: 'currentColor',
        strokeOpacity: 0.5,
        strokeDasharray: '5 4',
      }),
      dot(layers, {
        x: 'intensity',
        y: 'cost',
        symbol: 'kind',
        r: (layer: { pj: readonly number[] }) => sum(layer.pj),
        fill: 'var(--weights)',
        fillOpacity: 0.75,
        stroke: 'var(--ink)',
        strokeWidth: 0.75,
      }),
      tip(layers, {
        ...pointer({ x: 'intensity', y: 'cost', title: titleOf, maxRadius: 30 }),
        ...tipStyle,
      }),
    ],
    r: { range: [3, 14] },
  });
}

/** The arena: addresses upwards, layers to the right. */
export function drawMemory(data: ChartData, width: number): Element {
  const maps = data.maps.map((map) => ({
    ...map,
    from: Math.max(-0.5, map.first - 0.5),
    to: Math.min(data.layers.length - 0.5, map.last + 0.5),
    low: map.offset / 1000,
    high: (map.offset + map.bytes) / 1000,
    title: `${map.id}\n${(map.bytes / 1000).toFixed(1)} kB at ${map.offset}\nlayers ${Math.max(0, map.first)} to ${Math.min(map.last, data.layers.length - 1)}`,
  }));
  if (maps.length === 0) return nothing('The plan of the memory is not known.');
  return plot({
    width,
    height: Math.round(Math.min(340, Math.max(220, width * 0.35))),
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 38,
    style,
    x: { label: 'layer', domain: [-0.5, data.layers.length - 0.5], ticks: width < 600 ? 5 : 10 },
    y: { label: 'kB', domain: [0, data.arenaBytes / 1000], grid: true },
    marks: [
      rect(maps, {
        x1: 'from',
        x2: 'to',
        y1: 'low',
        y2: 'high',
        fill: 'var(--outputs)',
        fillOpacity: 0.35,
        stroke: 'var(--ink)',
        strokeWidth: 0.75,
      }),
      ruleY([data.arenaBytes / 1000], { stroke: 'currentColor', strokeDasharray: '4 3' }),
      tip(maps, {
        ...pointer({
          x: (map: { from: number; to: number }) => (map.from + map.to) / 2,
          y: (map: { low: number; high: number }) => (map.low + map.high) / 2,
          title: 'title',
        }),
        ...tipStyle,
      }),
    ],
  });
}

function titleOf(layer: ChartLayer): string {
  const shares = causes
    .map((cause, i) => [cause, layer.pj[i]!] as const)
    .filter(([, pj]) => pj > 0)
    .map(([cause, pj]) => `${cause}: ${formatEnergy(pj)}`);
  return [layer.title, ...shares].join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
