import { dataSize } from '../energy/format.ts';
import type { Model } from '../index.ts';

/** Lines of columns, each as wide as its widest cell; `>` aligns to the right, `<` to the left. */
export function columns(rows: readonly (readonly string[])[], alignment: string): string {
  const widths = [...alignment].map((_, c) => Math.max(...rows.map((row) => row[c]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, c) =>
          alignment[c] === '>' ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** 1234567 as 1,234,567 */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(3) : value.toFixed(1)} ms`;
}

/** A duration in microseconds, without the unit. */
export function micros(ms: number): string {
  const value = 1000 * ms;
  return value.toLocaleString('en-US', {
    minimumFractionDigits: value < 100 ? 2 : value < 1000 ? 1 : 0,
    maximumFractionDigits: value < 100 ? 2 : value < 1000 ? 1 : 0,
  });
}

/** A rate in units of 10^9 a second, without the unit; nothing where it is 0. */
export function giga(perSecond: number): string {
  return perSecond > 0 ? (perSecond / 1e9).toFixed(1) : '';
}

/** A model's cost, as JSON has it. */
export function costs({ plan }: Model) {
  const { format, macs, params, weightBytes, arenaBytes } = plan;
  return { format, macs, params, weightBytes, arenaBytes };
}

/** The same in a line. */
export function describeCosts(model: Model): string {
  const { macs, params, weightBytes, arenaBytes } = model.plan;
  return [
    `${count(macs)} MACs`,
    `${count(params)} parameters`,
    `${dataSize(weightBytes)} of weights`,
    `${dataSize(arenaBytes)} peak memory of activations`,
  ].join(', ');
}

/** What weights take in the file and in memory, ternary ones apart. */
export function describeWeights({ plan }: Model): string {
  const { weightBytes, packedBytes } = plan;
  const all = `weights ${dataSize(weightBytes)} in the file, ${dataSize(packedBytes)} packed for the kernels`;
  const { layers, weights, fileBits, packedBits } = ternaryCosts(plan);
  if (layers === 0) return all;
  const each = (bits: number): string => (bits / weights).toFixed(2);
  return [
    all,
    `ternary ${count(layers)} layers of ${count(weights)} weights: ${each(fileBits)} bits each in the file, ${each(packedBits)} in memory with biases and scales`,
  ].join('\n');
}

/** Of all ternary layers together. */
function ternaryCosts({ steps }: Model['plan']) {
  const costs = { layers: 0, weights: 0, fileBits: 0, packedBits: 0 };
  let [isTernary, packedBytes] = [false, 0];
  // A layer may take several steps, of which the last knows its weights.
  for (const step of steps) {
    isTernary ||= step.isTernary;
    packedBytes += step.packedBytes;
    if (step.weights === undefined && isTernary) continue;
    if (isTernary && step.weights !== undefined) {
      costs.layers++;
      costs.weights += step.weights.count;
      costs.fileBits += step.weights.count * step.weights.bits;
      costs.packedBits += 8 * packedBytes;
    }
    [isTernary, packedBytes] = [false, 0];
  }
  return costs;
}

/** Prints what a command has to say, for people or for programs. */
export function print(text: string | object): void {
  process.stdout.write(`${typeof text === 'string' ? text : JSON.stringify(text, null, 2)}\n`);
}
