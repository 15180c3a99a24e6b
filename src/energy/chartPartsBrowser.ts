import { text } from '@observablehq/plot';
import { placeLabels } from './placeLabels.ts';

/** What the charts of the pages share. */
export const style = { fontSize: '12px', background: 'none', overflow: 'visible' };
export const tipStyle = { fill: 'var(--paper)', lineHeight: 1.3 } as const;

export const margins = { marginLeft: 48, marginRight: 20, marginTop: 28, marginBottom: 40 };
/** Of text, so that lines behind it do not strike it through. */
export const halo = { fill: 'currentColor', stroke: 'var(--paper)', strokeWidth: 4 } as const;

/** A mark of a chart, in its units, with a radius in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Empty where it is not to be named. */
  readonly name: string;
}

/** A chart with these margins whose x is logarithmic. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly yType: 'log' | 'linear';
}

/** The names of marks, beside them; those first in the list have the first choice. */
export function namesOf(points: readonly Point[], { width, height, x, y, yType }: Frame) {
  const { marginLeft, marginRight, marginTop, marginBottom } = margins;
  const yOf = yType === 'log' ? Math.log : (value: number) => value;
  const share = (value: number, from: number, to: number): number => (value - from) / (to - from);
  const across = (value: number): number =>
    share(Math.log(value), Math.log(x[0]), Math.log(x[1])) * (width - marginLeft - marginRight);
  const up = (value: number): number =>
    share(yOf(value), yOf(y[0]), yOf(y[1])) * (height - marginTop - marginBottom);
  const places = placeLabels(
    points.map((point) => ({
      x: marginLeft + across(point.x),
      y: height - marginBottom - up(point.y),
      radius: point.radius,
      width: textWidth(point.name),
    })),
    { left: 0, right: width },
  );
  return points.flatMap((point, i) => {
    const place = places[i];
    if (place === undefined || point.name === '') return [];
    const at = { textAnchor: place.anchor, dy: place.dy };
    return [text([point], { x: 'x', y: 'y', text: 'name', ...at, ...halo })];
  });
}

const context = document.createElement('canvas').getContext('2d')!;
context.font = `${style.fontSize} system-ui, sans-serif`;

/** Pixels, in the charts' font. */
export function textWidth(line: string): number {
  return context.measureText(line).width;
}

/** In place of a chart. */
export function nothing(text: string): Element {
  const paragraph = document.createElement('p');
  paragraph.className = 'note';
  paragraph.textContent = text;
  return paragraph;
}

/** The ends of a name tell more than its middle. */
export function shorten(name: string, most: number): string {
  if (name.length <= most) return name;
  const tail = Math.ceil((most - 1) * 0.65);
  return `${name.slice(0, most - 1 - tail)}…${name.slice(-tail)}`;
}

/** 1, 2, 5, 10, 20, ... and 0.5, 0.2, ... in the domain; 1, 10, ... where these are too many. */
export function ticksOf([low, high]: readonly [number, number]): number[] {
  const powers = Array.from({ length: 16 }, (_, i) => i - 6);
  const series = (firsts: readonly number[]): number[] =>
    powers
      .flatMap((power) => firsts.map((first) => Number(`${first}e${power}`)))
      .filter((value) => value >= low && value <= high);
  const all = series([1, 2, 5]);
  return all.length > 8 ? series([1]) : all;
}

/** At least a power of ten, around the same middle. */
export function widen([low, high]: readonly [number, number]): [number, number] {
  const factor = Math.max(1, Math.sqrt((10 * low) / high));
  return [low / factor, high * factor];
}
