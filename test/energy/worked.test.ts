import { describe, expect, test } from 'vitest';
import type { EnergyOptions } from '../../src/energy/assumptions.ts';
import { energyOf } from '../../src/energy/report.ts';
import { hasShared, readShared } from '../shared.ts';
import { allTernary, networks, tallyOf } from './networkLayers.ts';

const text = hasShared ? new TextDecoder().decode(readShared('reference/energy.md')) : '';

/** Rows of the tables whose first cell names a network. */
const rows = text
  .split('\n')
  .filter((line) => /^\| (MicroBotNet|sketch|MobileNetV1|KWS)/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').replaceAll(',', '').trim()),
  );

function tally(label: string) {
  const width = /x(0\.\d+)/.exec(label)?.[1]?.replace('.', '_');
  if (label.includes('TTQ')) {
    const files = networks().ternaryCheckpoints;
    const file = Object.keys(files).find((name) => name.startsWith(`microbotnet_x${width}/`))!;
    return tallyOf(`microbotnet_x${width}`, files[file]);
  }
  if (label.includes('ternary')) return tallyOf('sketch_991k', allTernary('sketch_991k'));
  const names: Readonly<Record<string, string>> = {
    sketch_991k: 'sketch_991k',
    MobileNetV1: 'mobilenet_v1_0_25_32',
    KWS: 'mlperf_kws_dscnn',
  };
  return tallyOf(names[label.split(' ')[0]!] ?? `microbotnet_x${width}`);
}

const zeros = (label: string): EnergyOptions['zeros'] =>
  label.includes('zeros added') ? 'added' : 'skipped';

describe.skipIf(!hasShared)('the worked tables of the reference', () => {
  const priced = rows.filter((row) => row.length === 12);
  // Of the parameters: three for the compulsory model, `auto` for the two others.
  const memories = ['auto', 'sram:100KB', 'sram:1MB', 'auto', 'auto'];

  test.each(priced.map((row, i) => [`${row[0]}, ${row[1]}, ${row[3]}`, row, i] as const))(
    '%s',
    (_, row, i) => {
      const [label, reuse, parameters, , , ...columns] = row;
      const options = { reuse: reuse as 'ideal', zeros: zeros(label!) };
      const maps = energyOf(tally(label!), options);
      // The parameters' memory is that of the block, the maps' always as large as they need.
      const report = energyOf(tally(label!), { ...options, memory: memories[Math.floor(i / 10)] });
      expect(report.bytes.parameterBytes).toBe(Number(parameters));
      const { inputs: read, partialSums, outputs: written } = maps.energyPj;
      const parts = [
        ...[report.energyPj.macs, report.energyPj.otherOps, report.energyPj.weights],
        ...[read, partialSums, written],
      ];
      const nanojoules = [...parts, parts.reduce((sum, pj) => sum + pj, 0)].map((pj) =>
        Number((pj / 1000).toFixed(1)),
      );
      expect(nanojoules).toEqual(columns.map(Number));
    },
  );

  test.each(rows.filter((row) => row.length === 4))('%s: low %s, nominal %s, high %s', (...row) => {
    const [label, ...expected] = row;
    const { energyPj } = energyOf(tally(label!), { zeros: zeros(label!) });
    const { low, total, high } = energyPj;
    expect([low, total, high].map((pj) => (pj / 1000).toFixed(1))).toEqual(expected);
  });

  test.each(rows.filter((row) => row.length === 8))('counts of %s', (...row) => {
    const [label, nominal, nonZero, added, parameters, inputs, outputs, most] = row;
    const network = tally(label!);
    const { macs, bytes, layers } = energyOf(network, { zeros: zeros(label!) });
    const ternary = layers.filter((layer) => layer.macs.ternary > 0).map((layer) => layer.macs);
    const kind = zeros(label!) === 'skipped' ? 'nonZero' : 'nominal';
    expect(ternary.reduce((sum, one) => sum + one[kind], 0)).toBe(Number(added));
    expect(macs.nominal).toBe(Number(nominal));
    if (zeros(label!) === 'skipped') expect(macs.nonZero).toBe(Number(nonZero));
    expect(bytes.parameterBytes).toBe(Number(parameters));
    expect(bytes.inputs.home).toBe(Number(inputs));
    expect(bytes.outputs.home).toBe(Number(outputs));
    expect(network.activationBytes).toBe(Number(most));
  });
});
