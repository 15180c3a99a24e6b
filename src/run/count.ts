import type { EnergyOptions } from '../energy/assumptions.ts';
import { type EnergyReport, energyOf, type Uncounted } from '../energy/report.ts';
import { tallyPlan } from '../energy/tally.ts';
import type { ImportOptions } from '../formats/importOptions.ts';
import { readModel } from '../formats/table.ts';
import { optimize } from '../passes/pipeline.ts';
import { makePlan, type PlanOptions } from '../plan/plan.ts';
import { findMachine } from './machine.ts';

export interface CountOptions extends PlanOptions, Pick<ImportOptions, 'inputs'> {
  /** What messages call the model. */
  readonly name?: string | undefined;
}

/**
 * Counts what a forward pass does, from the bytes of a TFLite or an ONNX file that need not be runnable
 * here: nodes that cannot be counted are listed as `uncounted`, and what stands behind them is counted
 * where the file states its shapes.
 * @returns what `energy` is to a loaded model: prices under any assumptions
 * @throws ModelError where the file is broken
 * @throws PlanError where it does not fit the limits
 */
export async function countedBytes(
  bytes: Uint8Array,
  options: CountOptions = {},
): Promise<(options?: EnergyOptions) => EnergyReport> {
  const { name = 'the model', inputs, maxMemoryBytes } = options;
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const uncounted: Uncounted[] = [];
  const read = await readModel(plain, name, { gaps: uncounted, ...(inputs && { inputs }) });
  const graph = optimize(read);
  const { dots } = await findMachine();
  const { plan, initial } = makePlan(graph, { dots, maxMemoryBytes });
  const contents = new Map(initial.map(({ address, bytes }) => [address, bytes]));
  const empty = new Uint8Array(0);
  const tally = tallyPlan(name, plan, (address) => contents.get(address) ?? empty);
  return (assumptions = {}) => energyOf({ ...tally, uncounted }, assumptions);
}
