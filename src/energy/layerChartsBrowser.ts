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
  text,
  tip,
} from '@observablehq/plot';
import { causeNames } from './causeNames.ts';
import type { ChartData, ChartLayer } from './chartData.ts';
import {
  halo,
  margins,
  namesOf,
  nothing,
  shorten,
  style,
  textWidth,
  ticksOf,
  tipStyle,
  widen,
} from './chartPartsBrowser.ts';
import { formatEnergy, unitOf } from './format.ts';
import { causes } from './price.ts';

/** A bar for each layer that costs something, cut by cause. */
export function drawLayers(data: ChartData, width: number): Element {
  const layers = data.layers
    .map((layer, index) => ({ ...layer, index, total: sum(layer.pj) }))
    .filter(({ total }) => total > 0);
  if (layers.length === 0) return nothing('No layer has a price.');
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
  const most = isNarrow ? 19 : 34;
  const nameOf = (index: number): string => shorten(data.layers[index]!.name, most);
  const longest = Math.max(...layers.map(({ index }) => textWidth(nameOf(index))));
  const ticks = isNarrow ? 4 : 8;
  const marginLeft = 14 + Math.ceil(longest);
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
      tickFormat: nameOf,
    },
    marks: [
      gridX({ strokeOpacity: 0.1, ticks }),
      axisX({ anchor: 'top', ticks, label: unit, labelOffset: 34 }),
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

/** Names beside the layers that cost the most. */
const namedLayers = 4;
const symbols = ['convolution', 'depthwise', 'fully connected'];

/** Each layer that multiplies: how many MACs a byte serves, and what a MAC then costs. */
export function drawMacs(data: ChartData, width: number): Element {
  const layers = data.layers
    .filter(({ macs, bytes }) => macs > 0 && bytes > 0)
    .map((layer) => ({ ...layer, total: sum(layer.pj) }))
    .sort((a, b) => b.total - a.total)
    .map((layer, i, [largest]) => ({
      ...layer,
      x: layer.macs / layer.bytes,
      y: layer.total / layer.macs,
      radius: 3 + 11 * Math.sqrt(layer.total / largest!.total),
      name: i < namedLayers ? shorten(layer.name, 24) : '',
    }));
  if (layers.length === 0) return nothing('No layer multiplies.');
  const { macPj, bytePj } = data;
  const rangeOf = (values: readonly number[]) =>
    widen([0.7 * Math.min(...values), 1.4 * Math.max(...values)]);
  const x = rangeOf(layers.map((layer) => layer.x));
  const curve = Array.from({ length: 60 }, (_, i) => {
    const at = x[0] * (x[1] / x[0]) ** (i / 59);
    return { x: at, y: macPj + bytePj / at };
  });
  const y = rangeOf([...layers, ...curve, { y: macPj }].map((point) => point.y));
  const height = Math.round(Math.min(440, Math.max(300, width * 0.5)));
  const frame = { width, height, x, y, yType: 'log' } as const;
  const grid = { strokeOpacity: 0.08 };
  return plot({
    width,
    height,
    ...margins,
    style,
    x: {
      ...{ type: 'log', domain: x, label: 'MACs per byte moved' },
      ...{ ticks: ticksOf(x), tickFormat: String },
    },
    y: { type: 'log', domain: y, label: 'pJ per MAC', ticks: ticksOf(y), tickFormat: String },
    r: { type: 'identity' },
    symbol: { domain: symbols, range: ['circle', 'triangle', 'square'], legend: true },
    marks: [
      gridX({ ...grid, ticks: ticksOf(x) }),
      gridY({ ...grid, ticks: ticksOf(y) }),
      ruleY([macPj], { stroke: 'var(--macs)', strokeWidth: 1.75 }),
      line(curve, {
        ...{ x: 'x', y: 'y', stroke: 'currentColor', strokeOpacity: 0.5, strokeDasharray: '5 4' },
      }),
      text([{ x: x[1], y: macPj }], {
        ...{ x: 'x', y: 'y', text: () => 'arithmetic alone', dy: 11, textAnchor: 'end', ...halo },
      }),
      dot(layers, {
        ...{ x: 'x', y: 'y', symbol: 'kind', r: 'radius' },
        ...{ fill: 'var(--quiet)', fillOpacity: 0.45, stroke: 'var(--ink)', strokeWidth: 0.9 },
      }),
      ...namesOf(layers, frame),
      tip(layers, { ...pointer({ x: 'x', y: 'y', title: titleOf, maxRadius: 30 }), ...tipStyle }),
    ],
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
  if (maps.length === 0 || data.layers.length === 0)
    return nothing('The plan of the memory is not known.');
  return plot({
    width,
    height: Math.round(Math.min(340, Math.max(220, width * 0.35))),
    marginLeft: 48,
    marginRight: 16,
    marginBottom: 38,
    style,
    x: {
      label: 'layer',
      domain: [-0.5, data.layers.length - 0.5],
      ticks: Math.min(data.layers.length, width < 600 ? 5 : 10),
      tickFormat: (layer: number) => (Number.isInteger(layer) ? String(layer) : ''),
    },
    y: { label: 'kB', domain: [0, data.arenaBytes / 1000], grid: true },
    marks: [
      rect(maps, {
        x1: 'from',
        x2: 'to',
        y1: 'low',
        y2: 'high',
        fill: 'var(--bar)',
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
    .map(([cause, pj]) => `${causeNames[cause]}: ${formatEnergy(pj)}`);
  return [layer.title, ...shares].join('\n');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
