import { basename } from 'node:path';
import { charts } from '../../build/energyPage.generated.ts';
import { type Compared, latencyOf, nominalPj, paretoFront } from '../energy/compare.ts';
import { comparePage } from '../energy/comparePage.ts';
import { dataSize, formatRange } from '../energy/format.ts';
import { ModelError } from '../errors.ts';
import { type EnergyReport, type Model, profile } from '../index.ts';
import { type EnergyFlags, energyOptions } from './energyCommand.ts';
import { type EvalFlags, evaluateOn } from './evalCommand.ts';
import { loadModel, writeFiles } from './files.ts';
import { describeMachine, machineFacts } from './machine.ts';
import { columns, count, milliseconds, percent, print } from './report.ts';

export interface CompareFlags extends Omit<EnergyFlags, 'budget' | 'maxMacs'>, EvalFlags {
  readonly data?: string;
  readonly runs: number;
}

export async function compareCommand(paths: readonly string[], flags: CompareFlags) {
  const models: Compared[] = [];
  let assumptions = '';
  let machine = '';
  for (const path of paths) {
    const model = await loadNamed(path);
    const scored =
      flags.data === undefined ? undefined : await evaluateOn(model, flags.data, flags);
    const own = scored && scored.n > 0 ? scored.top1 / scored.n : undefined;
    const options = await energyOptions(path, flags);
    // Where no answer is right there is no energy of a right one.
    const report = model.energy(
      own === undefined ? options : { ...options, accuracy: own || undefined },
    );
    models.push(await compared(path, model, report, flags.runs, own, scored?.n));
    assumptions = `node ${report.node}; table ${report.table}; reuse ${report.reuse}; memory ${flags.memory ?? 'auto'}`;
    machine = describeMachine(await machineFacts(model.binary));
    model.dispose();
  }
  if (flags.html !== undefined) {
    const date = new Date().toISOString().slice(0, 10);
    const page = comparePage(models, { assumptions, machine, date }, charts);
    await writeFiles([{ path: flags.html, bytes: new TextEncoder().encode(page) }]);
  }
  if (flags.json) {
    const names = (front: readonly Compared[]) => front.map(({ model }) => model);
    const pareto = {
      energy: names(paretoFront(models, nominalPj)),
      latency: names(paretoFront(models, latencyOf)),
    };
    print({ assumptions, machine, models, pareto });
    return;
  }
  print(table(models));
  print(`\nenergy: modelled, ${assumptions}\nlatency: measured, ${machine}`);
  print('* no other model is as accurate for less, or more accurate for as much');
}

/** Loads one of several models: its faults say whose they are. */
async function loadNamed(path: string): Promise<Model> {
  try {
    return await loadModel(path);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(
      error.faults.map((fault) => ({ ...fault, where: `${basename(path)}: ${fault.where}` })),
    );
  }
}

async function compared(
  path: string,
  model: Model,
  report: EnergyReport,
  runs: number,
  scored: number | undefined,
  samples: number | undefined,
): Promise<Compared> {
  const { plan } = model;
  const { runMs, runSpread } = await profile(model, { runs });
  const { low, total: nominal, high } = report.energyPj;
  return {
    model: basename(path),
    accuracy: scored ?? report.accuracy,
    samples: samples ?? null,
    macs: plan.macs,
    params: plan.params,
    weightBytes: plan.weightBytes,
    arenaBytes: plan.arenaBytes,
    energyPj: { low, nominal, high },
    pjPerCorrect: report.pjPerCorrect,
    latencyMs: runMs,
    latencySpread: runSpread,
  };
}

function table(models: readonly Compared[]): string {
  const energy = new Set(paretoFront(models, nominalPj));
  const latency = new Set(paretoFront(models, latencyOf));
  const rows = models.map((model) => [
    model.model,
    model.accuracy === null ? '?' : percent(model.accuracy),
    count(model.macs),
    count(model.params),
    dataSize(model.weightBytes),
    dataSize(model.arenaBytes),
    formatRange(model.energyPj),
    energy.has(model) ? '*' : '',
    model.pjPerCorrect === null ? '?' : formatRange(model.pjPerCorrect),
    milliseconds(model.latencyMs),
    latency.has(model) ? '*' : '',
  ]);
  const head = [
    ...['model', 'accuracy', 'MACs', 'parameters', 'weights', 'maps'],
    ...['energy', '', 'per right answer', 'latency', ''],
  ];
  return columns([head, ...rows], '<>>>>>><>><');
}
