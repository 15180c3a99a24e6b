import type { BenchReport } from './bench.ts';
import type { Path } from './instructions.ts';

/** A kernel on a shape, in the plot. */
export interface PlotPoint {
  readonly path: Path;
  /** MACs for each byte of operands and weights. */
  readonly intensity: number;
  /** 10^9 MACs a second. */
  readonly rate: number;
  readonly isPick: boolean;
  /** What is said about it, in lines. */
  readonly title: string;
}

/** What the plot in a report's page shows. */
export interface PlotData {
  readonly points: readonly PlotPoint[];
  /** GMAC/s. */
  readonly paths: readonly { readonly path: Path; readonly rate: number }[];
  /** GB/s. */
  readonly loads: readonly number[];
}

export function plotData({ rows, ceilings }: BenchReport): PlotData {
  const points = rows.flatMap((row): PlotPoint[] => {
    const { path, timing, macs, bytes, shape, kernel, networks, isPick, share } = row;
    // The plot counts MACs; additions are others.
    if (path === undefined || path === 'addI16' || timing === undefined) return [];
    const rate = row.macsPerSecond / 1e9;
    const title = [
      `${shape}${isPick ? ' *' : ''}`,
      kernel,
      `${rate.toFixed(1)} GMAC/s, ${(100 * share).toFixed(0)} % of ${row.roof.by === 'path' ? path : 'load'}`,
      networks.join(', '),
    ].join('\n');
    return [{ path, intensity: macs / bytes, rate, isPick, title }];
  });
  return {
    points,
    paths: ceilings.paths
      .filter(({ path }) => path !== 'addI16')
      .map(({ path, macsPerSecond }) => ({ path, rate: macsPerSecond / 1e9 })),
    loads: ceilings.loads.map(({ bytesPerSecond }) => bytesPerSecond / 1e9),
  };
}

type Point = readonly [x: number, y: number];
type Line = readonly [Point, Point];

/** The plot's lines and the room that it needs, in MACs per byte and GMAC/s. */
export interface Roofline {
  readonly x: Point;
  readonly y: Point;
  /** From where the fastest load no longer holds a path back. */
  readonly roofs: readonly { readonly path: Path; readonly line: Line }[];
  /** Rates that loads allow, up to the highest path. */
  readonly loads: readonly Line[];
}

export function roofline({ points, paths, loads }: PlotData): Roofline {
  const highest = Math.max(...paths.map(({ rate }) => rate));
  const lowest = Math.min(...paths.map(({ rate }) => rate));
  const fastest = Math.max(...loads);
  const slowest = Math.min(...loads);
  const intensities = points.map(({ intensity }) => intensity);
  const rates = points.map(({ rate }) => rate);
  const left = 0.7 * Math.min(...intensities, lowest / fastest);
  const right = 1.4 * Math.max(...intensities, highest / slowest);
  const bottom = 0.7 * Math.min(...rates, lowest / 5);
  // A kernel that needs fewer products than the formula has is above its ceiling.
  const top = 1.3 * Math.max(...rates, highest);
  return {
    x: [left, right],
    y: [bottom, top],
    roofs: paths.map(({ path, rate }) => ({
      path,
      line: [
        [rate / fastest, rate],
        [right, rate],
      ],
    })),
    loads: loads.map((load): Line => {
      const start = Math.max(left, bottom / load);
      return [
        [start, start * load],
        [highest / load, highest],
      ];
    }),
  };
}
