import type { Counts } from '../ops/operator.ts';
import type { Assumptions } from './assumptions.ts';
import { binarySize, type Needs } from './memory.ts';
import { describeNode } from './node.ts';
import { unpriced } from './price.ts';
import { largestSram } from './sram.ts';

/** What has to be known to read the figures, in sentences. */
export function notesOn(
  { node, table, memory, scaling }: Assumptions,
  needs: Needs,
  operations: Counts,
  uncounted: number,
): string[] {
  const notes = ['Modelled: what dedicated hardware would spend, not what this machine does.'];
  const sources = table.sources.map(({ text, standing }) => `${text} (${standing})`);
  notes.push(`Prices: ${sources.join('; ')}.`);
  if (scaling.arithmetic.nominal !== 1) {
    const factor = scaling.arithmetic.nominal.toPrecision(3);
    notes.push(
      `Scaled from ${describeNode(table.node!)} to ${describeNode(node!)} by ${factor} (Stillmaker and Baas): optimistic, since the fits are of gates and not of wires. SRAM is scaled likewise, and its bounds reach to no scaling; DRAM is not scaled.`,
    );
  }
  const { parameterBytes, activationBytes } = needs;
  const most = Math.max(parameterBytes, activationBytes);
  if (memory.kind === 'sram' && most > memory.bytes) {
    notes.push(
      `A what-if: a memory of ${binarySize(memory.bytes)} does not hold ${binarySize(most)}.`,
    );
  }
  if (memory.kind === 'sram' && memory.bytes > largestSram) {
    notes.push('An SRAM above 1 MB is extrapolated.');
  }
  const listed = unpriced.filter((kind) => (operations[kind] ?? 0) > 0);
  if (listed.length > 0 && table.node !== undefined) {
    const counts = listed.map((kind) => `${operations[kind]!.toLocaleString('en-US')} ${kind}`);
    notes.push(`Counted but not priced, since no table has a figure: ${counts.join(', ')}.`);
  }
  if (uncounted > 0) {
    notes.push(
      uncounted === 1
        ? '1 node could not be counted and is not in the sums.'
        : `${uncounted} nodes could not be counted and are not in the sums.`,
    );
  }
  return notes;
}
