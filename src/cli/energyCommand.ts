import { breachesOf, parseCount, parseEnergy } from '../energy/budget.ts';
import { formatEnergy } from '../energy/format.ts';
import { RunError } from '../errors.ts';
import type { EnergyOptions, EnergyReport, Model } from '../index.ts';
import { knownAccuracy } from './accuracy.ts';
import { describeReport, layerTable, traffic } from './energyTable.ts';
import { loadModel, readBytes } from './files.ts';
import { count, describeCosts, print } from './report.ts';

export interface EnergyFlags {
  readonly node?: string;
  readonly table?: string;
  readonly memory?: string;
  readonly reuse?: 'ideal' | 'none' | 'tiled';
  readonly zeros?: 'skipped' | 'added';
  readonly accuracy?: number;
  readonly budget?: string;
  readonly maxMacs?: string;
  readonly json?: boolean;
}

/** The exit code where a budget is broken. */
const brokenBudget = 2;

export async function energyCommand(path: string, flags: EnergyFlags) {
  const budget = {
    energyPj: flags.budget === undefined ? undefined : parseEnergy(flags.budget),
    macs: flags.maxMacs === undefined ? undefined : parseCount(flags.maxMacs),
  };
  const model = await loadModel(path);
  const report = await reportOn(path, model, flags);
  const breaches = breachesOf(report, budget);
  if (flags.json) print(report);
  else {
    print(`${path}: ${describeCosts(model)}\n`);
    print(layerTable(report));
    print(`\n${traffic(report)}`);
    print(`\n${describeReport(report)}`);
  }
  for (const { limit, most, is, layers } of breaches) {
    const value = limit === 'macs' ? (n: number) => `${count(n)} MACs` : formatEnergy;
    const names = layers.map((layer) => `${layer.name} (${value(layer.value)})`);
    process.stderr.write(
      `microjoule: over budget: ${value(is)}, at most ${value(most)} allowed; largest: ${names.join(', ')}\n`,
    );
    process.exitCode = brokenBudget;
  }
}

/** @param path of the model, beside which a manifest may know its accuracy */
export async function reportOn(
  path: string,
  model: Model,
  flags: EnergyFlags,
): Promise<EnergyReport> {
  return model.energy({
    ...(await energyOptions(flags)),
    accuracy: flags.accuracy ?? (await knownAccuracy(path)),
  });
}

/** The options of the library. */
export async function energyOptions(flags: EnergyFlags): Promise<EnergyOptions> {
  const { node, memory, reuse, zeros } = flags;
  return { node, memory, reuse, zeros, table: await tableOf(flags.table) };
}

/** The name of a table, or the content of a file. */
async function tableOf(table: string | undefined): Promise<EnergyOptions['table']> {
  if (table === undefined || !/[./\\]/.test(table)) return table as EnergyOptions['table'];
  const text = new TextDecoder().decode(await readBytes(table));
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw notJson(table, (error as Error).message);
  }
  if (typeof json !== 'object' || json === null) throw notJson(table, JSON.stringify(json));
  return json;
}

function notJson(where: string, got: string): RunError {
  return new RunError({
    where,
    got: got.split('\n')[0]!,
    expected: 'a cost table as JSON',
    advice: 'docs/energy-model.md has an example',
  });
}
