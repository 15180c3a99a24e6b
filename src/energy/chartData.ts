import { formatRange } from './format.ts';
import { causes } from './price.ts';
import type { EnergyReport, LayerEnergy, MapInMemory } from './report.ts';
import { movedBytes, operands } from './traffic.ts';

/** A layer as the charts show it. */
export interface ChartLayer {
  readonly name: string;
  /** What is said of it when it is pointed at. */
  readonly title: string;
  /** Picojoules, in the order of `causes`. */
  readonly pj: readonly number[];
  readonly macs: number;
  readonly bytes: number;
  readonly kind: LayerKind;
}

export type LayerKind = 'convolution' | 'depthwise' | 'fully connected' | 'none';

export interface ChartData {
  readonly layers: readonly ChartLayer[];
  readonly maps: readonly MapInMemory[];
  readonly arenaBytes: number;
  /** Picojoules of the arithmetic of a MAC, and of a byte that is moved, in the mean. */
  readonly macPj: number;
  readonly bytePj: number;
}

export function chartData(report: EnergyReport): ChartData {
  const layers = report.layers.map(chartLayer);
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes, 0);
  const { energyPj, macs } = report;
  const moved = operands.reduce((sum, operand) => sum + energyPj[operand], 0);
  return {
    layers,
    maps: report.maps,
    arenaBytes: report.bytes.activationBytes,
    macPj: macs.nominal > 0 ? energyPj.macs / macs.nominal : 0,
    bytePj: bytes > 0 ? moved / bytes : 0,
  };
}

function chartLayer(layer: LayerEnergy): ChartLayer {
  const { name, op, macs, energyPj, kernel } = layer;
  const bytes = operands.reduce((sum, operand) => sum + movedBytes(layer.bytes[operand]), 0);
  const { low, total: nominal, high } = energyPj;
  const title = [
    `${name} (${op})`,
    formatRange({ low, nominal, high }),
    ...(macs.nominal > 0 ? [`${macs.nominal.toLocaleString('en-US')} MACs`] : []),
    `${Math.round(bytes).toLocaleString('en-US')} bytes moved`,
    ...(kernel === null ? [] : [kernel]),
  ].join('\n');
  const pj = causes.map((cause) => Number(energyPj[cause].toPrecision(5)));
  return { name, title, pj, macs: macs.nominal, bytes: Math.round(bytes), kind: kindOf(layer) };
}

function kindOf({ op, kernel, macs }: LayerEnergy): LayerKind {
  if (macs.nominal === 0) return 'none';
  if (kernel?.startsWith('depthwise')) return 'depthwise';
  return /^(FullyConnected|MatMul)/.test(op) ? 'fully connected' : 'convolution';
}
