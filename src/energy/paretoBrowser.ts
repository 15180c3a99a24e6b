import { dot, gridX, gridY, line, plot, pointer, tip } from '@observablehq/plot';
import { margins, namesOf, nothing, shorten, style, tipStyle } from './chartPartsBrowser.ts';
import { type Compared, nominalPj, paretoFront } from './compare.ts';
import { formatRange, unitOf } from './format.ts';

/** Accuracy over a cost, and the models that no other beats. */
export function drawPareto(
  models: readonly Compared[],
  label: string,
  costOf: (model: Compared) => number,
  width: number,
): Element {
  const isEnergy = costOf === nominalPj;
  const known = models.filter(({ accuracy }) => accuracy !== null);
  if (known.length === 0) return nothing('No accuracy is known.');
  const front = new Set(paretoFront(models, costOf));
  // The names of the best come first.
  known.sort((a, b) => Number(front.has(b)) - Number(front.has(a)));
  const costs = known.map(costOf);
  const [size, unit] = isEnergy ? unitOf(Math.min(...costs)) : [1, label];
  const points = known.map((model) => ({
    model,
    x: costOf(model) / size,
    low: isEnergy ? model.energyPj.low / size : costOf(model) * (1 - model.latencySpread / 2),
    high: isEnergy ? model.energyPj.high / size : costOf(model) * (1 + model.latencySpread / 2),
    y: 100 * model.accuracy!,
    // A diamond of a circle's area is higher.
    radius: front.has(model) ? 6 : 10,
    isFront: front.has(model),
    name: shorten(model.model.replace(/\.(onnx|tflite)$/, ''), width < 600 ? 22 : 44),
    title: titleOf(model),
  }));
  const ys = points.map(({ y }) => y);
  const margin = Math.max(0.5, 0.2 * (Math.max(...ys) - Math.min(...ys)));
  const best = points.filter(({ isFront }) => isFront).sort((a, b) => a.x - b.x);
  const left = 0.7 * Math.min(...points.map(({ low }) => low));
  const right = 1.6 * Math.max(...points.map(({ high }) => high));
  const low = Math.max(0, Math.min(...ys) - margin);
  const high = Math.min(100, Math.max(...ys) + margin);
  const height = Math.round(Math.min(400, Math.max(280, width * 0.45)));
  const frame = { width, height, x: [left, right], y: [low, high], yType: 'linear' } as const;
  return plot({
    width,
    height,
    ...margins,
    style,
    x: {
      type: 'log',
      domain: [left, right],
      label: isEnergy ? `${label}, ${unit}` : label,
      tickFormat: '~g',
    },
    y: {
      domain: [low, high],
      label: 'accuracy, %',
    },
    marks: [
      gridX({ strokeOpacity: 0.08 }),
      gridY({ strokeOpacity: 0.08 }),
      line(best, {
        x: 'x',
        y: 'y',
        curve: 'step-after',
        stroke: 'var(--outputs)',
        strokeWidth: 1.75,
      }),
      ...points.map(({ low, high, y }) =>
        line(
          [
            [low, y],
            [high, y],
          ],
          { stroke: 'currentColor', strokeOpacity: 0.45 },
        ),
      ),
      dot(points, {
        x: 'x',
        y: 'y',
        r: 6,
        symbol: (point: { isFront: boolean }) => (point.isFront ? 'circle' : 'diamond'),
        fill: (point: { isFront: boolean }) => (point.isFront ? 'var(--outputs)' : 'var(--paper)'),
        stroke: 'var(--ink)',
      }),
      ...namesOf(points, frame),
      tip(points, { ...pointer({ x: 'x', y: 'y', title: 'title', maxRadius: 30 }), ...tipStyle }),
    ],
  });
}

function titleOf({ model, accuracy, samples, macs, energyPj, latencyMs }: Compared): string {
  const of = samples === null ? '' : ` of ${samples.toLocaleString('en-US')}`;
  return [
    model,
    `${(100 * accuracy!).toFixed(2)} %${of}`,
    `${macs.toLocaleString('en-US')} MACs`,
    `${formatRange(energyPj)} modelled`,
    `${latencyMs.toPrecision(3)} ms measured`,
  ].join('\n');
}
