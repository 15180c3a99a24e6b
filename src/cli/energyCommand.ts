import { basename } from 'node:path';
import { charts } from '../../build/energyPage.generated.ts';
import { type Breach, breachesOf, parseCount, parseEnergy } from '../energy/budget.ts';
import { describeBasis, formatEnergy, formatRange, nodeLabel } from '../energy/format.ts';
import { energyPage } from '../energy/page.ts';
import { ModelError, RunError } from '../errors.ts';
import {
  countedBytes,
  type EnergyOptions,
  type EnergyReport,
  type Measured,
  type Model,
  measureEnergy,
} from '../index.ts';
import { knownAccuracy } from './accuracy.ts';
import { describeReport, layerTable, traffic } from './energyTable.ts';
import { loadModel, readBytes, writeFiles } from './files.ts';
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
  readonly html?: string;
  readonly measure?: boolean;
  readonly json?: boolean;
}

/** The exit code where a budget is broken. */
const brokenBudget = 2;
/** Layers that are named then. */
const namedLayers = 5;

export async function energyCommand(path: string, flags: EnergyFlags) {
  const budget = {
    energyPj: flags.budget === undefined ? undefined : parseEnergy(flags.budget),
    macs: flags.maxMacs === undefined ? undefined : parseCount(flags.maxMacs),
  };
  const options = await energyOptions(path, flags);
  const { model, priced, costs } = await priceModel(path);
  const report = priced(options);
  const measured = flags.measure ? await measuredOn(model) : undefined;
  const lines = measured === undefined ? [] : describeMeasured(measured);
  if (flags.html !== undefined) await writePage(flags.html, report, priced, options, lines);
  const breaches = breachesOf(report, budget);
  if (flags.json) print(measured === undefined ? report : { ...report, measured });
  else {
    print(`${path}: ${costs}\n`);
    print(layerTable(report));
    print(`\n${traffic(report)}`);
    print(`\n${describeReport(report)}`);
    if (lines.length > 0) print(`\n${lines.join('\n')}`);
  }
  for (const breach of breaches) {
    process.stderr.write(`microjoule: over budget: ${describeBreach(breach, report)}\n`);
    process.exitCode = brokenBudget;
  }
  const hasBudget = budget.energyPj !== undefined || budget.macs !== undefined;
  if (hasBudget && breaches.length === 0 && report.uncounted.length > 0) throw unknown(report);
}

/** What is left out might break a budget: it is neither kept nor broken. */
function unknown({ uncounted }: EnergyReport): RunError {
  const nodes = uncounted.slice(0, namedLayers).map(nodeLabel);
  if (uncounted.length > namedLayers) nodes.push(`and ${uncounted.length - namedLayers} more`);
  return new RunError({
    where: 'budget',
    got: `nodes that could not be counted: ${nodes.join(', ')}`,
    expected: 'a model that is counted as a whole',
    advice: 'replace these operators, or state the shapes of their results in the file',
  });
}

/** The largest layers by name, the rest by number: in logs of others' builds a line has to do. */
function describeBreach({ limit, most, is, layers }: Breach, report: EnergyReport): string {
  const { low, high } = report.energyPj;
  const value = limit === 'macs' ? (n: number) => `${count(n)} MACs` : formatEnergy;
  const found = limit === 'macs' ? value(is) : formatRange({ low, nominal: is, high });
  const names = layers.slice(0, namedLayers).map((one) => `${one.name} (${value(one.value)})`);
  if (layers.length > namedLayers) names.push(`and ${layers.length - namedLayers} more`);
  const basis = limit === 'macs' ? '' : `; ${describeBasis(report)}`;
  return `${found}, at most ${value(most)} allowed; largest: ${names.join(', ')}${basis}`;
}

/** Prices of a model under any assumptions. */
type Priced = (options: EnergyOptions) => EnergyReport;

/** A model that cannot run here is counted as far as the file says. */
async function priceModel(path: string): Promise<{ model?: Model; priced: Priced; costs: string }> {
  try {
    const model = await loadModel(path);
    return { model, priced: (options) => model.energy(options), costs: describeCosts(model) };
  } catch (error) {
    if (!(error instanceof ModelError) || /^https?:/.test(path)) throw error;
    const bytes = await readBytes(path);
    const priced = await countedBytes(bytes, { name: basename(path) }).catch(() => {
      throw error;
    });
    const { macs } = priced({});
    return { priced, costs: `${count(macs.nominal)} MACs counted; it cannot run here` };
  }
}

/**
 * The options of the library.
 * @param path of the model, beside which a manifest may know its accuracy
 */
export async function energyOptions(path: string, flags: EnergyFlags): Promise<EnergyOptions> {
  const { node, memory, reuse, zeros } = flags;
  const accuracy = flags.accuracy ?? (await knownAccuracy(path));
  return { node, memory, reuse, zeros, accuracy, table: await tableOf(flags.table) };
}

async function measuredOn(model: Model | undefined): Promise<Measured | { readonly why: string }> {
  return model === undefined ? { why: 'the model cannot run here' } : measureEnergy(model);
}

/** What a meter says stands apart from what the model says. */
function describeMeasured(measured: Measured | { readonly why: string }): string[] {
  if ('why' in measured) return [`Not measured: ${measured.why}.`];
  const { joules, low, high, idleWatts, activeWatts, runs, method } = measured;
  const pj = { low: 1e12 * low, nominal: 1e12 * joules, high: 1e12 * high };
  return [
    `Measured: ${formatRange(pj)} a run on this machine, over ${count(runs)} runs.`,
    `${activeWatts.toFixed(1)} W at work, ${idleWatts.toFixed(1)} W at rest. ${method}.`,
  ];
}

/** The page has the other reuse models, and the flat price, beside what was asked for. */
async function writePage(
  path: string,
  report: EnergyReport,
  priced: Priced,
  options: EnergyOptions,
  measured: readonly string[],
): Promise<void> {
  const others = (['ideal', 'tiled', 'none'] as const)
    .filter((reuse) => reuse !== report.reuse && report.table !== 'flat')
    .map((reuse) => priced({ ...options, reuse }));
  if (report.table !== 'flat') others.push(priced({ table: 'flat' }));
  const date = new Date().toISOString().slice(0, 10);
  const page = energyPage(report, { others, measured, date }, charts);
  await writeFiles([{ path, bytes: new TextEncoder().encode(page) }]);
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
